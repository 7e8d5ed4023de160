"""Common Transfer Files: many pupils, flat memory, and what is refused."""

import tracemalloc
from collections.abc import Iterator
from io import BytesIO, RawIOBase
from typing import BinaryIO, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from connectors.parsing import limits
from connectors.ports import Unreadable
from connectors.schools.ctf.attendance import year_group_in_words
from connectors.schools.ctf.reader import read_ctf
from schemas.records.message import SourceMessage
from tests.support.messages.ctf import AContact, APupil, AYear, ctf
from tests.support.reading import ctf as read
from tests.support.reading import outcomes, received, the_message, the_refusal

FULL = APupil(
    contacts=(AContact(telephone="07700 900100"),),
    attendance=(AYear(marks="/\\", marks_from="2026-09-03"),),
    sen=(("2026-01-05", "K"),),
    languages=(("F", "Polish"),),
)
TWO = ctf(FULL, APupil(upn="Y999200116021", forename="Nell"))
BOMB = b'<!DOCTYPE CTfile [<!ENTITY a "ha">]><CTfile>&a;</CTfile>'
CANARY = "Zebediah-Canary"


def test_each_pupil_is_a_message_in_file_order():
    """With its index and a version from the header."""
    first, second = received(read, TWO)

    assert (first.index, second.index) == (0, 1)
    assert first.outcome.message_id != second.outcome.message_id
    assert first.outcome.version.at == "2026-09-14T07:30:00.000000Z"


def test_raw_is_a_small_file_with_that_pupil():
    """Read again it gives the same message."""
    for one in received(read, TWO):
        assert the_message(read, one.raw()) == one.outcome


def test_same_file_gives_the_same_message_ids_and_a_later_one_others():
    """Redelivery is recognised, news is not mistaken for it."""
    ids = [message.message_id for message in outcomes(read, TWO)]
    respaced = TWO.replace(b"\n\t", b"\n  ")

    assert [message.message_id for message in outcomes(read, respaced)] == ids
    later = outcomes(read, TWO.replace(b"T07:30:00", b"T07:30:01"))
    assert not {message.message_id for message in later} & set(ids)


def test_one_bad_pupil_does_not_stop_the_others():
    """It parks at its place."""
    text = ctf(APupil(), APupil(born="never"), APupil(upn="Y999200116021"))

    kinds = [type(outcome) for outcome in outcomes(read, text)]

    assert kinds == [SourceMessage, Unreadable, SourceMessage]


def test_file_without_a_pupil_is_refused():
    """Somebody should look at it: otherwise nobody hears that it was taken in."""
    (refused,) = received(read, ctf())

    assert refused.outcome == Unreadable("Pupil", "missing")
    assert [again.outcome for again in received(read, refused.raw())] == [refused.outcome]


def test_file_that_breaks_off_keeps_the_pupils_before():
    """And ends with one refusal."""
    *pupils, last = outcomes(read, TWO[: TWO.rindex(b"</Pupil>")])

    assert [type(pupil) for pupil in pupils] == [SourceMessage]
    assert last == Unreadable("CTfile", "not-xml")


def test_oversized_pupil_parks_alone():
    """The others stand."""
    big = APupil(extra=(("Notes", "n" * limits.CTF_PUPIL_BYTES),))

    first, second, third = outcomes(read, ctf(APupil(), big, APupil(upn="Y999200116021")))

    assert second == Unreadable("Pupil", "too-large")
    assert isinstance(first, SourceMessage)
    assert isinstance(third, SourceMessage)


def test_pupil_of_too_many_or_too_deep_elements_parks():
    """Whatever its size."""
    many = TWO.replace(b"<Forename>Nell</Forename>", b"<N/>" * (limits.CTF_PUPIL_ELEMENTS + 1))
    deep = TWO.replace(b"<Forename>Nell</Forename>", b"<N>" * 70 + b"</N>" * 70)

    assert outcomes(read, many)[1] == Unreadable("Pupil", "too-many-elements")
    assert outcomes(read, deep)[1] == Unreadable("Pupil", "too-deep")


@pytest.mark.parametrize(
    ("text", "field", "reason"),
    [
        (b"", "CTfile", "empty"),
        (b"  \n", "CTfile", "empty"),
        (b"UPN,Surname\n", "CTfile", "not-xml"),
        (BOMB, "CTfile", "doctype-forbidden"),
        (b"<Bundle/>", "CTfile", "wrong-root"),
        (b"<CTfile/>", "Header", "missing"),
        (b"<CTfile><CTFpupilData><Pupil/></CTFpupilData></CTfile>", "Header", "missing"),
        (ctf(FULL, at=None), "Header/DateTime", "missing"),
        (ctf(FULL, at="14 September 2026"), "Header/DateTime", "not-a-date"),
        (ctf(FULL, at="2026-02-30T00:00:00"), "Header/DateTime", "not-a-date"),
        (ctf(FULL, lea=None), "Header/SourceSchool/LEA", "missing"),
        (ctf(FULL, estab="Brookside"), "Header/SourceSchool/Estab", "not-a-code"),
        (TWO.replace(b"Edie", b"Edi\xe9"), "CTfile", "not-utf-8"),
        (TWO.decode().encode("utf-16"), "CTfile", "encoding-not-read"),
        (TWO.replace(b"UTF-8", b"utf-7", 1), "CTfile", "encoding-not-read"),
    ],
)
def test_what_is_no_transfer_file_parks_once(text: bytes, field: str, reason: str):
    """And the bytes kept show the same again."""
    assert the_refusal(read, text) == (field, reason)

    (one,) = received(read, text)
    assert the_refusal(read, one.raw()) == (field, reason)


def test_byte_order_mark_is_tolerated():
    """Some systems write one."""
    assert outcomes(read, b"\xef\xbb\xbf" + TWO) == outcomes(read, TWO)


class LongFile(RawIOBase):
    """A file of as many pupils as wanted, made while it is read."""

    def __init__(self, pupils: int) -> None:
        head, tail = ctf(FULL).split(b"<Pupil>")
        pupil, tail = tail.split(b"</Pupil>")
        self._parts = self._of(head, b"<Pupil>" + pupil + b"</Pupil>", tail, pupils)

    def _of(self, head: bytes, pupil: bytes, tail: bytes, pupils: int) -> Iterator[bytes]:
        yield head
        for _ in range(pupils):
            yield pupil
        yield tail

    def read(self, _size: int = -1) -> bytes:
        """The next part, whatever the size asked for."""
        return next(self._parts, b"")


def test_memory_does_not_grow_with_the_file():
    """A thousand pupils, a megabyte and a half of file, and only what one pupil needs is held."""
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_ctf(cast("BinaryIO", LongFile(1000)))) == 1000
        held, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert held < 300_000
    assert peak < 500_000


def test_file_beyond_the_limit_stops_there():
    """What came before stands, the rest is refused."""
    received = list(read_ctf(BytesIO(TWO), most_bytes=len(TWO) - 1))

    assert received[-1].outcome == Unreadable("CTfile", "too-large")


def test_no_value_appears_in_a_refusal():
    """Every text in turn is something personal: no refusal repeats it."""
    for number, _ in enumerate(etree.fromstring(TWO).iter()):
        root = etree.fromstring(TWO)
        list(root.iter())[number].text = CANARY
        for outcome in outcomes(read, etree.tostring(root)):
            if isinstance(outcome, Unreadable):
                assert CANARY not in repr(outcome)


@settings(deadline=None, max_examples=150)
@given(at=st.integers(0, 5000), length=st.integers(0, 300), put=st.binary(max_size=40))
def test_mutilated_files_never_raise(at: int, length: int, put: bytes):
    """Whatever is cut out and put in."""
    start = at % len(TWO)

    assert outcomes(read, TWO[:start] + put + TWO[start + length :])


@settings(deadline=None, max_examples=100)
@given(data=st.data())
def test_rearranged_files_never_raise(data: st.DataObject):
    """Well-formed nonsense: elements dropped, doubled and given other texts."""
    root = etree.fromstring(TWO)
    for _ in range(data.draw(st.integers(1, 6))):
        elements = list(root.iter())[1:]
        if not elements:
            break
        victim = elements[data.draw(st.integers(0, len(elements) - 1))]
        match data.draw(st.sampled_from(("drop", "double", "set"))):
            case "drop":
                victim.getparent().remove(victim)
            case "double":
                victim.addnext(victim.__deepcopy__({}))
            case _:
                victim.text = data.draw(st.text("0129-:/TZ ab", max_size=12))

    outcomes(read, etree.tostring(root))


def test_year_group_of_any_number_of_digits_is_a_year_or_none():
    """Python refuses to read a number of thousands of them."""
    assert [year_group_in_words(year) for year in ("07", "13", "9" * 5000)] == [
        "Year 7",
        "Year 13",
        None,
    ]

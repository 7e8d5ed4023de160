"""XML in the encodings in which it is sent: what the guard checked is what is read."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.parsing.safe_xml import SafeTextGuard, safe_text
from connectors.ports import Unreadable
from schemas.errors import UnreadableMessageError
from schemas.records.message import SourceMessage
from tests.support.checkout import ROOT
from tests.support.messages.ctf import APupil, ctf
from tests.support.messages.nems import APerson
from tests.support.messages.nems_messages import professional_contact
from tests.support.reading import ctf as read_ctf
from tests.support.reading import nems, outcomes, the_message, the_refusal

SHARED = ROOT.parent / "shared" / "cases"
ACCENTED = "Zoë Brontë’s"
ENCODINGS = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "windows-1252", "iso-8859-1")
PUPIL = ctf(APupil(surname="Bront\xeb"))
CONTACT = professional_contact(APerson(family="Bront\xeb"))


def declared(encoding: str) -> str:
    """A document that says in what it is written."""
    name = encoding.replace("-le", "").replace("-be", "")
    return f'<?xml version="1.0" encoding="{name}"?>\n<a>{ACCENTED}</a>'


def written(text: str, encoding: str) -> bytes:
    """The bytes; windows-1252 is what is meant by its subset."""
    return text.encode("cp1252" if encoding == "iso-8859-1" else encoding)


def in_chunks(data: bytes, size: int) -> Iterator[bytes]:
    """The bytes a few at a time."""
    return (data[at : at + size] for at in range(0, len(data), size))


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 10_000])
def test_text_is_read_in_the_encoding_that_it_names(encoding: str, size: int):
    """However it is cut into pieces."""
    guard = SafeTextGuard(field="x")

    read = [guard.check(chunk) for chunk in in_chunks(written(declared(encoding), encoding), size)]

    assert ACCENTED in (b"".join(read) + guard.end()).decode()


@pytest.mark.parametrize("encoding", ["utf-7", "utf-32", "ebcdic-cp-us", "x-user-defined"])
def test_no_other_encoding_is_read(encoding: str):
    """Each is another way to write a DOCTYPE."""
    text = f'<?xml version="1.0" encoding="{encoding}"?><a/>'.encode()

    with pytest.raises(UnreadableMessageError) as refused:
        safe_text(text, field="x")

    assert refused.value.reason == "encoding-not-read"


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("size", [1, 5, 10_000])
def test_a_doctype_is_found_in_each(encoding: str, size: int):
    """Whatever stands before it, and wherever the pieces are cut."""
    text = declared(encoding).replace("<a>", "<!DOCTYPE a><a>")
    guard = SafeTextGuard(field="x")
    chunks = in_chunks(written(text, encoding), size)

    with pytest.raises(UnreadableMessageError) as refused:
        list(map(guard.check, chunks))

    assert refused.value.reason == "doctype-forbidden"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'<?xml version="1.0" encoding="utf-16"?><a/>', "encoding-not-read"),
        (declared("utf-8").encode("utf-16"), "encoding-not-read"),
        (
            b'\xef\xbb\xbf<?xml version="1.0" encoding="windows-1252"?><a/>',
            "encoding-not-read",
        ),
        (declared("windows-1252").encode("cp1252") + b"\x81", "not-in-its-encoding"),
        (declared("utf-16").encode("utf-16")[:-1], "not-in-its-encoding"),
        (declared("utf-16").encode("utf-16") + b"\x00\xd8<\x00", "not-in-its-encoding"),
        (b'<?xml version="1.0"' + b" " * 2000 + b'encoding="utf-7"?><a/>', "encoding-not-read"),
    ],
)
def test_what_is_not_in_its_encoding_is_refused(data: bytes, reason: str):
    """Bytes and declaration have to say the same."""
    with pytest.raises(UnreadableMessageError) as refused:
        safe_text(data, field="x")

    assert refused.value.reason == reason


_TEXTS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="<")


@given(text=st.text(alphabet=_TEXTS))
def test_utf_16_gives_what_utf_8_gives(text: str):
    """Byte for byte, mark or none."""
    document = f"<a>{text}</a>"
    expected = safe_text(document.encode(), field="x")

    for encoding in ("utf-16-le", "utf-16-be"):
        read = safe_text(document.encode(encoding), field="x")
        assert read == expected.decode().replace("\ufeff", "").encode()


@pytest.mark.parametrize("encoding", ENCODINGS[1:])
def test_files_of_both_agencies_say_the_same_in_each(encoding: str):
    """A pupil and a health message, by their own readers."""
    name = encoding.replace("-le", "").replace("-be", "")
    pupil, contact = (
        written(text.decode().replace("UTF-8", name, 1), encoding) for text in (PUPIL, CONTACT)
    )

    assert [_said(one) for one in outcomes(read_ctf, pupil)] == [
        _said(one) for one in outcomes(read_ctf, PUPIL)
    ]
    assert the_message(nems, contact).records == the_message(nems, CONTACT).records
    assert "Bront\xeb" in repr([s.demographics.family_name for s in _subjects(pupil)])


def _said(outcome: SourceMessage | Unreadable) -> object:
    assert isinstance(outcome, SourceMessage), outcome
    return outcome.records, outcome.message_id


def _subjects(data: bytes) -> list[object]:
    (outcome,) = outcomes(read_ctf, data)
    assert isinstance(outcome, SourceMessage)
    return list(outcome.subjects)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared cases are not here")
def test_the_shared_files_are_refused_and_read():
    """A DOCTYPE behind 72 kilobytes of declaration, in UTF-7; a file of a school in UTF-16."""
    hidden = (SHARED / "security" / "ctf-utf7-doctype.xml").read_bytes()
    wide = (SHARED / "schools" / "22-ctf-utf16.xml").read_bytes()

    assert the_refusal(read_ctf, hidden) == ("CTfile", "encoding-not-read")
    assert isinstance(outcomes(read_ctf, wide)[0], SourceMessage)

"""Class lists as files: encodings, line ends, what is refused, what comes again."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.parsing import limits
from connectors.ports import Received, Unreadable
from connectors.schools.class_list.headers import COLUMNS
from connectors.schools.class_list.reader import read_class_list
from connectors.schools.files import read_schools
from schemas.publishing import CLASS_LIST_TEMPLATE, PUBLISHED
from schemas.records.message import SourceMessage
from schemas.records.payloads import FactStatus, PersonDetails, Relationship
from tests.support.reading import SAMPLES, payloads

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
HEADER = b"CHILD_FIRST_NAME,CHILD_LAST_NAME,CHILD_DATE_OF_BIRTH,CHILD_NHS_NUMBER\n"
EDIE = b"Edie,Marlow,2014-03-05,999 000 0018\n"
NELL = b"Nell,Marlow,05/03/2014,9990000026\n"
LIST = HEADER + EDIE + NELL


def read(data: bytes, at: datetime = AT) -> list[Received]:
    """Everything that is found."""
    return list(read_schools(BytesIO(data), received_at=at))


def ids(data: bytes, at: datetime = AT) -> list[str | None]:
    """The ids of the messages."""
    return [one.outcome.message_id for one in read(data, at)]


def test_rows_that_come_again_are_known_by_their_ids_whatever_stands_around_them():
    """Another order of rows or columns, spaces, a mark at the beginning, other line ends."""
    first = ids(LIST)

    assert len(set(first)) == 2
    assert ids(HEADER + NELL + EDIE) == first[::-1]
    assert ids(b"\xef\xbb\xbf" + LIST.replace(b"\n", b"\r\n")) == first
    assert ids(LIST.replace(b"Edie,", b'" Edie ",').lower().replace(b"edie", b"Edie"))[:1] != first
    assert ids(LIST.replace(b"Edie,", b'" Edie ",')) == first


def test_a_row_that_is_there_twice_is_one_message():
    """So the second is a duplicate."""
    first, second = read(HEADER + EDIE + EDIE)

    assert first.outcome.message_id == second.outcome.message_id


def test_of_a_child_who_is_there_twice_the_later_row_holds():
    """Both came at once, so the row decides, however they are delivered."""
    first, second = (one.outcome for one in read(HEADER + EDIE + EDIE.replace(b"Edie", b"Eddie")))

    assert first.records[0].source_id == second.records[0].source_id
    assert first.version.sort_key < second.version.sort_key


def test_the_same_row_another_day_is_news():
    """A school may go back to what it said before."""
    later = AT + timedelta(days=1)

    assert not set(ids(LIST)) & set(ids(LIST, later))
    assert read(LIST, later)[0].outcome.version.at == "2026-11-21T09:30:00.000000Z"


def test_raw_reads_again_as_the_same_row_at_its_place():
    """Held back or parked, it can be replayed, and is told by the number it had."""
    data = HEADER + b",,,\n" + EDIE + b'"' + NELL + b"Otto,,2014-03-05,\n"

    for one in read(data):
        (again,) = read(one.raw())

        assert again.outcome == one.outcome
        assert (again.index, again.raw()) == (0, one.raw())


def test_accents_as_windows_writes_them_do_not_lose_the_child():
    """What is no UTF-8 is Windows-1252; bytes that mean nothing there park."""
    name = "Zoë"
    good, same, bad = (
        HEADER + text + b",Marlow,2014-03-05,\n"
        for text in (name.encode(), name.encode("cp1252"), b"Zo\x81")
    )

    for data in (good, same):
        (one,) = read(data)
        assert payloads(one.outcome, PersonDetails)[0].given_names == (name,)
    assert ids(good) == ids(same)
    assert [one.outcome for one in read(bad)] == [Unreadable("row[2]", "encoding-unclear")]


@pytest.mark.parametrize(
    ("data", "field", "reason"),
    [
        (b"\n\n", "CTfile", "empty"),
        (b"\n,,\n", "class-list", "empty"),
        (HEADER + b",,\n\n", "class-list", "empty"),
        (b"PK\x03\x04\x00\x00", "class-list", "not-a-workbook"),
        (LIST.decode().encode("utf-16-le"), "class-list", "not-text"),
        (b"\xff\xfe\x00\xd8A\x00", "class-list", "not-text"),
        (b"House,Ethnicity\n", "class-list", "no-known-column"),
        (b"UPN,Surname\n", "class-list/CHILD_FIRST_NAME", "missing"),
        (b'CHILD_FIRST_NAME"",CHILD_"\n', "class-list/CHILD_LAST_NAME", "missing"),
        (b'"CHILD_FIRST_NAME\n', "class-list", "not-csv"),
    ],
)
def test_what_is_no_class_list_parks_once(data: bytes, field: str, reason: str):
    """And the bytes kept show the same again."""
    (one,) = read(data)

    assert one.outcome == Unreadable(field, reason)
    assert [again.outcome for again in read(one.raw())] == [one.outcome]


def test_a_long_header_that_is_refused_is_kept_whole():
    """Also where the stream gives a little at a time."""
    header = b"Nothing of ours," * 300 + b"CHILD_FIRST_NAME\n"

    (one,) = read(header + EDIE)

    assert one.outcome == Unreadable("class-list/CHILD_LAST_NAME", "missing")
    assert [again.outcome for again in read(one.raw())] == [one.outcome]


def test_a_row_too_long_parks_alone():
    """The others stand."""
    long = b"Otto," + b"x" * (limits.CLASS_LIST_ROW_BYTES + 1) + b",2014-03-05,\n"

    first, second, third = (one.outcome for one in read(HEADER + EDIE + long * 1 + NELL))

    assert second == Unreadable("row[3]", "too-large")
    assert isinstance(first, SourceMessage)
    assert isinstance(third, SourceMessage)


def test_a_file_too_long_stops_there():
    """What came before stands."""
    found = list(read_class_list(BytesIO(LIST), received_at=AT, most_bytes=10))

    assert [one.outcome for one in found] == [Unreadable("class-list", "too-large")]


def test_received_at_must_be_aware():
    """A time without a zone orders nothing."""
    with pytest.raises(ValueError, match="received_at"):
        list(read_class_list(BytesIO(LIST), received_at=datetime(2026, 1, 1)))  # noqa: DTZ001


@settings(deadline=None, max_examples=200)
@given(at=st.integers(0, 300), length=st.integers(0, 60), put=st.binary(max_size=20))
def test_mutilated_lists_never_raise_and_read_again_the_same(at: int, length: int, put: bytes):
    """Whatever is cut out and put in."""
    start = at % len(LIST)

    for one in read(LIST[:start] + put + LIST[start + length :]):
        assert one.outcome in [again.outcome for again in read(one.raw())]


@pytest.mark.parametrize(
    "column",
    [
        *("CHILD_DATE_OF_BIRTH", "CHILD_NHS_NUMBER", "CHILD_POSTCODE"),
        *("PARENT_1_EMAIL", "PARENT_1_PHONE", "PARENT_2_EMAIL", "PARENT_2_PHONE"),
    ],
)
def test_no_value_appears_in_a_refusal(column: str):
    """Something personal stands in the wrong column."""
    row = {
        "CHILD_FIRST_NAME": "Edie",
        "CHILD_LAST_NAME": "Marlow",
        "CHILD_DATE_OF_BIRTH": "2014-03-05",
        column: "Zebediah Canary",
    }

    (one,) = read(f"{','.join(row)}\n{','.join(row.values())}\n".encode())

    said = one.outcome if isinstance(one.outcome, Unreadable) else one.outcome.unused.faults[0]
    assert said.field == f"row[2]/{column}"
    assert "Canary" not in repr((one, one.outcome))


@pytest.mark.parametrize(
    ("name", "readable", "parked"),
    [
        ("class-list-valid.csv", 4, {}),
        ("class-list-duplicates.csv", 3, {}),
        (
            "class-list-invalid_fields.csv",
            12,
            {
                "row[3]/CHILD_LAST_NAME": "missing",
                "row[8]/CHILD_FIRST_NAME": "missing",
                "row[9]/CHILD_DATE_OF_BIRTH": "missing",
                "row[16]/CHILD_DATE_OF_BIRTH": "not-a-date",
            },
        ),
    ],
)
def test_real_samples(name: str, readable: int, parked: dict[str, str]):
    """The lists that a vaccination service tests its own import with."""
    path = SAMPLES / "schools" / name
    if not path.exists():
        pytest.skip("the shared samples are not here")

    outcomes = [one.outcome for one in read(path.read_bytes())]

    kinds = Counter(type(outcome) for outcome in outcomes)
    assert kinds[SourceMessage] == readable
    assert {o.field: o.reason for o in outcomes if isinstance(o, Unreadable)} == parked


@pytest.mark.parametrize(
    ("words", "count"), [("Father", 0), ("Father (deceased)", 0), ("Dad - no contact", 1)]
)
def test_what_a_list_says_of_a_parent_in_other_words_is_counted(words: str, count: int):
    """What no kind of relationship says stays at the school, and there is said to be more."""
    more = f",PARENT_2_NAME,PARENT_2_RELATIONSHIP\nEdie,Marlow,2014-03-05,,Joe Marlow,{words}\n"

    (message,) = (one.outcome for one in read(HEADER.rstrip() + more.encode()))

    assert isinstance(message, SourceMessage)
    assert message.unused.fields == ("class-list/PARENT_2_RELATIONSHIP",) * count
    assert sum(more.count for more in message.unused.more) == count
    (father,) = payloads(message, Relationship)
    assert father.has_died is (words == "Father (deceased)")
    assert (father.status is FactStatus.ENDED) is father.has_died


def test_the_published_template_names_every_column_that_is_read_and_is_read_whole():
    """Its one pupil is invented: whoever fills it in writes over them."""
    data = (PUBLISHED / CLASS_LIST_TEMPLATE).read_bytes()

    (one,) = read(data)

    titles = data.decode().splitlines()[0].split(",")
    other_titles = {"CHILD_PREFERRED_GIVEN_NAME", "CHILD_PREFERRED_FAMILY_NAME", "CHILD_OFF_ROLL"}
    assert set(titles) == set(COLUMNS) - other_titles
    assert isinstance(one.outcome, SourceMessage)
    assert not one.outcome.unused.faults
    assert not one.outcome.unused.fields


@pytest.mark.parametrize(
    ("name", "born", "faults"),
    [
        ("15-semicolons.csv", ["2015-02-01"], []),
        ("16-sims-headers.csv", ["2015-02-01"], []),
        (
            "17-one-optional-cell-loses-the-child.csv",
            ["2015-02-01"] * 5,
            [
                "row[2]/PARENT_1_EMAIL",
                "row[3]/PARENT_1_PHONE",
                "row[4]/CHILD_POSTCODE",
                "row[5]/CHILD_NHS_NUMBER",
                "row[6]/CHILD_POSTCODE",
            ],
        ),
        ("18-excel-dates.csv", ["2015-02-01"] * 4, []),
    ],
)
def test_lists_that_were_refused_are_read(name: str, born: list[str], faults: list[str]):
    """The shared cases: every child is there, and every bad cell is told."""
    path = SAMPLES.parent / "cases" / "schools" / name
    if not path.is_file():
        pytest.skip("the shared cases are not here")

    messages = [one.outcome for one in read(path.read_bytes())]

    assert all(isinstance(message, SourceMessage) for message in messages)
    found = [message for message in messages if isinstance(message, SourceMessage)]
    assert [m.subjects[0].demographics.date_of_birth for m in found] == born
    assert [fault.field for m in found for fault in m.unused.faults] == faults

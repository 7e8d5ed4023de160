"""A children in need census: a poorer second source, read one child and one item at a time."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.parsing import limits
from connectors.ports import Received, Unreadable
from connectors.social_care.census.reader import read_census
from connectors.social_care.files import read_social_care
from schemas.records.message import SourceMessage
from tests.support.builders import NOW
from tests.support.messages.cases import cases_in
from tests.support.messages.cin import HEADER, a_case, a_census_child, an_assessment, census
from tests.support.messages.csc import a_child, csc
from tests.support.reading import SAMPLES
from tests.support.told import told

CASES = dict(cases_in(Path(__file__).parent / "cases", "census.yaml"))
SAMPLE = SAMPLES / "social-care" / "CIN_Census_2026.xml"
COLLECTION = "Header/CollectionDetails/Collection"
CANARY = "Zebediah-Canary"


def read(data: bytes) -> list[Received]:
    """What is found in a file."""
    return list(read_social_care(BytesIO(data), received_at=NOW))


def refusals(found: list[Received]) -> list[str]:
    """Field and reason of what parks."""
    outcomes = [one.outcome for one in found]
    return [f"{o.field}: {o.reason}" for o in outcomes if isinstance(o, Unreadable)]


def messages(found: list[Received]) -> list[SourceMessage]:
    """What is readable."""
    return [one.outcome for one in found if isinstance(one.outcome, SourceMessage)]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_is_told_of_a_child_is_as_the_table_says(case: dict[str, Any]):
    """And each part of it can be read again by itself."""
    found = read(census(f"<Child>{case['child']}</Child>"))

    assert told(messages(found)) == case["left"]
    assert refusals(found) == case.get("refused", [])
    known_by = [i for m in messages(found) for i in m.subjects[0].identifiers if i.is_verified]
    assert [i.scheme.value for i in known_by] == case["known_by"]
    for one in found:
        (again,) = read(one.raw())
        assert again.outcome == one.outcome


def test_json_and_xml_are_told_apart_by_content():
    """Whatever the file is called; a byte order mark and white space hide neither."""
    for text in (census(a_census_child(a_case())), csc(a_child(), la_code=999)):
        for data in (text, b"\xef\xbb\xbf" + text):
            (message,) = messages(read(data))
            assert message.subjects[0].identifiers[0].value == "999/NC-1001"

    assert refusals(read(b"la_child_id;surname")) == ["body: not-json"]


def test_a_child_is_the_same_child_in_both():
    """By the authority's number, so that one finds the other."""
    (first,), (second,) = (
        messages(read(text)) for text in (census(a_census_child()), csc(a_child()))
    )

    assert first.subjects[0].identifiers[0] == second.subjects[0].identifiers[0]
    assert first.records[0].scopes[0] == second.records[0].scopes[0]


def test_the_latest_census_counts():
    """A plan whose beginning was corrected is not there twice."""
    first, second = (
        census(a_census_child(a_case(an_assessment(day))), header=HEADER.replace("05-23", sent))
        for day, sent in (("2025-10-08", "05-23"), ("2025-10-09", "06-01"))
    )

    assert "from 2025-10-09" in " ".join(told([*messages(read(first)), *messages(read(second))]))
    assert "from 2025-10-08" not in " ".join(
        told([*messages(read(second)), *messages(read(first))])
    )


def test_a_year_that_is_not_that_of_the_reference_date_is_told_once():
    """The children come in: neither of the two is used."""
    found = read(census(a_census_child(), header=HEADER.replace("<Year>2026", "<Year>2025")))

    year = "Header/CollectionDetails/Year"
    assert refusals(found) == [f"{year}: contradicts:Header/CollectionDetails/ReferenceDate"]
    assert len(messages(found)) == 1
    assert refusals(read(found[0].raw())) == refusals(found)
    assert refusals(read(found[1].raw())) == []


@pytest.mark.skipif(not SAMPLE.is_file(), reason="the shared samples are not here")
def test_the_published_sample_comes_in_but_for_what_contradicts_itself():
    """Of its first child the assessment alone parks; no identifier of it is relied on."""
    found = read(SAMPLE.read_bytes())

    assert refusals(found) == [
        "Header/CollectionDetails/Year: contradicts:Header/CollectionDetails/ReferenceDate",
        (
            "CINdetails/Assessments/AssessmentAuthorisationDate: "
            "contradicts:CINdetails/Assessments/AssessmentActualStartDate"
        ),
    ]
    known_by = [m.subjects[0].identifiers for m in messages(found)]
    assert [[i.scheme.value for i in ids] for ids in known_by] == [["la-child-id"]] * 2
    assert len(told(messages(found)[:1])) == 9


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"<CTfile/>", "Message: wrong-root"),
        (b"<Message/>", "Header: missing"),
        (b"<Message><Children><Child/></Children></Message>", "Header: missing"),
        (census(header=HEADER.replace("CIN<", "CLA<")), f"{COLLECTION}: not-children-in-need"),
        (census(header=HEADER.replace("<LEA>999</LEA>", "")), "Header/Source/LEA: missing"),
        (census(header=HEADER.replace("999", "Wherewithal")), "Header/Source/LEA: not-a-code"),
        (census(header=HEADER.replace("05-23T", "05-32T")), "Header/Source/DateTime: not-a-date"),
        (census(a_census_child())[:-12], "Message: not-xml"),
        (census(), "Child: missing"),
        (census().replace(b"utf-8", b"utf-16"), "Message: encoding-not-read"),
        (b"<!DOCTYPE Message [<!ENTITY a 'b'>]><Message/>", "Message: doctype-forbidden"),
        (census(a_census_child("<a>" * 80 + "</a>" * 80)), "Child: too-deep"),
        (census(a_census_child("x" * (limits.CENSUS_CHILD_BYTES + 1))), "Child: too-large"),
    ],
)  # fmt: skip
def test_what_is_no_census_parks(data: bytes, refusal: str):
    """With a reason; what is kept shows the same again."""
    found = read(data)

    assert refusals(found)[-1:] == [refusal]
    assert refusals(read(found[-1].raw()))[-1:] in ([refusal], ["Message: not-xml"])


@pytest.mark.parametrize("name", ["refused", "part"])
def test_attributes_of_ours_mean_nothing_in_files_of_others(name: str):
    """What stands in one is no reason that is told, and takes nothing from the child."""
    child = a_census_child(a_case()).replace("<Child>", f'<Child {name}="{CANARY}">')

    found = read(census(child))

    assert told(messages(found)) == told(messages(read(census(a_census_child(a_case())))))
    assert CANARY not in repr([one.outcome for one in found])


def test_memory_does_not_grow_with_the_file():
    """A child is let go of once it is read; a file over the limit ends with a reason."""
    child = a_census_child(a_case(an_assessment())).encode()
    before, after = census().split(b"<Children>\n", 1)
    chunks = (before, b"<Children>", *([child * 50] * 100), after)
    found = list(read_census(iter(chunks), most_bytes=50 * 20 * len(child)))

    assert len(messages(found)) == 50 * 19
    assert refusals(found) == ["Message: too-large"]


@settings(deadline=None, max_examples=150)
@given(at=st.integers(0, 3000), length=st.integers(0, 120), inserted=st.binary(max_size=30))
def test_mutilated_files_never_raise(at: int, length: int, inserted: bytes):
    """Whatever is cut out and put in; and no refusal tells a value."""
    text = census(a_census_child(a_case(an_assessment()), number=CANARY))
    start = at % len(text)

    found = read(text[:start] + inserted + text[start + length :])

    assert CANARY not in repr([one.outcome for one in found])

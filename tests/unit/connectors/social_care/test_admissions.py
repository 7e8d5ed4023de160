"""Councils' lists of school places: what is shown, and what only warrants."""

from datetime import UTC, datetime
from functools import partial

import pytest

from connectors.ports import Unreadable
from connectors.social_care.admissions.mapper import ADMISSIONS_LIST
from connectors.social_care.files import read_social_care
from schemas.records.message import SourceMessage
from schemas.records.payloads import FactStatus, Involvement, Occurrence, Period
from schemas.records.unused import FaultyPart
from schemas.vocabulary import Action, Category, Label, Source
from tests.support.checkout import ROOT
from tests.support.messages.places import LISTS, a_place, places
from tests.support.reading import outcomes, received, the_message, the_refusal

PAGE = ROOT / "deploy/conformance/lists-we-publish.md"
TEMPLATE = ROOT / "schemas/published/admissions-template.csv"


def told(**cells: str) -> SourceMessage:
    """What one row says."""
    return the_message(LISTS, places(a_place(**cells)))


def test_a_row_is_a_place_and_a_mention_of_the_school():
    """The mention is told to nobody: it warrants what the school says itself."""
    message = told()

    (record,) = message.records
    assert record.payload == Occurrence(
        kind=record.payload.kind,
        title="School place taken up",
        period=Period("2026-01-05"),
        agency_name="Brookside Primary School",
        details=(("School number", "999/2001"),),
    )
    assert record.category is Category.EDUCATION
    assert record.labels == {Label.LOCATION}
    (mention,) = message.mentions
    assert mention.payload == Involvement(
        service="School", agency_code="9992001", period=Period("2026-01-05")
    )
    assert (message.source, message.sender) == (Source.SOCIAL_CARE, "999")


@pytest.mark.parametrize(
    ("word", "start", "title", "status"),
    [
        ("Offered", "2026-01-05", "School place offered", FactStatus.PLANNED),
        ("admitted", "2026-01-05", "School place taken up", FactStatus.HOLDS),
        ("allocated", "2026-09-01", "School place taken up", FactStatus.PLANNED),
        ("withdrawn", "2026-01-05", "School place not taken up", FactStatus.NOT_DONE),
    ],
)
def test_what_became_of_it_is_said(word: str, start: str, title: str, status: FactStatus):
    """Only what was taken up is a mention."""
    message = told(ADMISSION_STATUS=word, START_DATE=start)

    (place,) = (record.payload for record in message.records)
    assert isinstance(place, Occurrence)
    assert (place.title, place.status) == (title, status)
    is_there = title == "School place taken up"
    assert (message.mentions[0].action is Action.UPSERT) is is_there


def test_it_is_known_by_the_councils_own_reference():
    """Else by a number, or by who it is: so the next list puts right what this one says."""
    by_reference = told().records[0].source_id
    by_number = told(APPLICATION_REF="").records[0].source_id
    by_name = told(APPLICATION_REF="", NHS_NUMBER="").records[0].source_id

    assert by_reference == "admission/999/ADM-1/9992001/place"
    assert by_number == "admission/999/9990000018/9992001/place"
    assert by_name == told(APPLICATION_REF="", NHS_NUMBER="").records[0].source_id
    assert len({by_reference, by_number, by_name}) == 3


@pytest.mark.parametrize(
    ("cells", "field", "reason"),
    [
        ({"LA_CODE": ""}, "row[2]/LA_CODE", "missing"),
        ({"LA_CODE": "99"}, "row[2]/LA_CODE", "not-a-code"),
        ({"SCHOOL_NUMBER": ""}, "row[2]/SCHOOL_NUMBER", "missing"),
        ({"SCHOOL_NUMBER": "Brookside"}, "row[2]/SCHOOL_NUMBER", "not-a-code"),
        ({"ADMISSION_STATUS": ""}, "row[2]/ADMISSION_STATUS", "missing"),
        ({"ADMISSION_STATUS": "hopes"}, "row[2]/ADMISSION_STATUS", "unknown"),
        ({"DATE_OF_BIRTH": ""}, "row[2]/DATE_OF_BIRTH", "missing"),
        ({"NHS_NUMBER": "", "FAMILY_NAME": ""}, "row[2]/UPN", "missing"),
    ],
)
def test_a_row_that_cannot_be_read_names_row_and_column(
    cells: dict[str, str], field: str, reason: str
):
    """And never what stands there; the rows beside it are read."""
    found = outcomes(LISTS, places(a_place(**cells), a_place()))

    assert isinstance(found[0], Unreadable)
    assert (found[0].field, found[0].reason) == (field, reason)
    assert isinstance(found[1], SourceMessage)


def test_a_cell_without_which_the_child_is_known_costs_itself():
    """And is reported."""
    message = told(NHS_NUMBER="999", START_DATE="soon")

    assert message.unused.faults == (
        FaultyPart("row[2]/NHS_NUMBER", "not-ten-digits"),
        FaultyPart("row[2]/START_DATE", "not-a-date"),
    )


def test_a_list_without_a_column_that_it_needs_names_it():
    """Before any row is read."""
    data = b"ADMISSION_STATUS,LA_CODE\naccepted,999\n"

    assert the_refusal(LISTS, data) == ("admissions-list/DATE_OF_BIRTH", "missing")


def test_a_row_reads_again_as_itself():
    """What waits to be permitted is read from its file, or as it was kept."""
    (one,) = received(LISTS, places(a_place()))
    (again,) = received(LISTS, one.raw())

    assert again.outcome == one.outcome


def test_the_published_template_has_every_column_and_is_read_whole():
    """Its one child is invented: whoever fills it in writes over her. It comes after its AS_AT."""
    data = TEMPLATE.read_bytes()
    came = datetime(2026, 6, 2, 9, 30, tzinfo=UTC)
    message = the_message(partial(read_social_care, received_at=came), data)

    assert set(data.decode().splitlines()[0].split(",")) == set(ADMISSIONS_LIST.columns)
    assert not message.unused.fields
    assert not message.unused.faults


def test_every_column_is_explained():
    """Where whoever fills it in is sent to."""
    told = PAGE.read_text(encoding="utf-8").partition("## A council")[2]

    assert [column for column in ADMISSIONS_LIST.columns if f"`{column}`" not in told] == []

"""Lists of health visitors' contacts, from trusts without a mailbox."""

from datetime import UTC, datetime
from functools import partial

import pytest

from connectors.health_visiting.contact_list.mapper import CONTACT_LIST
from connectors.health_visiting.reader import read_health_visiting
from connectors.ports import MessageReader, Unreadable
from schemas.identifiers import nhs_number_identifier
from schemas.records.message import SourceMessage
from schemas.records.payloads import (
    FactStatus,
    Involvement,
    Occurrence,
    OccurrenceKind,
    Period,
    PersonDetails,
)
from schemas.records.unused import FaultyPart
from tests.support.checkout import ROOT
from tests.support.reading import outcomes, payloads, received, the_message, the_refusal

PAGE = ROOT / "deploy/conformance/lists-we-publish.md"
TEMPLATE = ROOT / "schemas/published/health-visiting-template.csv"
CAME = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
lists: MessageReader = partial(read_health_visiting, received_at=CAME)
ROW = {
    "NHS_NUMBER": "999 000 0018",
    "FAMILY_NAME": "Ashdown",
    "GIVEN_NAMES": "Wren Mary",
    "DATE_OF_BIRTH": "03/05/2026",
    "CONTACT_ID": "HV-1",
    "CONTACT_TYPE": "New birth visit",
    "CONTACT_DATE": "2026-05-13",
    "CONTACT_STATUS": "done",
    "ORGANISATION_CODE": "RY4",
}
VISITOR = {
    "PRACTITIONER_NAME": "Amara Okafor",
    "PRACTITIONER_ID": "HV017",
    "PRACTITIONER_PHONE": "01632 960140",
    "PRACTITIONER_FROM": "2026-05-03",
    "TEAM_NAME": "Northfield team",
}
KEY = "list/RY4/9990000018"


def a_list(*rows: dict[str, str], delimiter: str = ",") -> bytes:
    """A list with a column for each title of any row."""
    titles = list(dict.fromkeys(title for row in rows for title in row))
    lines = [titles, *([row.get(title, "") for title in titles] for row in rows)]
    return "".join(f"{delimiter.join(cells)}\n" for cells in lines).encode()


def told(**more: str) -> SourceMessage:
    """What one row says."""
    return the_message(lists, a_list(ROW | more))


def test_a_row_is_a_child_a_review_and_a_health_visitor():
    """By keys of its organisation, so that the next list puts right what this one says."""
    message = told(**VISITOR)

    found = {record.source_id: record.payload for record in message.records}
    assert found[f"{KEY}/details"] == PersonDetails(
        family_name="Ashdown", given_names=("Wren", "Mary"), date_of_birth="2026-05-03"
    )
    review = found[f"{KEY}/contact/HV-1"]
    assert isinstance(review, Occurrence)
    assert (review.kind, review.title) == (OccurrenceKind.REVIEW, "New birth visit")
    assert dict(review.details) == {"Timeliness": "On time: at 10 days"}
    assert found[f"{KEY}/health-visitor"] == Involvement(
        service="Health visiting service",
        agency_code="RY4",
        team="Northfield team",
        practitioner_name="Amara Okafor",
        practitioner_ref="HV017",
        telephone="01632 960140",
        period=Period("2026-05-03"),
    )
    assert message.sender == "RY4"
    assert message.subjects[0].identifiers == (nhs_number_identifier("9990000018"),)


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("C6i", "2 to 2½ year review"),
        ("6-8 week review", "6 to 8 week review"),
        ("Home visit", "Home visit"),
        ("talked about bruises", "Contact with a health visitor"),
        ("", "Contact with a health visitor"),
    ],
)
def test_a_contact_is_called_by_its_kind_and_never_by_what_was_written(kind: str, title: str):
    """A cell may hold anything."""
    assert payloads(told(CONTACT_TYPE=kind), Occurrence)[0].title == title


@pytest.mark.parametrize(
    ("status", "on", "is_so"),
    [
        ("done", "2026-05-13", FactStatus.HOLDS),
        ("", "2026-05-13", FactStatus.HOLDS),
        ("Planned", "2026-12-13", FactStatus.PLANNED),
        ("DNA", "2026-05-13", FactStatus.NOT_DONE),
        ("cancelled", "2026-05-13", FactStatus.NOT_DONE),
        ("finished", "2026-05-13", FactStatus.HOLDS),
        ("done", "2026-12-13", FactStatus.UNKNOWN),
        ("perhaps", "2026-05-13", FactStatus.UNKNOWN),
    ],
)
def test_whether_it_took_place_is_read_as_everywhere(status: str, on: str, is_so: FactStatus):
    """In words or by FHIR's codes; what nobody knows is no fact."""
    (contact,) = payloads(told(CONTACT_STATUS=status, CONTACT_DATE=on), Occurrence)

    assert contact.status is is_so
    assert contact.not_done is (is_so is FactStatus.NOT_DONE)


def test_a_row_without_a_contact_tells_only_who_the_health_visitor_is():
    """And one without either tells who the child is."""
    neither = {"CONTACT_TYPE": "", "CONTACT_DATE": ""}

    assert len(told(**VISITOR, **neither).records) == 2
    assert [type(r.payload) for r in told(**neither).records] == [PersonDetails]


def test_a_row_is_as_of_when_it_says_or_when_the_list_came():
    """Kept, it says so, and is the same message whenever it is read again."""
    dated = told(AS_AT="2026-11-01")
    (one,) = received(lists, a_list(ROW))
    later: MessageReader = partial(
        read_health_visiting, received_at=datetime(2027, 1, 1, tzinfo=UTC)
    )
    (again,) = received(later, one.raw())

    assert dated.version.at == "2026-11-01T00:00:00.000000Z"
    assert isinstance(one.outcome, SourceMessage)
    assert one.outcome.version.at == "2026-11-20T09:30:00.000000Z"
    assert again.outcome == one.outcome


@pytest.mark.parametrize(
    ("cells", "field", "reason"),
    [
        ({"NHS_NUMBER": ""}, "row[2]/NHS_NUMBER", "missing"),
        ({"NHS_NUMBER": "9990000019"}, "row[2]/NHS_NUMBER", "check-digit"),
        ({"NHS_NUMBER": "999"}, "row[2]/NHS_NUMBER", "not-ten-digits"),
        ({"DATE_OF_BIRTH": "May"}, "row[2]/DATE_OF_BIRTH", "not-a-date"),
        ({"ORGANISATION_CODE": "?"}, "row[2]/ORGANISATION_CODE", "not-a-code"),
        ({"CONTACT_DATE": "2026-05-01"}, "row[2]/CONTACT_DATE", "contradicts:DATE_OF_BIRTH"),
        ({"CONTACT_DATE": "soon"}, "row[2]/CONTACT_DATE", "not-a-date"),
        ({"AS_AT": "soon"}, "row[2]/AS_AT", "not-a-date"),
    ],
)
def test_a_row_that_cannot_be_read_names_row_and_column(
    cells: dict[str, str], field: str, reason: str
):
    """And not what stands there; the rows beside it are read."""
    found = outcomes(lists, a_list(ROW | cells, ROW))

    assert isinstance(found[0], Unreadable)
    assert (found[0].field, found[0].reason) == (field, reason)
    assert isinstance(found[1], SourceMessage)


@pytest.mark.parametrize(
    ("data", "field", "reason"),
    [
        (a_list(), "Bundle", "empty"),
        (b"CONTACT_TYPE\nC2\n", "health-visiting-list/NHS_NUMBER", "missing"),
        (a_list(ROW).split(b"\n")[0], "health-visiting-list", "empty"),
        (
            a_list(ROW | {"CONTACT_ID": "", "contact id": "1"}),
            "health-visiting-list/CONTACT_ID",
            "several-values",
        ),
    ],
)
def test_a_list_that_cannot_be_read_names_the_column(data: bytes, field: str, reason: str):
    """As far as it can be told that it is one."""
    assert the_refusal(lists, data) == (field, reason)


def test_a_cell_that_only_adds_something_costs_itself():
    """It is reported, and so is a column that nobody reads."""
    message = told(**VISITOR | {"PRACTITIONER_PHONE": "ask"}, NOTES="Dog")

    assert message.unused.faults == (
        FaultyPart("row[2]/PRACTITIONER_PHONE", "not-a-telephone-number"),
    )
    assert message.unused.fields == ("health-visiting-list/NOTES",)
    assert payloads(message, Involvement)[0].telephone is None


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_it_is_read_however_a_spreadsheet_saved_it(delimiter: str, encoding: str):
    """As class lists are."""
    written = a_list(ROW | {"GIVEN_NAMES": "Zoë"}, delimiter=delimiter).decode()

    (outcome,) = outcomes(lists, written.encode(encoding))

    assert isinstance(outcome, SourceMessage)
    assert outcome.subjects[0].demographics.given_names == ("Zoë",)


def test_the_published_template_has_every_column_and_is_read_whole():
    """Its one child is invented: whoever fills it in writes over her."""
    data = TEMPLATE.read_bytes()
    message = the_message(lists, data)

    assert set(data.decode().splitlines()[0].split(",")) == set(CONTACT_LIST.columns)
    assert len(message.records) == 3
    assert not message.unused.fields
    assert not message.unused.faults


def test_every_column_is_explained():
    """Where whoever fills it in is sent to."""
    told = PAGE.read_text(encoding="utf-8").partition("## Health visiting")[2].partition("## A ")[0]

    assert [column for column in CONTACT_LIST.columns if f"`{column}`" not in told] == []


def test_a_row_that_is_true_only_later_is_as_of_when_the_list_came():
    """Else it would stand before all that comes until then; by a day clocks may differ."""
    ahead, soon = told(AS_AT="2031-01-01"), told(AS_AT="2026-11-21")

    assert ahead.version.at == "2026-11-20T09:30:00.000000Z"
    assert ahead.unused.faults == (FaultyPart("row[2]/AS_AT", "contradicts"),)
    assert (soon.version.at[:10], soon.unused.faults) == ("2026-11-21", ())

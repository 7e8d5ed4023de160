"""Registrars' lists of births: one fact and a name, nothing of the certificate."""

from datetime import UTC, datetime
from functools import partial

import pytest

from connectors.family_hub.registrations import REGISTRATIONS, read_family_hub
from connectors.ports import MessageReader, Unreadable
from schemas.identifiers import nhs_number_identifier
from schemas.records.message import SourceMessage
from schemas.records.payloads import FactStatus, Occurrence, Period, PersonDetails
from schemas.vocabulary import Action, Category, Label
from tests.support.checkout import ROOT
from tests.support.reading import outcomes, payloads, received, the_message, the_refusal

PAGE = ROOT / "deploy/conformance/lists-we-publish.md"
TEMPLATE = ROOT / "schemas/published/birth-registrations-template.csv"
CAME = datetime(2026, 6, 20, 9, 30, tzinfo=UTC)
lists: MessageReader = partial(read_family_hub, received_at=CAME)
ROW = {
    "LA_CODE": "999",
    "REGISTRATION_DISTRICT": "Northfield",
    "REGISTERED_ON": "2026-06-02",
    "NHS_NUMBER": "999 000 0018",
    "FAMILY_NAME": "Marlow",
    "GIVEN_NAMES": "Edie Rose",
    "DATE_OF_BIRTH": "03/05/2026",
}
KEY = "registration/999/9990000018"


def a_list(*rows: dict[str, str], delimiter: str = ",") -> bytes:
    """A list with a column for each title of any row."""
    titles = list(dict.fromkeys(title for row in rows for title in row))
    lines = [titles, *([row.get(title, "") for title in titles] for row in rows)]
    return "".join(f"{delimiter.join(cells)}\n" for cells in lines).encode()


def told(**more: str) -> SourceMessage:
    """What one row says."""
    return the_message(lists, a_list(ROW | more))


def test_a_row_is_a_name_and_that_it_is_registered():
    """By the number's key, so that a child who is named anew stays one; where is a place."""
    message = told()

    found = {record.source_id: record for record in message.records}
    assert found[f"{KEY}/name"].payload == PersonDetails(
        family_name="Marlow", given_names=("Edie", "Rose"), date_of_birth="2026-05-03"
    )
    entered = found[f"{KEY}/entered"]
    assert isinstance(entered.payload, Occurrence)
    assert (entered.payload.title, entered.payload.period) == (
        "Birth registered",
        Period("2026-06-02"),
    )
    assert entered.payload.details == (("Registration district", "Northfield"),)
    assert entered.labels == {Label.LOCATION}
    assert {record.category for record in message.records} == {Category.IDENTITY_AND_CONTACT}
    assert message.sender == "999"
    assert message.subjects[0].identifiers == (nhs_number_identifier("9990000018"),)


def test_it_makes_nobody_anybodys_own():
    """A mention of nothing says so: a message with one gives its sender no label and no case."""
    (mention,) = told().mentions

    assert (mention.action, mention.payload) == (Action.REMOVE, None)


@pytest.mark.parametrize("status", ["cancelled", "Entered in error"])
def test_an_entry_in_error_takes_both_back(status: str):
    """A row that is left out of the next list would not."""
    records = told(REGISTRATION_STATUS=status).records

    assert {(r.source_id, r.action) for r in records} == {
        (f"{KEY}/name", Action.REMOVE),
        (f"{KEY}/entered", Action.REMOVE),
    }


def test_a_birth_that_nobody_has_registered_yet_is_no_name_and_says_so():
    """Registrars are told of births, and chase those after 42 days; a later row is the same."""
    message = told(REGISTRATION_STATUS="Not registered", REGISTERED_ON="", GIVEN_NAMES="Baby")

    found = {record.source_id: record for record in message.records}
    entered = found[f"{KEY}/entered"].payload
    assert found[f"{KEY}/name"].action is Action.REMOVE
    assert isinstance(entered, Occurrence)
    assert (entered.not_done, entered.status) == (True, FactStatus.NOT_DONE)
    assert found.keys() == {record.source_id for record in told().records}


def test_nothing_of_a_certificate_is_read():
    """Whoever sends it is told which columns are left."""
    beside = {"MOTHER_NAME": "Zephyrine", "ENTRY_NUMBER": "123", "FATHER_OCCUPATION": "Baker"}

    message = told(**beside)

    assert set(message.unused.fields) == {f"birth-registrations/{title}" for title in beside}
    assert "Zephyrine" not in str([record.payload for record in message.records])


@pytest.mark.parametrize("given", ["", "Baby", "Twin One"])
def test_a_child_may_have_no_name_yet(given: str):
    """A birth may be registered without one; a name that stands in for one is marked."""
    message = told(GIVEN_NAMES=given)

    (details,) = payloads(message, PersonDetails)
    assert details.placeholder_name is bool(given)
    assert message.subjects[0].demographics.placeholder_name is bool(given)


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ({"LA_CODE": ""}, "LA_CODE", "missing"),
        ({"LA_CODE": "Northfield"}, "LA_CODE", "not-a-code"),
        ({"REGISTRATION_DISTRICT": ""}, "REGISTRATION_DISTRICT", "missing"),
        ({"REGISTRATION_DISTRICT": "N" * 81}, "REGISTRATION_DISTRICT", "too-long"),
        ({"REGISTERED_ON": ""}, "REGISTERED_ON", "missing"),
        ({"REGISTERED_ON": "June"}, "REGISTERED_ON", "not-a-date"),
        ({"REGISTERED_ON": "2026-05-02"}, "REGISTERED_ON", "contradicts:DATE_OF_BIRTH"),
        ({"REGISTERED_ON": "2026-06-21"}, "REGISTERED_ON", "contradicts:AS_AT"),
        ({"REGISTRATION_STATUS": "perhaps"}, "REGISTRATION_STATUS", "unknown"),
        (
            {"REGISTRATION_STATUS": "not registered"},
            "REGISTERED_ON",
            "contradicts:REGISTRATION_STATUS",
        ),
        ({"DATE_OF_BIRTH": ""}, "DATE_OF_BIRTH", "missing"),
        ({"NHS_NUMBER": ""}, "NHS_NUMBER", "missing"),
        ({"NHS_NUMBER": "999"}, "NHS_NUMBER", "not-ten-digits"),
        ({"NHS_NUMBER": "9990000019"}, "NHS_NUMBER", "check-digit"),
    ],
)
def test_a_row_that_cannot_be_read_names_row_and_column(
    cells: dict[str, str], column: str, reason: str
):
    """And not what stands there; the rows beside it are read."""
    found = outcomes(lists, a_list(ROW | cells, ROW))

    assert isinstance(found[0], Unreadable)
    assert (found[0].field, found[0].reason) == (f"row[2]/{column}", reason)
    assert isinstance(found[1], SourceMessage)


@pytest.mark.parametrize(
    ("data", "field", "reason"),
    [
        (b"", "birth-registrations", "wrong-root"),
        (b"<CTfile/>", "birth-registrations", "wrong-root"),
        (b"NHS_NUMBER\n9990000018\n", "birth-registrations", "wrong-root"),
        (b"REGISTERED_ON\n2026-06-02\n", "birth-registrations/LA_CODE", "missing"),
        (a_list(ROW).split(b"\n")[0], "birth-registrations", "empty"),
        (
            a_list(ROW | {"registered on": "2026-06-03"}),
            "birth-registrations/REGISTERED_ON",
            "several-values",
        ),
    ],
)
def test_a_file_that_is_no_list_names_what_is_wrong(data: bytes, field: str, reason: str):
    """As far as it can be told that it is one."""
    assert the_refusal(lists, data) == (field, reason)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_it_is_read_however_a_spreadsheet_saved_it(delimiter: str, encoding: str):
    """Titles in any capitals, days as Excel counts them, a name with an accent."""
    titles = {title.lower().replace("_", " "): text for title, text in ROW.items()}
    row = titles | {"given names": "Zoë", "registered on": "46175", "date of birth": "3 May 2026"}

    (outcome,) = outcomes(lists, a_list(row, delimiter=delimiter).decode().encode(encoding))

    assert isinstance(outcome, SourceMessage)
    assert outcome.subjects[0].demographics.given_names == ("Zoë",)
    assert payloads(outcome, Occurrence)[0].period == Period("2026-06-02")


def test_a_row_reads_again_as_itself():
    """What waits to be permitted is read from its file, or as it was kept."""
    (one,) = received(lists, a_list(ROW))
    (again,) = received(lists, one.raw())

    assert again.outcome == one.outcome


def test_the_published_template_has_every_column_and_each_is_explained():
    """Its one child is invented: whoever fills it in writes over her."""
    data = TEMPLATE.read_bytes()
    message = the_message(lists, data)
    page = PAGE.read_text(encoding="utf-8").partition("## A registrar")[2].partition("\n## ")[0]

    assert set(data.decode().splitlines()[0].split(",")) == set(REGISTRATIONS.columns)
    assert not message.unused.fields
    assert not message.unused.faults
    assert [column for column in REGISTRATIONS.columns if f"`{column}`" not in page] == []

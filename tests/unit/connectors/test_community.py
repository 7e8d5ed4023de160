"""What a service answers as records and as FHIR, line by line as the published table tells it."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from fhir.resources.R4B import get_fhir_model_class

from connectors.community.mapper import Reported, SaidByService, source_message_from_reported
from schemas.fhir_mapping.connections import connection_from_task, task_from_connection
from schemas.identifiers import PersonId
from schemas.records.payloads import ConnectionReport, ReportedStatus, StoryEntry
from schemas.vocabulary import Action, Category
from tests.support.checkout import ROOT

PAGE = ROOT / "deploy" / "conformance" / "community.md"
CHILD, MOTHER = PersonId("c1" * 16), PersonId("c2" * 16)
AT = datetime(2026, 11, 30, 14, 5, tzinfo=UTC)
_S = ReportedStatus
REPORTED = Reported(
    connection="01932f6e-8d5a-7c31-9e42-5b8f0a6d1c27",
    counter=5,
    at=AT,
    persons=(CHILD, MOTHER),
    service="Feeding friends",
    service_ref="5b0d1c52-6c1e-4f7b-9d6a-2f1f6d0b7a11",
    partner="Northfield Parents Together",
    asked_by="Northfield Family Hub",
    asked_on=date(2026, 11, 27),
    status=_S.DECLINED,
    since=date(2026, 11, 30),
    reason_code="waiting-list",
    words=(SaidByService("A place in spring.", 5, "Coordinator", AT),),
)


def report_of(told: Reported) -> ConnectionReport:
    payload = source_message_from_reported(told).records[0].payload
    assert isinstance(payload, ConnectionReport)
    return payload


def test_a_report_is_one_record_of_all_who_are_named_and_each_word_another():
    """Early help, the first person's; the words a story of the service's own, by role."""
    message = source_message_from_reported(REPORTED)

    report, words = message.records
    assert message.version.sort_key == "2026-11-30T14:05:00.000000Z/000000005"
    assert (report.category, report.subjects) == (Category.EARLY_HELP, (CHILD, MOTHER))
    assert (words.category, words.subjects) == (Category.STORY, (CHILD, MOTHER))
    assert words.payload == StoryEntry(
        "A place in spring.",
        "Northfield Parents Together",
        "Coordinator, Northfield Parents Together",
        "2026-11-30T14:05:00.000000Z",
    )


def test_what_was_entered_in_error_is_taken_back_under_the_same_keys():
    """The report and every word of it."""
    before = source_message_from_reported(REPORTED)

    gone = source_message_from_reported(replace(REPORTED, counter=6, is_in_error=True))

    assert {record.action for record in gone.records} == {Action.REMOVE}
    assert [r.source_id for r in gone.records] == [r.source_id for r in before.records]


@pytest.mark.parametrize(
    ("status", "task", "request_status", "why"),
    [
        (_S.ACCEPTED, "accepted", "active", None),
        (_S.CONTACTED, "in-progress", "active", None),
        (_S.STARTED, "in-progress", "active", None),
        (_S.FINISHED, "completed", "completed", "goals met"),
        (_S.DECLINED, "rejected", "revoked", "waiting list"),
        (_S.LAPSED, "failed", "revoked", "No answer in time"),
        (_S.WITHDRAWN, "cancelled", "revoked", "Withdrawn by the family"),
    ],
)
def test_each_status_has_the_words_of_the_closed_loop(
    status: ReportedStatus, task: str, request_status: str, why: str | None
):
    """Whatever ended without help says why; the page that is published says the same."""
    code = {_S.FINISHED: "goals-met", _S.DECLINED: "waiting-list"}.get(status)
    told = report_of(replace(REPORTED, status=status, reason_code=code))

    written = task_from_connection(told, (CHILD, MOTHER))

    (request,) = written["contained"]
    assert (written["status"], request["status"]) == (task, request_status)
    assert written.get("statusReason", {}).get("text") == why
    assert (written["intent"], request["intent"]) == ("order", "order")
    assert written["code"]["coding"][0]["code"] == "fulfill"
    get_fhir_model_class("Task").model_validate(written)
    assert connection_from_task(written) == told
    assert f"| {status.value} | {task} | {request_status} |" in PAGE.read_text()

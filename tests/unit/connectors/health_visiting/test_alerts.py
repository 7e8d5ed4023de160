"""Safety alerts and the alerts of the national failsafe, as they are told."""

from schemas.records.payloads import Occurrence
from schemas.vocabulary import Action
from tests.support.messages.nems_bundles import (
    CHILD,
    Resource,
    bundle,
    concept,
    encounter,
    observation,
    organisation,
    patient,
    to,
)
from tests.support.reading import nems, record_of, removed, the_message, the_refusal

CONTEXT = (patient(), organisation())


def risk(**more: object) -> Resource:
    """A risk from others, told in words."""
    said = {"code": {"text": "Risk from others"}, "valueString": "A neighbour's dog"}
    return {**observation(), **said, **more, "valueQuantity": None}


def test_a_safety_alert_names_the_risk_and_its_end():
    """What the risk is has to be asked for."""
    text = bundle("CH029", encounter(), risk(effectivePeriod={"end": "2026-09-01"}), *CONTEXT)

    record = record_of(the_message(nems, text), Occurrence)

    assert isinstance(record.payload, Occurrence)
    assert record.payload.title == "Safety alert"
    assert record.payload.details == (
        ("Risk from others", "In words at its source, until 1 September 2026"),
    )
    assert [one.kind.value for one in record.more] == ["note"]


def test_a_safety_alert_in_error_takes_back_what_was_said():
    """And one that says nothing of the child parks, for somebody to ask."""
    new = the_message(nems, bundle("CH029", encounter(), risk(), *CONTEXT))
    in_error = bundle(
        "CH029", encounter(), risk(status="entered-in-error"), *CONTEXT, kind="update"
    )
    of_mother = bundle("CH029", encounter(), risk(subject=to("mother")), *CONTEXT)

    assert removed(the_message(nems, in_error)) == {record_of(new, Occurrence).source_id}
    assert the_refusal(nems, of_mother) == ("Observation", "missing")


def task(**more: object) -> Resource:
    """That a child is to be taken on, by a day."""
    return {
        "resourceType": "Task",
        "id": "task",
        "status": "requested",
        "code": concept("Please add individual to your caseload"),
        "reason": concept("Health visiting service not allocated"),
        "owner": {"display": "Leeds Community Healthcare"},
        "restriction": {"period": {"end": "2026-03-09T10:00:00+00:00"}},
    } | more


def failsafe(number: str, **more: object) -> bytes:
    """An alert of the failsafe about the child."""
    communication = {
        "resourceType": "Communication",
        "id": "focus",
        "status": "completed",
        "subject": to("pat"),
        "sent": "2026-03-02T10:00:00+00:00",
        "payload": [{"contentReference": to("task")}],
    }
    return bundle(number, communication, task(**more), *CONTEXT)


def test_a_failsafe_alert_tells_what_was_asked_of_whom_by_when():
    """As of the day on which it was sent."""
    said = record_of(the_message(nems, failsafe("FM001")), Occurrence).payload

    assert isinstance(said, Occurrence)
    assert (said.title, said.period.start) == (
        "National failsafe alert",
        "2026-03-02T10:00:00+00:00",
    )
    assert said.details == (
        ("Asked for", "Please add individual to your caseload"),
        ("Reason", "Health visiting service not allocated"),
        ("Asked of", "Leeds Community Healthcare"),
        ("To be done by", "9 March 2026"),
    )


def test_a_failsafe_alert_that_is_called_off_says_so():
    """By a message of its own, or by its task; one in error never was."""
    nullified = record_of(the_message(nems, failsafe("FM002", code=None)), Occurrence).payload
    cancelled = record_of(the_message(nems, failsafe("FM001", status="cancelled")), Occurrence)
    never = the_message(nems, failsafe("FM001", status="entered-in-error"))

    assert isinstance(nullified, Occurrence)
    assert isinstance(cancelled.payload, Occurrence)
    assert nullified.title == "National failsafe alert called off"
    assert cancelled.payload.details[-1] == ("Now", "Not to be done")
    assert [r.action for r in never.records if r.payload is None] == [Action.REMOVE]
    assert CHILD in {i.value for s in never.subjects for i in s.identifiers}

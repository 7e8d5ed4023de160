"""Safety alerts, and the alerts of the national failsafe.

A safety alert tells what kind of risk there is and until when; what the risk is was written freely
and stays at its source, so whoever reads of one rings. It is safeguarding, whatever else the
message is. Sources: Digital Child Health (CareConnect, STU3), safety-alerts-1; NHS England, EMS,
national-population-failsafe-alert-1 and -nullify-1.
"""

from collections.abc import Iterator, Sequence

from connectors.health_visiting.clinical.encounters import (
    agency_name_of,
    practitioner_name_of,
    status_of_encounter,
)
from connectors.health_visiting.clinical.findings import (
    Line,
    found_in,
    in_order,
    name_of,
    observations_of,
)
from connectors.health_visiting.clinical.timeliness import day_in_words
from connectors.health_visiting.clinical.values import begun
from connectors.health_visiting.mapped import Mapped, focus_key, focus_record, is_taken_back
from connectors.health_visiting.nems.events import EventCode
from connectors.health_visiting.nems.message import NemsMessage
from connectors.health_visiting.nems.nodes import (
    Node,
    child,
    children,
    day_told,
    is_date_time,
    period_of,
    value,
    words_of,
)
from connectors.health_visiting.nems.statuses import caution_of, is_in_error, status_of
from connectors.health_visiting.nems.whose import theirs
from connectors.health_visiting.persons.subjects import single_person
from schemas.errors import UnreadableMessageError
from schemas.records.message import Record
from schemas.records.payloads import FactStatus, Occurrence, OccurrenceKind, Period
from schemas.vocabulary import Action, Category, Label

_TITLE = "Safety alert"
_IN_WORDS = "In words at its source"


def safety_alert_from_message(message: NemsMessage) -> Mapped:
    """The alert that an Encounter's observations state; taken back where none of them stands."""
    encounter = message.focus("Encounter")
    key = focus_key(message, encounter)
    person = single_person(message, encounter, focus_key=key)
    risks = observations_of(message)
    if not risks and not is_taken_back(message, encounter):
        if not list(theirs(message, "Observation")):
            raise UnreadableMessageError(field="Observation", reason="missing")
        gone = Record(key, Category.SAFEGUARDING, (person.subject.ref,), None, Action.REMOVE)
        return Mapped.of_person(message, encounter, person, (gone,))
    alert = focus_record(
        message,
        encounter,
        source_id=key,
        category=Category.SAFEGUARDING,
        subjects=(person.subject.ref,),
        build=lambda: _alert(message, encounter, risks),
        labels=frozenset({Label.LOCATION}),
    )
    return Mapped.of_person(message, encounter, person, (alert,))


def _alert(message: NemsMessage, encounter: Node, risks: Sequence[Node]) -> Occurrence:
    period = period_of(encounter, "period", field="Encounter.period")
    status = status_of_encounter(message, encounter)
    return Occurrence(
        kind=OccurrenceKind.CONTACT,
        title=_TITLE,
        period=period,
        agency_name=agency_name_of(message, encounter),
        practitioner_name=practitioner_name_of(message, encounter),
        details=tuple(in_order((_line(risk, message.day) for risk in risks), period.start)),
        not_done=status is FactStatus.NOT_DONE,
        status=status,
    )


def _line(risk: Node, day: str) -> Line:
    caution = caution_of(status_of("Observation", risk, day)) or ""
    found = found_in(risk, day) or f"{_IN_WORDS}{caution}"
    until = value(child(risk, "effectivePeriod"), "end")
    if until is not None and is_date_time(until):
        found = f"{found}, until {day_in_words(until)}"
    return Line(name_of(risk), found)


# The national failsafe asks a service to do what has not been done.

_CALLED_OFF = frozenset({"cancelled", "rejected", "failed"})
_FAILSAFE = {
    EventCode.FAILSAFE_ALERT: "National failsafe alert",
    EventCode.FAILSAFE_ALERT_NULLIFIED: "National failsafe alert called off",
}


def failsafe_alert_from_message(message: NemsMessage) -> Mapped:
    """The occurrence that the Task of a Communication states."""
    focus = message.focus("Communication")
    key = focus_key(message, focus)
    person = single_person(message, focus, focus_key=key)
    task = _task_of(message, focus)
    alert = focus_record(
        message,
        task if is_in_error(task) else focus,
        source_id=key,
        category=Category.CHILD_HEALTH,
        subjects=(person.subject.ref,),
        build=lambda: _failsafe(message, focus, task),
    )
    return Mapped.of_person(message, focus, person, (alert,))


def _task_of(message: NemsMessage, focus: Node) -> Node:
    payload = child(focus, "payload") or {}
    named = message.resolve(child(payload, "contentReference"))
    tasks = message.of_type("Task")
    task = named if message.is_of_type(named, "Task") else tasks[0] if len(tasks) == 1 else None
    if task is None:
        raise UnreadableMessageError(field="Communication.payload", reason="not-found")
    return task


def _failsafe(message: NemsMessage, focus: Node, task: Node) -> Occurrence:
    sent = day_told(focus, "sent")
    return Occurrence(
        kind=OccurrenceKind.CONTACT,
        title=_FAILSAFE[message.event],
        period=Period(start=sent),
        agency_name=agency_name_of(message, focus),
        details=tuple(_asked(message, task)),
        status=status_of("Communication", focus, message.day),
    )


def _asked(message: NemsMessage, task: Node) -> Iterator[tuple[str, str]]:
    for part, label in (("code", "Asked for"), ("reason", "Reason"), ("performerType", "Service")):
        for concept in children(task, part):
            if (said := begun(words_of(concept))) is not None:
                yield label, said
    owner = child(task, "owner")
    name = value(message.resolve(owner), "name") or value(owner, "display")
    if name is not None:
        yield "Asked of", name
    until = value(child(child(task, "restriction") or {}, "period"), "end")
    if until is not None and is_date_time(until):
        yield "To be done by", day_in_words(until)
    if value(task, "status") in _CALLED_OFF:
        yield "Now", "Not to be done"

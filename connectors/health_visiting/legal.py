"""Whether a child is looked after or has a child protection plan, and which authority to ring.

Source: Digital Child Health (CareConnect, STU3), legal-information-1: an Observation for each,
the local authority as Organization with the telephone of its emergency duty team.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from connectors.health_visiting.elements import (
    child,
    children,
    codings_of,
    date_time,
    period_of,
    value,
)
from connectors.health_visiting.focus import focus_key, is_taken_back, is_withdrawn
from connectors.health_visiting.header import EventType
from connectors.health_visiting.mapped import Mapped
from connectors.health_visiting.message import NemsMessage
from connectors.health_visiting.nodes import Node
from connectors.health_visiting.patients import telephone_of
from connectors.health_visiting.subjects import single_person
from schemas.errors import UnreadableMessageError
from schemas.records.message import Record
from schemas.records.payloads import Period, Plan
from schemas.vocabulary import Action, Category

_EMERGENCY = "emergency duty"


@dataclass(frozen=True, slots=True)
class _Status:
    """A legal status: its SNOMED code, and the plan that it is shown as."""

    code: str
    kind: str
    title: str
    category: Category


_STATUSES = (
    _Status(
        "764841000000100",
        "looked-after",
        "Looked after by the local authority",
        Category.SOCIAL_CARE,
    ),
    _Status("1064311000000109", "child-protection", "Child protection plan", Category.SAFEGUARDING),
)


def legal_information_from_message(message: NemsMessage) -> Mapped:
    """A plan for each legal status that the message states.

    An update states all there is: of a status that it leaves out the plan is removed.
    """
    focus = message.focus("Encounter", "Observation")
    key = focus_key(message, focus)
    person = single_person(message, focus, focus_key=key)
    records = [
        record
        for status in _STATUSES
        for record in _records(message, focus, status, f"{key}/{status.kind}", person.subject.ref)
    ]
    if not any(_observations(message, status) for status in _STATUSES) and not is_taken_back(
        message, focus
    ):
        raise UnreadableMessageError(field="Observation.code", reason="unknown")
    return Mapped.of_person(message, focus, person, tuple(records))


def _records(
    message: NemsMessage, focus: Node, status: _Status, key: str, ref: str
) -> Iterator[Record]:
    stated = _observations(message, status)
    taken_back = is_taken_back(message, focus)
    if not stated and (taken_back or message.event_type is EventType.UPDATE):
        yield Record(key, status.category, (ref,), None, Action.REMOVE)
    for number, observation in enumerate(stated):
        source_id = f"{key}/{number}" if number else key
        if taken_back or is_withdrawn(observation):
            yield Record(source_id, status.category, (ref,), None, Action.REMOVE)
        else:
            plan = _plan(message, observation, status)
            yield Record(source_id, status.category, (ref,), plan)


def _observations(message: NemsMessage, status: _Status) -> list[Node]:
    return [
        observation
        for observation in message.of_type("Observation")
        if any(coding.code == status.code for coding in codings_of(child(observation, "code")))
    ]


def _plan(message: NemsMessage, observation: Node, status: _Status) -> Plan:
    authority = _authority(message, observation)
    return Plan(
        kind=status.kind,
        title=status.title,
        period=_period(observation),
        agency_name=value(authority, "name"),
        telephone=telephone_of(authority),
        out_of_hours_telephone=_emergency_telephone(authority or {}),
    )


def _period(observation: Node) -> Period:
    period = period_of(observation, "effectivePeriod", field="Observation.effectivePeriod")
    if period != Period():
        return period
    field = "Observation.effectiveDateTime"
    return Period(start=date_time(observation, "effectiveDateTime", field=field))


def _authority(message: NemsMessage, observation: Node) -> Node | None:
    """The organisation that the observation names, else the only one that did not send it."""
    named = (message.resolve(performer) for performer in children(observation, "performer"))
    authority = next((one for one in named if message.is_of_type(one, "Organization")), None)
    if authority is not None:
        return authority
    sender = message.resolve(child(message.header, "responsible"))
    others = [one for one in message.of_type("Organization") if one is not sender]
    return others[0] if len(others) == 1 else None


def _emergency_telephone(authority: Node) -> str | None:
    for contact in children(authority, "contact"):
        purpose = value(child(contact, "purpose"), "text") or ""
        if _EMERGENCY in purpose.casefold():
            return telephone_of(contact)
    return None

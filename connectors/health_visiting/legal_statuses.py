"""Legal statuses of a child: looked after, a protection plan, and which authority to ring.

Source: Digital Child Health (CareConnect, STU3), legal-information-1, where a status is an
Observation and the local authority an Organization with the telephone of its emergency duty team.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from connectors.health_visiting.mapped import (
    Mapped,
    focus_key,
    is_taken_back,
    scopes_of,
    without_others,
)
from connectors.health_visiting.nems.message import MessageEventType, NemsMessage
from connectors.health_visiting.nems.nodes import (
    Node,
    child,
    children,
    codings_of,
    day_told,
    has_unreadable_period,
    period_of,
    value,
)
from connectors.health_visiting.nems.statuses import (
    caution_of_result,
    status_by_code,
)
from connectors.health_visiting.nems.whose import theirs
from connectors.health_visiting.persons.people import telephone_of
from connectors.health_visiting.persons.subjects import single_person
from schemas.errors import UnreadableMessageError
from schemas.records.message import Record
from schemas.records.payloads import FactStatus, Period, Plan
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
    if not stated and (taken_back or message.event_type is MessageEventType.UPDATE):
        yield Record(key, status.category, (ref,), None, Action.REMOVE)
    for number, observation in enumerate(stated):
        source_id = f"{key}/{number}" if number else key
        is_said = not taken_back and _is_stated(message, observation)
        plan = _plan(message, observation, status) if is_said else None
        action = Action.REMOVE if plan is None else Action.UPSERT
        scopes = scopes_of(key, number)
        yield Record(source_id, status.category, (ref,), plan, action, scopes=scopes)
    yield from without_others(message, focus, key, status.category, ref)


def _is_stated(message: NemsMessage, observation: Node) -> bool:
    """Whether it says that the child has the status: not in error, not called off, not absent."""
    is_denied = value(observation, "valueBoolean") == "false" or any(
        _DENIED.fullmatch(words) for words in _answers(observation)
    )
    return not is_denied and caution_of_result(observation, message.day) is not None


# What stands in the place of an answer is mostly the legal basis; but it may say that it is over.
_OVER: Final = re.compile(
    r"\b(?:no longer|ceased|ended|discontinued|discharged|closed|removed"
    r"|previous(?:ly)?|former(?:ly)?|de-?registered|revoked|expired|lapsed)\b"
)
_DENIED: Final = re.compile(
    r"(?:no|none|never|negative|absent|n|false)"
    r"|(?:is |was |has )?(?:not|never)(?: been)? (?!known|stated|recorded).*"
)
_NOT_KNOWN: Final = re.compile(r"(?:not |un)(?:known|stated|recorded|certain)(?: .*)?")


def _answers(observation: Node) -> Iterator[str]:
    """The words of the answer, looked at and not read: what else they say is at the source."""
    concepts = children(observation, "valueCodeableConcept")
    holders = [*concepts, *(coding for one in concepts for coding in children(one, "coding"))]
    told = [*children(observation, "valueString")]
    told += [
        leaf for one in holders for name in ("text", "display") for leaf in children(one, name)
    ]
    texts = (leaf.get("value") for leaf in told)
    return (" ".join(text.casefold().split()) for text in texts if isinstance(text, str))


def _status_of(observation: Node) -> FactStatus:
    """By its code, its period and what it answers."""
    if has_unreadable_period(observation, "effectivePeriod"):
        return FactStatus.UNKNOWN
    by_code = status_by_code("Observation", observation)
    answers = list(_answers(observation))
    if by_code is FactStatus.HOLDS and any(map(_OVER.search, answers)):
        return FactStatus.ENDED
    is_open = by_code is FactStatus.HOLDS and any(map(_NOT_KNOWN.fullmatch, answers))
    return FactStatus.UNKNOWN if is_open else by_code


def _observations(message: NemsMessage, status: _Status) -> list[Node]:
    return [
        observation
        for observation in theirs(message, "Observation")
        if any(coding.code == status.code for coding in codings_of(child(observation, "code")))
    ]


def _plan(message: NemsMessage, observation: Node, status: _Status) -> Plan:
    authority = _authority(message, observation)
    return Plan(
        kind=status.kind,
        title=status.title,
        period=_period(observation),
        agency_name=value(authority, "name"),
        telephone=telephone_of(authority, message.day),
        out_of_hours_telephone=_emergency_telephone(authority or {}, message.day),
        status=_status_of(observation),
    )


def _period(observation: Node) -> Period:
    period = period_of(observation, "effectivePeriod", field="Observation.effectivePeriod")
    if period != Period():
        return period
    return Period(start=day_told(observation, "effectiveDateTime"))


def _authority(message: NemsMessage, observation: Node) -> Node | None:
    """The organisation that the observation names, else the only one with an emergency duty team.

    That an organisation is in the message besides does not make it the authority.
    """
    named = (message.resolve(performer) for performer in children(observation, "performer"))
    authority = next((one for one in named if message.is_of_type(one, "Organization")), None)
    if authority is not None:
        return authority
    sender = message.resolve(child(message.header, "responsible"))
    others = [
        one
        for one in message.of_type("Organization")
        if one is not sender and _emergency_telephone(one, message.day)
    ]
    return others[0] if len(others) == 1 and not children(observation, "performer") else None


def _emergency_telephone(authority: Node, day: str) -> str | None:
    for contact in children(authority, "contact"):
        purpose = value(child(contact, "purpose"), "text") or ""
        if _EMERGENCY in purpose.casefold():
            return telephone_of(contact, day)
    return None

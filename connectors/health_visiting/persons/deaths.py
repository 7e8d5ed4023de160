"""That somebody died, as a Patient states it in a message of any event. Pure.

Sources: FHIR STU3 and R4, Patient.deceased[x]; CareConnect and UK Core, DeathNotificationStatus (1
informal, 2 formal, U removed). A statement that contradicts itself is handed on as one and never
refused: nobody must write to somebody who may have died because a date was mistyped.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from connectors.health_visiting.nems.message import extension
from connectors.health_visiting.nems.nodes import (
    Node,
    child,
    children,
    descend,
    is_before,
    is_date_time,
    value,
)
from schemas.records.payloads import PersonDetails

_FRAMES = (
    "Extension-CareConnect-DeathNotificationStatus-1",
    "Extension-UKCore-DeathNotificationStatus",
)
_STATUS_WITHIN = "deathNotificationStatus"
_NOTIFIED = frozenset({"1", "2"})
_REMOVED = "U"
_STATED = {"true": True, "false": False}


@dataclass(frozen=True, slots=True, repr=False)
class DeathStated:
    """What a Patient states of a death; `said` is None where an earlier report is taken back."""

    said: PersonDetails | None


DIED_UNDATED = PersonDetails(has_died=True)
CONTRADICTED = PersonDetails(has_died=True, death_contradicted=True)


def death_stated(patient: Node, born: str | None) -> DeathStated | None:
    """What is stated of a death; None where nothing is.

    `born` is the date of birth that the same Patient states.
    """
    statuses, flags = set(_statuses(patient)), set(_flags(patient))
    dates = list(_dates(patient))
    reports = bool(dates) or bool(flags - {False}) or bool(statuses - {_REMOVED})
    if not reports:
        if _REMOVED in statuses:
            return DeathStated(None)
        return DeathStated(PersonDetails(has_died=False)) if flags else None
    known = [day for day in dates if day is not None and is_date_time(day)]
    contradicted = (
        bool(flags - {True})
        or bool(statuses - _NOTIFIED)
        or len(dates) > 1
        or any(day is not None and not is_date_time(day) for day in dates)
        or any(born is not None and is_before(day, born) for day in known)
    )
    died = known[0] if known else None
    return DeathStated(
        PersonDetails(died=died, has_died=None if died else True, death_contradicted=contradicted)
    )


def death_by_status(code: str | None) -> PersonDetails | None:
    """What a notification without a Patient comes to, by its status alone; None takes it back."""
    return None if code == _REMOVED else DIED_UNDATED


def death_notified(stated: DeathStated | None) -> PersonDetails | None:
    """What a death notification comes to, whatever its Patient states; None takes it back.

    It tells of a death by being sent: a Patient that states none is no reason to overlook it.
    """
    if stated is None:
        return DIED_UNDATED
    if stated.said is not None and not stated.said.says_died:
        return CONTRADICTED
    return stated.said


def _statuses(patient: Node) -> Iterator[str]:
    """The notification statuses; the NHS's own examples send them bare too, without their frame."""
    framed = [one for name in _FRAMES if (one := extension(patient, name)) is not None]
    inner = [extension(one, _STATUS_WITHIN) or one for one in framed]
    for stated in (*inner, extension(patient, _STATUS_WITHIN)):
        code = value(descend(stated, "valueCodeableConcept", "coding"), "code")
        if code is not None:
            yield code


def _flags(patient: Node) -> Iterator[bool | None]:
    """True or false as stated; None for what is neither."""
    for one in children(patient, "deceasedBoolean"):
        text = value({"flag": [one]}, "flag")
        if text is not None:
            yield _STATED.get(text)


def _dates(patient: Node) -> Iterator[str | None]:
    """Each date as it is written; None for one of which is said only why it is not there."""
    for one in children(patient, "deceasedDateTime"):
        text = value({"date": [one]}, "date")
        if text is not None or child(one, "extension") is not None:
            yield text

"""Whether what a resource or element says is so: status, use, period and active, read in one place.

What is missing where FHIR requires it, and a code that is on none of its lists, is not known to be
so: `UNKNOWN`, which no page may show as a fact. Nothing is refused for it. Where FHIR requires no
status, silence means that it holds. Sources: FHIR STU3 and R4, the value sets that are required of
each element; codes that only one of the two has are read all the same.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from connectors.health_visiting.nems.nodes import (
    Node,
    attribute,
    child,
    children,
    has_unreadable_period,
    is_before,
    is_date_time,
    value,
)
from schemas.records.payloads import FactStatus

_COMMON = {"entered-in-error": FactStatus.IN_ERROR, "unknown": FactStatus.UNKNOWN}


def _codes(**of_status: str) -> Mapping[str, FactStatus]:
    told = {code: FactStatus[name] for name, codes in of_status.items() for code in codes.split()}
    return MappingProxyType({**told, **_COMMON})


_EVENT = _codes(
    PLANNED="preparation",
    UNDER_WAY="in-progress",
    ON_HOLD="suspended on-hold",
    BROKEN_OFF="aborted stopped",
    HOLDS="completed",
    NOT_DONE="not-done",
)
_REQUEST = _codes(
    PLANNED="draft",
    HOLDS="active",
    ON_HOLD="suspended on-hold",
    BROKEN_OFF="cancelled revoked",
    ENDED="completed",
)

STATUS_CODES: Final[Mapping[str, Mapping[str, FactStatus]]] = MappingProxyType(
    {
        "Appointment": _codes(
            PLANNED="proposed pending booked waitlist",
            UNDER_WAY="arrived checked-in",
            HOLDS="fulfilled",
            NOT_DONE="cancelled noshow",
        ),
        "CarePlan": _REQUEST,
        "CareTeam": _codes(
            PLANNED="proposed", HOLDS="active", ON_HOLD="suspended", ENDED="inactive"
        ),
        "Communication": _EVENT,
        "Encounter": _codes(
            PLANNED="planned",
            UNDER_WAY="arrived triaged in-progress onleave",
            HOLDS="finished",
            NOT_DONE="cancelled",
        ),
        "EpisodeOfCare": _codes(
            PLANNED="planned waitlist",
            HOLDS="active",
            ON_HOLD="onhold",
            ENDED="finished",
            NOT_DONE="cancelled",
        ),
        "Flag": _codes(HOLDS="active", ENDED="inactive"),
        "Immunization": _codes(HOLDS="completed", NOT_DONE="not-done"),
        "Location": _codes(HOLDS="active", ON_HOLD="suspended", ENDED="inactive"),
        "Observation": _codes(
            NOT_FINAL="registered preliminary",
            HOLDS="final amended corrected",
            NOT_DONE="cancelled",
        ),
        "Procedure": _EVENT,
        "QuestionnaireResponse": _codes(
            NOT_FINAL="in-progress", BROKEN_OFF="stopped", HOLDS="completed amended"
        ),
        "ReferralRequest": _REQUEST,
        "ServiceRequest": _REQUEST,
    }
)
"""By type of resource, what each of its status codes comes to."""

_MAY_BE_SILENT = frozenset({"CareTeam", "Location"})
_ACTIVE: Final = {"true": FactStatus.HOLDS, "false": FactStatus.ENDED, None: FactStatus.HOLDS}
_LASTING = frozenset(
    {
        "CarePlan",
        "CareTeam",
        "EpisodeOfCare",
        "Flag",
        "HealthcareService",
        "Organization",
        "Patient",
        "Practitioner",
        "PractitionerRole",
        "RelatedPerson",
    }
)
"""What goes on for a time: its period says whether it is over, or yet to come."""

_OVER = frozenset({FactStatus.ENDED, FactStatus.NOT_DONE})
_PLANNABLE = frozenset({FactStatus.HOLDS, FactStatus.UNDER_WAY})
_WHEN = ("date", "occurrenceDateTime", "effectiveDateTime", "performedDateTime")


def status_of(kind: str, resource: Node | None, day: str) -> FactStatus:
    """What a resource of this type says of itself, read on this day (ISO 8601).

    (1) Its status code, or else whether it is active; none is known of what has a modifier, which
    may mean the opposite (FHIR, modifierExtension). (2) STU3's negations: what was not done or
    not given is no fact, whatever its status. (3) Its period: what is over has ended, what has not
    begun is planned. An event that is told as done on a day still to come is not known.
    """
    if resource is None:
        return FactStatus.UNKNOWN
    stated = status_by_code(kind, resource)  # (1)
    if stated is FactStatus.IN_ERROR:
        return stated
    if value(resource, "notDone") == "true" or value(resource, "notGiven") == "true":  # (2)
        return FactStatus.NOT_DONE
    if stated in _PLANNABLE:  # (3)
        return _dated(kind, stated, resource, day)
    return stated


def is_in_error(resource: Node | None) -> bool:
    """Whether its source says that the resource should never have been."""
    for one in children(resource or {}, "status"):
        if attribute(one, "value") == FactStatus.IN_ERROR:
            return True
    return False


def status_by_code(kind: str, resource: Node) -> FactStatus:
    """The same by its code alone, for what is sent on with its period.

    What has not begun when its source says so may have by the day on which it is read. What lasts
    for a time that cannot be read may be over.
    """
    codes = STATUS_CODES.get(kind)
    if is_in_error(resource):
        return FactStatus.IN_ERROR
    if len(children(resource, "status")) > 1 or children(resource, "modifierExtension"):
        return FactStatus.UNKNOWN
    if kind in _LASTING and "period" in resource and has_unreadable_period(resource):
        stated = (codes or {}).get(value(resource, "status") or "", FactStatus.UNKNOWN)
        return stated if stated in _OVER else FactStatus.UNKNOWN
    if codes is None:
        return _ACTIVE.get(value(resource, "active"), FactStatus.UNKNOWN)
    code = value(resource, "status")
    if code is None and "status" not in resource and kind in _MAY_BE_SILENT:
        return FactStatus.HOLDS
    return codes.get(code or "", FactStatus.UNKNOWN)


def _dated(kind: str, stated: FactStatus, resource: Node, day: str) -> FactStatus:
    by_period = _of_period(resource, day)
    if kind in _LASTING:
        return stated if by_period is FactStatus.HOLDS else by_period
    dates = [value(resource, name) for name in _WHEN]
    is_to_come = any(date and is_date_time(date) and is_before(day, date) for date in dates)
    return FactStatus.UNKNOWN if is_to_come or by_period is FactStatus.PLANNED else stated


# What a statement comes to when it is told among others.

_CAUTIONS: Final = {
    FactStatus.HOLDS: "",
    FactStatus.ENDED: "",
    FactStatus.UNDER_WAY: " (not finished)",
    FactStatus.ON_HOLD: " (on hold)",
    FactStatus.BROKEN_OFF: " (not completed)",
    FactStatus.NOT_FINAL: " (not final)",
    FactStatus.UNKNOWN: " (its source does not say whether this stands)",
}


def caution_of(status: FactStatus) -> str | None:
    """What to write behind what a resource says; None for one that says nothing.

    What was entered in error, was not done or is only planned is left out.
    """
    return _CAUTIONS.get(status)


def caution_of_result(observation: Node, day: str, *, kind: str = "Observation") -> str | None:
    """What to write behind the result of an Observation or Procedure; None where it has none.

    A result that is said to be absent is none, whatever stands beside it (FHIR obs-6).
    """
    return caution_of(status_of(kind, observation, day)) if has_result(observation) else None


def has_result(observation: Node) -> bool:
    """Whether an Observation, or a component of one, does not say that its result is absent."""
    return child(observation, "dataAbsentReason") is None


# Names, telephone numbers, addresses, identifiers: by use and period.

_FORMER_USES: Final = frozenset({"old", "maiden"})
_LAST = 1 << 31


def status_of_element(element: Node, day: str) -> FactStatus:
    """What a HumanName, ContactPoint, Address, Identifier or participant says, on this day."""
    if value(element, "use") in _FORMER_USES:
        return FactStatus.ENDED
    return _of_period(element, day) if "period" in element else FactStatus.HOLDS


def in_force(elements: Iterable[Node], day: str) -> list[Node]:
    """Those that hold on this day, as they are ranked, then in their own order.

    Source: FHIR, ContactPoint.rank: the lower is used before the higher, and before none.
    """
    holding = [one for one in elements if status_of_element(one, day) is FactStatus.HOLDS]
    return sorted(holding, key=_rank) if len(holding) > 1 else holding


def ended(elements: Iterable[Node], day: str) -> list[Node]:
    """Those that held before this day and do no longer, in their own order."""
    return [one for one in elements if status_of_element(one, day) is FactStatus.ENDED]


def to_come(elements: Iterable[Node], day: str) -> list[Node]:
    """Those that will hold after this day and do not yet, in their own order."""
    return [one for one in elements if status_of_element(one, day) is FactStatus.PLANNED]


def _of_period(element: Node, day: str) -> FactStatus:
    """Ends are inclusive; compared as far as both are precise."""
    period = child(element, "period")
    if period is None:
        return FactStatus.HOLDS
    start, end = value(period, "start"), value(period, "end")
    if (start and not is_date_time(start)) or (end and not is_date_time(end)):
        return FactStatus.UNKNOWN
    if end is not None and is_before(end, day):
        return FactStatus.ENDED
    if start is not None and is_before(day, start):
        return FactStatus.PLANNED
    return FactStatus.HOLDS


def _rank(element: Node) -> int:
    rank = value(element, "rank") or ""
    return (
        int(rank) if rank.isascii() and rank.isdigit() and len(rank) <= len("2147483647") else _LAST
    )

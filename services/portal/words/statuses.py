"""What a source says of whether something is so, in words: planned, over, did not take place."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from schemas.records.payloads import FactStatus, Occurrence, OccurrenceKind, Period
from services.portal.words.cards import Tag
from services.portal.words.dates import day_in_words, period_in_words
from services.profile.model import NOBODY_TO_RING, PlanView

NOT_KNOWN = "Its source does not say whether this stands"

# Who works with somebody.

_INVOLVED: Final[Mapping[FactStatus, str]] = {
    FactStatus.PLANNED: "planned",
    FactStatus.ON_HOLD: "on hold",
    FactStatus.NOT_FINAL: "not final",
    FactStatus.UNDER_WAY: "not finished",
    FactStatus.ENDED: "over",
    FactStatus.BROKEN_OFF: "broken off",
    FactStatus.NOT_DONE: "called off",
    FactStatus.IN_ERROR: "entered in error",
    FactStatus.UNKNOWN: "not known whether it goes on",
}
_NOBODY: Final[Mapping[FactStatus, str]] = {
    FactStatus.PLANNED: "Nobody to ring yet: this is planned",
    FactStatus.ENDED: "Nobody to ring: this is over",
    FactStatus.BROKEN_OFF: "Nobody to ring: this was broken off",
    FactStatus.NOT_DONE: "Nobody to ring: this was called off",
}


def involved_in_words(status: FactStatus, period: Period) -> str:
    """Say since or from when somebody works with the family, and whether they do."""
    when = period_in_words(period, is_to_come=status is FactStatus.PLANNED)
    said = _INVOLVED.get(status)
    if said is None or (status is FactStatus.ENDED and period.end):
        return when or "start date not given"
    if status is FactStatus.PLANNED and period.start:
        return f"{said} {when}"
    if status in NOBODY_TO_RING and period.start and not period.end:
        return f"{said}, start date {day_in_words(period.start)}"
    return f"{said}, {when or 'dates not given'}"


def nobody_to_ring(status: FactStatus) -> str | None:
    """Say why there is nobody to ring; None of what goes on."""
    return _NOBODY.get(status)


# Plans.

_PLANS: Final[Mapping[FactStatus, Tag]] = {
    FactStatus.HOLDS: Tag("In force", "green"),
    FactStatus.UNDER_WAY: Tag("In force", "green"),
    FactStatus.NOT_FINAL: Tag("Not final", "yellow"),
    FactStatus.ON_HOLD: Tag("On hold", "yellow"),
    FactStatus.PLANNED: Tag("Planned, not in force yet", "blue"),
    FactStatus.ENDED: Tag("Ended", "grey"),
    FactStatus.BROKEN_OFF: Tag("Ended early", "grey"),
    FactStatus.NOT_DONE: Tag("Did not come into force", "grey"),
    FactStatus.IN_ERROR: Tag("Entered in error", "grey"),
    FactStatus.UNKNOWN: Tag(NOT_KNOWN, "yellow"),
}


_CASE_CLOSED: Final = Tag("Case closed, no end of it given", "yellow")


def plan_tag(view: PlanView) -> Tag:
    """Say whether a plan is in force."""
    return _PLANS[view.status] if view.case_closed is None else _CASE_CLOSED


# What happened, is to happen or did not.

_OCCURRENCES: Final[Mapping[FactStatus, Tag]] = {
    FactStatus.PLANNED: Tag("Planned", "blue"),
    FactStatus.UNDER_WAY: Tag("Not finished when this was written", "yellow"),
    FactStatus.ON_HOLD: Tag("On hold", "yellow"),
    FactStatus.BROKEN_OFF: Tag("Not completed", "yellow"),
    FactStatus.NOT_FINAL: Tag("Not final", "yellow"),
    FactStatus.NOT_DONE: Tag("Did not take place", "yellow"),
    FactStatus.IN_ERROR: Tag("Entered in error", "grey"),
    FactStatus.UNKNOWN: Tag("Its source does not say whether this took place", "yellow"),
}
_LATER = Tag("Dated later than today", "yellow")
_NOT_GIVEN = Tag("Offered, not given", "yellow")


def status_of_occurrence(occurrence: Occurrence) -> FactStatus:
    """Give what its source says of it; what was not done was not, whatever else stands there."""
    return FactStatus.NOT_DONE if occurrence.not_done else occurrence.status


def occurrence_tag(occurrence: Occurrence, today: date) -> Tag | None:
    """Say whether it took place; None of what did."""
    status = status_of_occurrence(occurrence)
    if status is FactStatus.HOLDS and occurrence.period.is_to_come(today.isoformat()):
        return _LATER
    if status is FactStatus.NOT_DONE and occurrence.kind is OccurrenceKind.VACCINATION:
        return _NOT_GIVEN
    return _OCCURRENCES.get(status)


def title_with_status(occurrence: Occurrence, today: date) -> str:
    """Name it as one of several in a line: a vaccine that was not given is none that was."""
    tag = occurrence_tag(occurrence, today)
    if tag is None:
        return occurrence.title
    return f"{occurrence.title} ({tag.text[:1].lower()}{tag.text[1:]})"

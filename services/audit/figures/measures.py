"""What is counted: of which events, in which unit of time, by what; and in words. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from consent.ledger.events import PROFILE_READS, PROFILE_READS_REFUSED, LedgerEvent
from schemas.uk_time import uk_day, when_clocks_show
from schemas.vocabulary import LabelledCode

Event = LedgerEvent


class Unit(StrEnum):
    """How long a time is of which something is counted; each measure has one, for ever."""

    WEEK = "week"
    MONTH = "month"

    def of(self, at: datetime) -> date:
        """The first day of the week or month in which a moment is, by UK clocks."""
        day = uk_day(at)
        return day - timedelta(days=day.weekday()) if self is Unit.WEEK else day.replace(day=1)

    def after(self, first: date) -> date:
        """The first day of the next."""
        if self is Unit.WEEK:
            return first + timedelta(days=7)
        return (first.replace(day=28) + timedelta(days=4)).replace(day=1)

    def before(self, first: date) -> date:
        """The first day of the one before."""
        if self is Unit.WEEK:
            return first - timedelta(days=7)
        return (first - timedelta(days=1)).replace(day=1)


def begins(first: date) -> datetime:
    """The moment at which a day begins, by UK clocks."""
    return when_clocks_show(datetime.combine(first, time.min))


def month_from_text(typed: str) -> date:
    """The first day of a month such as 2026-11. Raises ValueError."""
    return date.fromisoformat(f"{typed}-01")


class Measure(LabelledCode):
    """What is counted; most of it by agency of who did it."""

    LOOKS = "looks", "Looks at families"
    REFUSED = "refused", "Looks refused"
    SEARCHES = "searches", "Searches"
    STORIES = "stories", "What a family said, confirmed instead of asked again"
    EMERGENCIES = "emergencies", "Emergency access"
    DECISIONS = "decisions", "What families decided"
    FOUND = "found", "Practitioners who found each other"
    SHARING = "sharing", "Children with an agreement to share"
    REVIEWS = "reviews", "Reviews of children, on time or not"
    NEW_BIRTH = "new-birth", "Days from birth to the new birth visit"

    @property
    def unit(self) -> Unit:
        """In which unit of time it is counted."""
        return Unit.MONTH if self in _MONTHLY else Unit.WEEK

    @property
    def is_by_agency(self) -> bool:
        """Whether it is of agencies; else it is of all families."""
        return self not in STAYING

    @property
    def meaning(self) -> str:
        """What one of it is, as a page explains it."""
        return _MEANINGS[self]


STAYING = frozenset({Measure.SHARING, Measure.REVIEWS, Measure.NEW_BIRTH})
"""How things stood in a month: counted once, as it could not be later, and never anew."""
_MONTHLY = STAYING | {Measure.EMERGENCIES, Measure.DECISIONS, Measure.FOUND}
REVIEWS_SETTLE = timedelta(days=14)
"""So long after a month is over its reviews are counted.

Services write a visit down within days. The mailbox keeps a message for five, and what waits for a
steward takes about a working week: a fortnight holds both, with a bank holiday, and managers still
have last month by the middle of this one.
"""
_MEANINGS: Mapping[Measure, str] = {
    Measure.LOOKS: (
        "Each page of a family that was opened is one look. By the agency of who looked, as they "
        "stood when that day began; “Others” are systems and partners."
    ),
    Measure.REFUSED: "Each page of a family that was asked for and not shown.",
    Measure.SEARCHES: "Each search for a family, whatever it found.",
    Measure.STORIES: (
        "Each time a worker went through what a family had said before and the family said that "
        "it still holds."
    ),
    Measure.EMERGENCIES: "Each time somebody opened a family in an emergency.",
    Measure.DECISIONS: (
        "Decisions that families made, by the agency of who wrote them down. Yes: agreed to share. "
        "No: refused, or objected. Changed their mind: withdrew. What a service decided without "
        "the family is not counted."
    ),
    Measure.FOUND: (
        "Requests to work with a family that were accepted: two practitioners who now know of each "
        "other. Requests that were declined are not counted."
    ),
    Measure.SHARING: (
        "Children about whom at least one agreement to share was in force when the month was over: "
        "on consent, confirmed, not withdrawn, replaced or ended. Not who, nor what."
    ),
    Measure.REVIEWS: (
        "The five reviews that health visitors offer every family, by the month in which each was. "
        "Not known: the day or a date of birth is missing. Did not take place: the service says "
        "that it was to be this month and was not; a review that nobody told us of is not here. "
        "Children whose reviews are shared here, whoever may see them; each child once for each "
        f"review in a month. Counted {REVIEWS_SETTLE.days} days after the month from what was held "
        "then, and never again: what comes later is not in it."
    ),
    Measure.NEW_BIRTH: (
        "Of the new birth visits in a month that are counted as on time or late: half of them were "
        "within so many days of birth (the median). Hidden where that is of fewer than five "
        "visits, or where one of those two counts is hidden."
    ),
}


@dataclass(frozen=True, slots=True)
class Count:
    """How often something happened in a time that begins on this day."""

    period: date
    agency: str
    code: str
    times: int


@dataclass(frozen=True, slots=True)
class Counted:
    """One event that counts, and as what: a code of its own, or that of one of its fields."""

    event: LedgerEvent
    measure: Measure
    code: str = ""
    field: str | None = None


COUNTED = (
    *(Counted(event, Measure.LOOKS) for event in sorted(PROFILE_READS)),
    *(Counted(event, Measure.REFUSED) for event in sorted(PROFILE_READS_REFUSED)),
    Counted(Event.SEARCH_MADE, Measure.SEARCHES),
    Counted(Event.STORY_CONFIRMED, Measure.STORIES),
    Counted(Event.EMERGENCY_ACCESS_OPENED, Measure.EMERGENCIES),
    Counted(Event.SHARING_DECISION_RECORDED, Measure.DECISIONS, field="response"),
    Counted(Event.SHARING_DECISION_RECORDED_IN_FULL, Measure.DECISIONS, field="response"),
    Counted(Event.SHARING_DECISION_WRITTEN_DOWN, Measure.DECISIONS, field="response"),
    Counted(Event.SHARING_DECISION_WITHDRAWN, Measure.DECISIONS, "withdrawn"),
    Counted(Event.RELATIONSHIP_REQUEST_ANSWERED, Measure.FOUND, field="answer"),
)
"""A new one is counted from the first entry on only after `tell-once audit index --rebuild`."""


ACCEPTED = frozenset({"accepted", "taken-up"})
"""The answers to a request to work with a family by which two practitioners find each other."""


class DecisionAnswer(LabelledCode):
    """What families answered, as columns."""

    YES = "yes", "Yes"
    NO = "no", "No"
    CHANGED = "changed", "Changed their mind"

    @property
    def codes(self) -> frozenset[str]:
        """The codes that are counted as it."""
        return _CODES[self]


_CODES: Mapping[DecisionAnswer, frozenset[str]] = {
    DecisionAnswer.YES: frozenset({"given"}),
    DecisionAnswer.NO: frozenset({"refused", "objected"}),
    DecisionAnswer.CHANGED: frozenset({"withdrawn"}),
}

"""Reviews of children, by month: which of them count as what, and what is shown of it. Pure.

What is told of new birth visits hangs on two counts of the table of reviews, so it is shown only
where both of those are: a median says on which side of it most are, and how many visits it is of is
their sum. So beside the table it tells of no hidden count anything.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from connectors.health_visiting.clinical.timeliness import (
    AGE_IN_MONTHS,
    TIMELINESS,
    MandatedReview,
    Punctuality,
    read_timeliness,
)
from schemas.records.payloads import FactStatus, Occurrence, OccurrenceKind
from schemas.vocabulary import LabelledCode
from services.audit.figures.measures import REVIEWS_SETTLE, Count, Measure, Unit, begins
from services.audit.figures.suppression import FEWEST, Lot, Shown, ShownTable, shown_table
from services.audit.figures.tables import Keyed, lot_by_names
from services.audit.figures.timings import Lasted, lasted, shown_lasted

_KINDS = {review.label: review for review in MandatedReview}
_OF_BIRTH = tuple(MandatedReview).index(MandatedReview.NEW_BIRTH)


class ReviewOutcome(LabelledCode):
    """What is counted of a review, as columns."""

    ON_TIME = "on-time", "On time"
    EARLY = "early", "Early"
    LATE = "late", "Late"
    NOT_KNOWN = "not-known", "Not known"
    NOT_DONE = "not-done", "Did not take place"


_OUTCOMES = {
    Punctuality.ON_TIME: ReviewOutcome.ON_TIME,
    Punctuality.EARLY: ReviewOutcome.EARLY,
    Punctuality.LATE: ReviewOutcome.LATE,
    Punctuality.NOT_KNOWN: ReviewOutcome.NOT_KNOWN,
}
_TIMED = (ReviewOutcome.ON_TIME, ReviewOutcome.EARLY, ReviewOutcome.LATE)


@dataclass(frozen=True, slots=True)
class SeenReview:
    """One of the five as one child had it, or did not. `days` are those after birth."""

    kind: MandatedReview
    day: str
    outcome: ReviewOutcome
    days: int | None = None


def review_in(told: Occurrence, month: date) -> SeenReview | None:
    """The review that a record tells of, if it is of this month and took place, or did not.

    What is planned, goes on, or was entered in error is neither.
    """
    kind = _KINDS.get(told.title) if told.kind is OccurrenceKind.REVIEW else None
    day = told.period.end or told.period.start or ""
    if kind is None or not day.startswith(f"{month:%Y-%m}"):
        return None
    if told.not_done or told.status is FactStatus.NOT_DONE:
        return SeenReview(kind, day, ReviewOutcome.NOT_DONE)
    if told.status is not FactStatus.HOLDS:
        return None
    said = read_timeliness(dict(told.details).get(TIMELINESS))
    return SeenReview(kind, day, _OUTCOMES[said.punctuality], said.days)


ReviewCounts = Counter[tuple[Measure, str]]
"""How often, by what is counted and its code."""


def count_of_child(seen: Iterable[SeenReview]) -> ReviewCounts:
    """Count the reviews of one child in a month: each of the five once, the first that was."""
    first: dict[MandatedReview, SeenReview] = {}
    for one in sorted(seen, key=lambda one: (one.outcome is ReviewOutcome.NOT_DONE, one.day)):
        first.setdefault(one.kind, one)
    counts: ReviewCounts = Counter(
        (Measure.REVIEWS, _code(r.kind, r.outcome)) for r in first.values()
    )
    birth = first.get(MandatedReview.NEW_BIRTH)
    if birth is not None and birth.days is not None:
        counts[Measure.NEW_BIRTH, str(birth.days)] += 1
    return counts


def _code(kind: MandatedReview, outcome: ReviewOutcome) -> str:
    return f"{kind.value}:{outcome.value}"


def months_to_count(
    counted: Iterable[date], *, begun: datetime, now: datetime, most: int
) -> Sequence[date]:
    """The months that are over for long enough and are not counted yet, the oldest first.

    None that was over when the ledger was `begun`: what is told of it later is history that was
    loaded, and says nothing of when a service told it. Of the last so many, no older one.
    """
    month, known = Unit.MONTH.before(Unit.MONTH.of(now - REVIEWS_SETTLE)), set(counted)
    found = []
    for _ in range(most):
        if begins(Unit.MONTH.after(month)) > begun and month not in known:
            found.append(month)
        month = Unit.MONTH.before(month)
    return found[::-1]


def counted_from(month: date) -> datetime:
    """From when on a month is counted."""
    return begins(Unit.MONTH.after(month)) + REVIEWS_SETTLE


@dataclass(frozen=True, slots=True)
class NewBirthVisits:
    """Days from birth to the new birth visits of a month; None is hidden.

    `median` is also None where there were none. AGE_IN_MONTHS days are those or more.
    """

    month: date
    visits: Shown
    median: int | None


@dataclass(frozen=True, slots=True)
class ReviewsOfMonth:
    """The reviews of a month: a line a kind, a column an outcome; and how soon after birth."""

    month: date
    counted_at: datetime
    table: ShownTable
    new_birth: NewBirthVisits


def lot_of_reviews(month: date, keyed: Keyed) -> Lot:
    """By what is drawn what is hidden of a month's table."""
    kinds, outcomes = ([one.value for one in of] for of in (MandatedReview, ReviewOutcome))
    return lot_by_names(keyed, f"{Measure.REVIEWS}/{month}", kinds, outcomes)


def reviews_of_month(
    month: date, counted_at: datetime, counts: Iterable[Count], days: Iterable[Count], lot: Lot
) -> ReviewsOfMonth:
    """Put what was counted of a month into its table, and the days after birth beside it."""
    times: Mapping[str, int] = {one.code: one.times for one in counts if one.period == month}
    lines = [[times.get(_code(kind, out), 0) for out in ReviewOutcome] for kind in MandatedReview]
    table = shown_table(lines, lot)
    timed = [table.rows[_OF_BIRTH].counts[tuple(ReviewOutcome).index(out)] for out in _TIMED]
    passed = [int(one.code) for one in days if one.period == month for _ in range(one.times)]
    return ReviewsOfMonth(month, counted_at, table, _new_birth(month, timed, passed))


def _new_birth(month: date, timed: Sequence[Shown], days: Sequence[int]) -> NewBirthVisits:
    told = shown_lasted(lasted(timedelta(days=one) for one in days), fewest=FEWEST)
    if None in timed or (told is None and days):
        return NewBirthVisits(month, None, None)
    return NewBirthVisits(month, len(days), _days(told))


def _days(told: Lasted | None) -> int | None:
    return None if told is None or told.median is None else told.median.days


def days_in_words(days: int) -> str:
    """How long after birth; what is known in months alone is so long or longer."""
    weeks = AGE_IN_MONTHS // 7
    if days >= AGE_IN_MONTHS:
        return f"{weeks} weeks or more"
    return f"{days} day" if days == 1 else f"{days} days"

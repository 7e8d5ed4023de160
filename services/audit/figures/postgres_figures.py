"""Figures for auditors and for service managers, in one transaction: entered first, then told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.audit.asked import AuditAsked, AuditQuestion, NotForThem
from services.audit.figures.measures import Measure, Unit, begins
from services.audit.figures.postgres_counts import agency_names, counted_until, read_counts
from services.audit.figures.postgres_reviews import months_counted
from services.audit.figures.postgres_timings import timings_between
from services.audit.figures.reviews import ReviewsOfMonth, lot_of_reviews, reviews_of_month
from services.audit.figures.suppression import FEWEST
from services.audit.figures.tables import (
    ByAnswer,
    ByTime,
    Keyed,
    by_answer,
    by_time,
    times_that_are_over,
)
from services.audit.figures.timings import Lasted, shown_lasted
from services.audit.postgres_answers import Auditing

WEEKS = 12
MONTHS = 12
OF_REVIEWS = (Measure.REVIEWS, Measure.NEW_BIRTH)
"""What is counted from records, by month; each month's table by itself."""
OF_AUDITORS = (Measure.LOOKS, Measure.REFUSED, Measure.EMERGENCIES)
OF_MANAGERS = (Measure.SHARING, Measure.STORIES, Measure.FOUND, *OF_REVIEWS)
ON_HOME = (Measure.LOOKS, Measure.REFUSED, Measure.SEARCHES, Measure.STORIES)


@dataclass(frozen=True, slots=True)
class HowFast:
    """How fast a no worked in a month; None where that is of fewer than five."""

    to_refusal: Lasted | None
    to_purge: Lasted | None


@dataclass(frozen=True, slots=True)
class FiguresAnswer:
    """Figures up to a month. `until` is up to when all is counted; None where nothing is.

    `months` are those that may be asked for, the newest first. `reviews` are of the months up to
    the one that is told of whose reviews are counted, the oldest first.
    """

    entered: UUID
    until: datetime | None
    months: tuple[date, ...]
    month: date | None
    by_time: tuple[ByTime, ...]
    decisions: ByAnswer | None
    how_fast: HowFast | None
    reviews: tuple[ReviewsOfMonth, ...] | None = None

    def of(self, measure: Measure) -> ByTime:
        """The lines of one measure."""
        return next(one for one in self.by_time if one.measure is measure)


def figures(
    auditing: Auditing, *, month: date | None = None, measures: Sequence[Measure] = OF_AUDITORS
) -> FiguresAnswer | NotForThem:
    """The figures of these measures, of decisions, and of how fast a no works.

    Without a month those of the newest that is over. With one, what was known at its end.
    """
    connection = auditing.work.connection
    until = counted_until(connection)
    months = times_that_are_over(Measure.DECISIONS, until, most=MONTHS)[::-1]
    chosen = _chosen(month, months)
    last = None if chosen is None or month is None else Unit.MONTH.after(chosen)
    entered = auditing.enter(
        AuditAsked(
            AuditQuestion.FIGURES,
            codes=tuple(one.value for one in measures),
            since=None if chosen is None else begins(chosen),
            until=None if chosen is None else begins(Unit.MONTH.after(chosen)),
        )
    )
    if isinstance(entered, NotForThem):
        return entered
    of_entries = [one for one in measures if one not in OF_REVIEWS]
    lines = tuple(_lines(one, until, auditing, last=last) for one in of_entries)
    if chosen is None:
        return FiguresAnswer(entered, until, months, None, lines, None, None)
    return FiguresAnswer(
        *(entered, until, months, chosen, lines),
        _decisions(chosen, auditing),
        _how_fast(chosen, auditing),
        _reviews(months, chosen, auditing) if Measure.REVIEWS in measures else None,
    )


def small_figures(auditing: Auditing) -> tuple[ByTime, ...]:
    """Four measures of the last weeks, for the first page; whoever shows it has entered it."""
    until = counted_until(auditing.work.connection)
    return tuple(_lines(one, until, auditing) for one in ON_HOME)


def _chosen(month: date | None, months: Sequence[date]) -> date | None:
    if not months:
        return None
    return month if month in months else months[0]


def _lines(
    measure: Measure, until: datetime | None, auditing: Auditing, *, last: date | None = None
) -> ByTime:
    connection = auditing.work.connection
    newest = None if last is None else measure.unit.before(measure.unit.of(begins(last)))
    times = times_that_are_over(measure, until, most=WEEKS, last=newest)
    counts = read_counts(connection, measure, times[0], times[-1]) if times else ()
    return by_time(measure, times, counts, agency_names(connection), _keyed(auditing))


def _decisions(month: date, auditing: Auditing) -> ByAnswer:
    connection = auditing.work.connection
    counts = read_counts(connection, Measure.DECISIONS, month, month)
    return by_answer(month, counts, agency_names(connection), _keyed(auditing))


def _how_fast(month: date, auditing: Auditing) -> HowFast:
    timings, _ = timings_between(begins(month), begins(Unit.MONTH.after(month)), auditing)
    return HowFast(
        shown_lasted(timings.to_refusal, fewest=FEWEST),
        shown_lasted(timings.to_purge, fewest=FEWEST),
    )


def _reviews(
    months: Sequence[date], chosen: date, auditing: Auditing
) -> tuple[ReviewsOfMonth, ...]:
    """Those of the months up to the chosen one that are counted, each by itself."""
    connection, first = auditing.work.connection, months[-1]
    counted = months_counted(connection)
    counts, days = (read_counts(connection, one, first, chosen) for one in OF_REVIEWS)
    found = [month for month in months[::-1] if month <= chosen and month in counted]
    lots = {month: lot_of_reviews(month, _keyed(auditing)) for month in found}
    return tuple(reviews_of_month(m, counted[m], counts, days, lots[m]) for m in found)


def _keyed(auditing: Auditing) -> Keyed:
    return lambda drawn: auditing.work.hasher.digest("figures", drawn)

"""Reviews of children on service managers' pages and in CSV: tables beside their pictures."""

from collections.abc import Mapping, Sequence
from datetime import date

from connectors.health_visiting.clinical.timeliness import ON_TIME_MEANS, MandatedReview
from services.audit.figures.measures import Measure, Unit
from services.audit.figures.reviews import (
    NewBirthVisits,
    ReviewOutcome,
    ReviewsOfMonth,
    counted_from,
    days_in_words,
)
from services.audit.figures.suppression import Shown
from services.portal.audit.figures.bars import bars, highest_of, in_words
from services.portal.audit.figures.words import (
    FiguresTable,
    MeasureWords,
    Picture,
    month_in_words,
)
from services.portal.words.dates import uk_day_in_words

_WHAT_ON_TIME_IS = tuple(f"{one.label}: on time {ON_TIME_MEANS[one]}" for one in MandatedReview)
_BARS = ", ".join(one.label.lower() for one in ReviewOutcome)


def reviews_words(reviews: Sequence[ReviewsOfMonth], month: date) -> tuple[MeasureWords, ...]:
    """Both figures, up to a month: its reviews by kind, and the days after birth by month.

    Of a month that is not counted yet they say when it is.
    """
    none = f"{month_in_words(month)} is not counted yet. {_when(month)}"
    tables = review_tables(reviews)
    if not reviews:
        return tuple(MeasureWords(tables[one.value], (), "", none) for one in _MEASURES)
    newest = reviews[-1]
    yet = "" if newest.month == month else f" {none}"
    lines = [row.counts for row in newest.table.rows]
    highest = highest_of(*lines)
    scale = f"Bars from the left: {_BARS}. All on one scale, 0 to {highest:,}.{yet}"
    of_kinds = zip(MandatedReview, lines, strict=True)
    pictures = tuple(_of_kind(kind, line, highest) for kind, line in of_kinds)
    return (
        MeasureWords(tables[Measure.REVIEWS.value], pictures, scale),
        MeasureWords(
            tables[Measure.NEW_BIRTH.value],
            (_of_days([one.new_birth for one in reviews]),),
            f"A bar a month, as high as its days.{yet}",
        ),
    )


_MEASURES = (Measure.REVIEWS, Measure.NEW_BIRTH)


def review_tables(reviews: Sequence[ReviewsOfMonth]) -> Mapping[str, FiguresTable]:
    """The tables of both, by the names by which they are asked for as CSV."""
    tables = (_table_of_kinds(reviews), _table_of_days(reviews))
    return {table.name: table for table in tables}


def _when(month: date) -> str:
    counted = uk_day_in_words(counted_from(month))
    return f"A month’s reviews are counted two weeks after it is over: these on {counted}."


def _table_of_kinds(reviews: Sequence[ReviewsOfMonth]) -> FiguresTable:
    measure, headings = Measure.REVIEWS, ("Review", *(one.label for one in ReviewOutcome), "All")
    if not reviews:
        return FiguresTable(
            measure.value, measure.label, headings, (), measure.meaning, _WHAT_ON_TIME_IS
        )
    newest = reviews[-1]
    named = zip(
        (*(kind.label for kind in MandatedReview), "All"),
        (*newest.table.rows, newest.table.totals),
        strict=True,
    )
    rows = tuple(
        (name, *(in_words(count) for count in row.counts), in_words(row.total))
        for name, row in named
    )
    counted = uk_day_in_words(newest.counted_at)
    caption = f"{measure.label}, {month_in_words(newest.month)}"
    meaning = f"{measure.meaning} These were counted on {counted}."
    return FiguresTable(measure.value, caption, headings, rows, meaning, _WHAT_ON_TIME_IS)


def _table_of_days(reviews: Sequence[ReviewsOfMonth]) -> FiguresTable:
    measure = Measure.NEW_BIRTH
    rows = tuple(
        (month_in_words(one.month), in_words(one.new_birth.visits), median_words(one.new_birth))
        for one in reviews
    )
    headings = ("Month", "Visits", "Half of them within")
    caption = f"{measure.label}, by {Unit.MONTH}"
    return FiguresTable(measure.value, caption, headings, rows, measure.meaning)


def median_words(of: NewBirthVisits) -> str:
    """The median in words; the mark where it is hidden."""
    if of.visits == 0:
        return "none"
    return in_words(None) if of.median is None else days_in_words(of.median)


def _of_kind(kind: MandatedReview, line: Sequence[Shown], highest: int) -> Picture:
    drawing = bars(f"{Measure.REVIEWS}-{kind}", f"{kind.label}: {_BARS}", line, highest=highest)
    return Picture(kind.label, drawing, f"{in_words(line[0])} on time")


def _of_days(visits: Sequence[NewBirthVisits]) -> Picture:
    line = [0 if one.visits == 0 else one.median for one in visits]
    newest = visits[-1]
    drawing = bars(Measure.NEW_BIRTH, Measure.NEW_BIRTH.label, line, highest=highest_of(line))
    told = f"{median_words(newest)} in {month_in_words(newest.month)}"
    return Picture("Half of the visits within", drawing, told)

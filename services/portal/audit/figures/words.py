"""Figures as pages and CSV have them: tables in words, each beside its picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from services.audit.figures.measures import Measure, Unit
from services.audit.figures.postgres_figures import FiguresAnswer, HowFast
from services.audit.figures.tables import ByAnswer, ByTime
from services.audit.figures.timings import Lasted
from services.portal.audit.figures.bars import bars, highest_of, in_words
from services.portal.words.dates import date_in_words

DECISIONS, HOW_FAST = "decisions", "how-fast"
"""The tables that are of no single measure, as they are asked for as CSV."""
_SMALL = timedelta(minutes=2)
_OF_ALL = "All"
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class FiguresTable:
    """A table in words: the first cell of a row is what it is of. `points` say more of each."""

    name: str
    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    meaning: str = ""
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """One small picture, under its heading, and what it ends with."""

    heading: str
    drawing: Markup
    newest: str


@dataclass(frozen=True, slots=True)
class MeasureWords:
    """One measure: pictures, and the table that says the same."""

    table: FiguresTable
    pictures: tuple[Picture, ...]
    scale: str
    none: str = "None in this time."


def month_in_words(month: date) -> str:
    """Write a month: "November 2026"."""
    return f"{_MONTHS[month.month - 1]} {month.year}"


def month_code(month: date) -> str:
    """A month as an address has it: "2026-11"."""
    return f"{month:%Y-%m}"


def measure_words(of: ByTime) -> MeasureWords:
    """A measure through its times: a picture an agency, all on one scale; and the table."""
    lines = {agency: of.of(agency) for agency in of.agencies}
    if lines and not of.measure.is_by_agency:
        lines = {_OF_ALL: of.totals}
    highest = highest_of(*lines.values())
    pictures = tuple(
        Picture(
            agency,
            bars(f"{of.measure}-{number}", f"{of.measure.label}, {agency}", line, highest=highest),
            f"{in_words(line[-1])} in the last {of.measure.unit}",
        )
        for number, (agency, line) in enumerate(lines.items())
    )
    return MeasureWords(time_table(of), pictures, f"All on one scale, 0 to {highest:,}.")


def time_table(of: ByTime) -> FiguresTable:
    """The table of a measure: a line a week or month, a column an agency, and all of them."""
    is_week, unit = of.measure.unit is Unit.WEEK, of.measure.unit.value
    is_split = of.measure.is_by_agency
    rows = tuple(
        (
            date_in_words(first) if is_week else month_in_words(first),
            *(in_words(count) for count in (row.counts if is_split else ())),
            in_words(row.total),
        )
        for first, row in zip(of.times, of.rows, strict=True)
    )
    agencies = of.agencies if is_split else ()
    headings = ("Week from" if is_week else "Month", *agencies, _OF_ALL)
    caption = f"{of.measure.label}, by {'agency and ' if is_split else ''}{unit}"
    return FiguresTable(of.measure.value, caption, headings, rows, of.measure.meaning)


def total_words(of: ByTime, number: int) -> Picture:
    """A measure of all agencies as one small picture, for a first page."""
    totals = of.totals
    drawing = bars(f"small-{number}", of.measure.label, totals, highest=highest_of(totals))
    newest = in_words(totals[-1]) if totals else "0"
    return Picture(of.measure.label, drawing, f"{newest} in the last {of.measure.unit}")


def small_pictures(of: Sequence[ByTime]) -> tuple[Picture, ...]:
    """Four small pictures for the first page of the workbench, of `small_figures`."""
    return tuple(total_words(each, number) for number, each in enumerate(of))


def decisions_table(of: ByAnswer) -> FiguresTable:
    """The table of what families decided in a month."""
    named = zip((*of.agencies, _OF_ALL), (*of.table.rows, of.table.totals), strict=True)
    rows = tuple(
        (name, *(in_words(count) for count in row.counts), in_words(row.total))
        for name, row in named
    )
    headings = ("Agency", *(answer.label for answer in of.answers), _OF_ALL)
    caption = f"{Measure.DECISIONS.label} in {month_in_words(of.month)}, by agency"
    return FiguresTable(
        DECISIONS, caption, headings, rows if of.agencies else (), Measure.DECISIONS.meaning
    )


def how_fast_table(month: date, of: HowFast) -> FiguresTable:
    """The table of how fast a no worked in a month; never of how many."""
    rows = (
        ("First refused look", *lasted_words(of.to_refusal)),
        ("Copies purged", *lasted_words(of.to_purge)),
    )
    headings = ("From “no” to", "Half within", "95 in 100 within", "Worst")
    meaning = (
        "From the moment at which a family withdrew: to the first look that was refused, whenever "
        "somebody looked; and to the moment at which what had been shared was taken out. Of fewer "
        "than five nothing is told, and of how many never."
    )
    caption = f"How fast a “no” works, {month_in_words(month)}"
    return FiguresTable(HOW_FAST, caption, headings, rows, meaning)


def lasted_words(of: Lasted | None) -> tuple[str, str, str]:
    """Median, 95 in 100 and worst; the mark where it is of too few."""
    if of is None:
        return (in_words(None),) * 3
    return took(of.median), took(of.often), took(of.worst)


def took(time: timedelta | None) -> str:
    """How long something took, as precisely as it matters."""
    if time is None:
        return "none"
    if time < _SMALL:
        return f"{time.total_seconds():.2f} s"
    minutes = int(time.total_seconds() // 60)
    days, hours = divmod(minutes // 60, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


def tables_of(answer: FiguresAnswer) -> Mapping[str, FiguresTable]:
    """Every table of an answer by its name, as they are asked for as CSV."""
    tables = [time_table(one) for one in answer.by_time]
    if answer.decisions is not None:
        tables.append(decisions_table(answer.decisions))
    if answer.month is not None and answer.how_fast is not None:
        tables.append(how_fast_table(answer.month, answer.how_fast))
    return {table.name: table for table in tables}

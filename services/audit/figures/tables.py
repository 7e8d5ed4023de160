"""Figures as tables: which times, which lines, and what of them is shown. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from services.audit.figures.measures import ACCEPTED, Count, DecisionAnswer, Measure, begins
from services.audit.figures.suppression import (
    Lot,
    Shown,
    ShownRow,
    ShownTable,
    shown_row,
    shown_table,
)

OTHERS = "Others"
"""What systems and partners are called, which are of no agency."""
Keyed = Callable[[str], bytes]
"""A keyed hash: by it is drawn what is hidden beside small counts."""


def times_that_are_over(
    measure: Measure, until: datetime | None, *, most: int, last: date | None = None
) -> tuple[date, ...]:
    """The last so many times of a measure that are over and counted, the oldest first.

    `last` is the newest that is wanted, where that is not the newest there is.
    """
    if until is None:
        return ()
    unit = measure.unit
    newest = unit.before(unit.of(until))
    if last is not None:
        newest = min(newest, unit.of(begins(last)))
    found = [newest]
    while len(found) < most:
        found.append(unit.before(found[-1]))
    return tuple(reversed(found))


@dataclass(frozen=True, slots=True)
class ByTime:
    """Counts of a measure: a line a time, a column an agency. A line is shown by itself alone."""

    measure: Measure
    agencies: tuple[str, ...]
    times: tuple[date, ...]
    rows: tuple[ShownRow, ...]

    def of(self, agency: str) -> tuple[Shown, ...]:
        """Those of one agency, through the times."""
        column = self.agencies.index(agency)
        return tuple(row.counts[column] for row in self.rows)

    @property
    def totals(self) -> tuple[Shown, ...]:
        """Those of all agencies, through the times."""
        return tuple(row.total for row in self.rows)


def by_time(
    measure: Measure,
    times: Sequence[date],
    counts: Iterable[Count],
    names: Mapping[str, str],
    keyed: Keyed,
) -> ByTime:
    """Put counts into lines. Which agencies there are, their counts in these times say.

    What a line shows is decided by its own counts: an agency with none is no part of it. So the
    same week is shown alike in every window of weeks that it is seen in.
    """
    counted: dict[tuple[date, str], int] = {}
    for one in counts:
        if measure is not Measure.FOUND or one.code in ACCEPTED:
            counted[one.period, one.agency] = counted.get((one.period, one.agency), 0) + one.times
    agencies = sorted({agency for period, agency in counted if period in times}, key=_order(names))
    rows = []
    for period in times:
        theirs = [agency for agency in agencies if counted.get((period, agency))]
        lot = lot_by_names(keyed, f"{measure}/{period}", theirs, ["count"])
        row = shown_row([counted[period, agency] for agency in theirs], lot)
        shown = dict(zip(theirs, row.counts, strict=True))
        rows.append(ShownRow(tuple(shown.get(agency, 0) for agency in agencies), row.total))
    called = tuple(_called(agency, names) for agency in agencies)
    return ByTime(measure, called, tuple(times), tuple(rows))


@dataclass(frozen=True, slots=True)
class ByAnswer:
    """Decisions of one month: a line an agency, a column an answer, with the totals of both."""

    month: date
    agencies: tuple[str, ...]
    answers: tuple[DecisionAnswer, ...]
    table: ShownTable


def by_answer(
    month: date, counts: Iterable[Count], names: Mapping[str, str], keyed: Keyed
) -> ByAnswer:
    """Put the decisions of a month into a table."""
    answers = tuple(DecisionAnswer)
    counted: dict[str, list[int]] = {}
    for one in counts:
        for column, answer in enumerate(answers):
            if one.period == month and one.code in answer.codes:
                counted.setdefault(one.agency, [0] * len(answers))[column] += one.times
    agencies = sorted(counted, key=_order(names))
    lot = lot_by_names(keyed, f"{Measure.DECISIONS}/{month}", agencies, [a.value for a in answers])
    table = shown_table([counted[agency] for agency in agencies], lot)
    return ByAnswer(month, tuple(_called(a, names) for a in agencies), answers, table)


def _order(names: Mapping[str, str]) -> Callable[[str], tuple[bool, str]]:
    return lambda agency: (not agency, _called(agency, names))


def _called(agency: str, names: Mapping[str, str]) -> str:
    return names.get(agency, agency) if agency else OTHERS


def lot_by_names(keyed: Keyed, table: str, lines: Sequence[str], columns: Sequence[str]) -> Lot:
    """Draw by names, so that it is no matter which other lines there are."""

    def draw(row: int, column: int) -> bytes:
        # A single line of counts is laid across.
        across = (*lines, "total") if columns == ["count"] else (*columns, "total")
        down = ("",) if columns == ["count"] else (*lines, "total")
        return sha256(keyed(f"{table}/{down[row]}/{across[column]}")).digest()

    return draw

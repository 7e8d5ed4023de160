"""Small counts are hidden, and an attacker who knows every rule cannot work one out."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from hashlib import sha256
from itertools import permutations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from services.audit.figures.measures import Count, Measure
from services.audit.figures.suppression import (
    FEWEST,
    SPAN,
    Lot,
    ShownRow,
    ShownTable,
    shown_row,
    shown_table,
)
from services.audit.figures.tables import by_time

_MOST, _MOST_REPLAYED = 18, 12


def _lot(key: object) -> Lot:
    return lambda row, column: sha256(f"{key}/{row}/{column}".encode()).digest()


def _completions(lines: Sequence[ShownRow], most: int) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Every table that could stand behind what is shown, cell by cell: all that a reader knows.

    The last line is that of totals, the last count of each its total; a hidden one is not 0.
    """
    *inner, totals = lines
    width = len(totals.counts)

    def rows_of(line: ShownRow) -> list[tuple[int, ...]]:
        choices = [range(1, most) if c is None else (c,) for c in line.counts]
        return [r for r in product(*choices) if _agrees(sum(r), line.total)]

    def down(number: int, sums: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], ...]]:
        if number == len(inner):
            whole = all(_agrees(s, t) for s, t in zip(sums, totals.counts, strict=True))
            if whole and _agrees(sum(sums), totals.total):
                yield ()
            return
        for row in rows_of(inner[number]):
            more = tuple(a + b for a, b in zip(sums, row, strict=True))
            if all(t is None or s <= t for s, t in zip(more, totals.counts, strict=True)):
                for rest in down(number + 1, more):
                    yield (row, *rest)

    yield from down(0, (0,) * width)


def _agrees(total: int, shown: int | None) -> bool:
    return total > 0 if shown is None else total == shown


def _narrowest(shown: ShownTable) -> int:
    """How far apart the least and most lie of the hidden count that a reader knows best."""
    lines = (*shown.rows, shown.totals)
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for table in _completions(lines, _MOST):
        for r, row in enumerate(table):
            for c, count in enumerate(row):
                least, most = found.get((r, c), (count, count))
                found[r, c] = min(least, count), max(most, count)
    hidden = [
        found[r, c]
        for r, row in enumerate(shown.rows)
        for c, count in enumerate(row.counts)
        if count is None
    ]
    return min((most - least for least, most in hidden), default=SPAN)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 10), min_size=2, max_size=2), min_size=1, max_size=2),
    st.integers(0, 1000),
)
def test_no_hidden_count_of_a_table_can_be_worked_out(counts: list[list[int]], key: int) -> None:
    """By trying every table with the same totals: each hidden count keeps an interval."""
    shown = shown_table(counts, _lot(key))

    assert _narrowest(shown) >= SPAN
    for line, row in zip(counts, shown.rows, strict=True):
        for count, told in zip(line, row.counts, strict=True):
            assert told is None or (told == count and not 0 < told < FEWEST)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 14), min_size=1, max_size=4), st.integers(0, 1000))
def test_no_hidden_count_of_a_line_can_be_worked_out(counts: list[int], key: int) -> None:
    """The same of one line and its total."""
    row = shown_row(counts, _lot(key))

    # As a table of one line: the totals of its columns say what the line says, and no more.
    assert _narrowest(ShownTable((row,), row)) >= SPAN
    assert row.total is None or row.total == sum(counts)


def _drawing(order: Sequence[int], drawn: Sequence[bool]) -> Lot:
    """A lot that takes a line's counts in this order, and hides these for no reason."""
    return lambda _, c: bytes([0] * 5 + [order[c], 0, 0 if drawn[c] else 1])


def test_who_knows_the_rules_but_not_the_lot_works_nothing_out() -> None:
    """Over every lot and every line of three: what is shown leaves each hidden count several."""
    behind: dict[ShownRow, set[tuple[int, ...]]] = defaultdict(set)
    for order in permutations(range(3)):
        for drawn in product((True, False), repeat=4):
            lot = _drawing((*order, 9), drawn)
            for counts in product(range(8), repeat=3):
                behind[shown_row(counts, lot)].add(counts)

    for shown, found in behind.items():
        # A line near the end of what was tried may have others behind it beyond that.
        if max(map(max, found)) < 7:
            for place, count in enumerate(shown.counts):
                assert count is not None or len({one[place] for one in found}) > 1, shown


def _would_be_shown_so(table: Sequence[Sequence[int]], shown: ShownTable) -> bool:
    """Whether there is a lot by which these rules show a table so: one that hides just that."""
    lines = [(*row.counts, row.total) for row in (*shown.rows, shown.totals)]
    return shown == shown_table(
        table, lambda row, column: bytes([0] * 7 + [lines[row][column] is not None])
    )


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 7), min_size=2, max_size=2), min_size=1, max_size=2),
    st.integers(0, 1000),
)
def test_a_reader_who_replays_the_rules_on_every_table_is_left_with_several(
    counts: list[list[int]], key: int
) -> None:
    """Of all that agree with what is shown, those count that these rules may have shown so."""
    shown = shown_table(counts, _lot(key))
    left: dict[tuple[int, int], set[int]] = defaultdict(set)
    hidden = {
        (r, c) for r, row in enumerate(shown.rows) for c, n in enumerate(row.counts) if n is None
    }
    for table in _completions((*shown.rows, shown.totals), _MOST_REPLAYED):
        is_news = any(table[r][c] not in left[r, c] for r, c in hidden)
        if is_news and _would_be_shown_so(table, shown):
            for r, c in hidden:
                left[r, c].add(table[r][c])

    assert all(len(left[place]) > 1 for place in hidden), (counts, shown)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 7), st.sampled_from("ABC"), st.integers(1, 12)), max_size=24),
    st.integers(1, 8),
    st.integers(0, 7),
)
def test_a_week_is_shown_alike_in_every_window(
    found: list[tuple[int, str, int]], length: int, first: int
) -> None:
    """So overlapping windows, subtracted from one another, tell nothing."""
    monday = date(2026, 9, 7)
    weeks = [monday + timedelta(days=7 * number) for number in range(8)]
    counts = [Count(weeks[week], agency, "", times) for week, agency, times in found]
    names = {"A": "Trust", "B": "School", "C": "Council"}

    def shown(times: Sequence[date]) -> dict[date, dict[str, int | None]]:
        table = by_time(Measure.LOOKS, times, counts, names, lambda t: t.encode())
        return {
            week: {
                **{a: c for a, c in zip(table.agencies, row.counts, strict=True) if c != 0},
                "All": row.total,
            }
            for week, row in zip(table.times, table.rows, strict=True)
        }

    whole, window = shown(weeks), shown(weeks[first : first + length])

    assert window == {week: whole[week] for week in weeks[first : first + length]}


def test_large_counts_are_all_shown() -> None:
    """Nothing is hidden for nothing; and 0 is said."""
    shown = shown_table([[12, 0], [7, 9]], _lot(1))

    assert [row.counts for row in shown.rows] == [(12, 0), (7, 9)]
    assert shown.totals == ShownRow((19, 9), 28)


def test_a_lone_small_count_hides_its_totals() -> None:
    """In a table of nothing else, the totals would say it."""
    shown = shown_table([[3, 0], [0, 0]], _lot(1))

    assert shown.rows[0] == ShownRow((None, 0), None)
    assert shown.totals == ShownRow((None, 0), None)

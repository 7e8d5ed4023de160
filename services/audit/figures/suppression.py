"""Which counts of a table are hidden, so that none of them can be worked out from the rest. Pure.

(1) A count from 1 to 4 is hidden, a total too: behind it stand people who could be guessed.
(2) With totals beside it, it could be subtracted; so others are hidden with it, until what a reader
can work out of every hidden count is an interval at least SPAN wide. The reader knows that a hidden
count is never 0. (3) Which others, is drawn by lot, and never by how large they are: who knows
these rules learns nothing from which were taken. (4) Where anything is hidden, the lot first hides
some more for no reason at all. Else a reader could ask of each table that would agree with what is
shown whether these rules would have hidden just that, and of a sparse one sometimes one is left. So
every table that agrees, and has a small count, may be the one. The lot is the caller's, by a key:
the same table is always shown alike.

How wide an interval is, tells a flow: a row is a node, a column is a node, the line of totals is
one more of each, and a count is an edge between its row and its column. Hidden counts may change
together along a closed path. (A. Hundepool et al., "Statistical Disclosure Control", chapter 4.)

Every count belongs to one table and one time alone, and no table has a total over several times:
two tables that are seen beside one another tell nothing that one does not.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush

FEWEST = 5
"""A count below it, but not 0, is hidden."""
SPAN = 5
"""At least so far apart lie the least and the most that a hidden count may be."""

ONE_IN = 16
"""Of so many counts beside a small one the lot hides one for no reason."""

Lot = Callable[[int, int], bytes]
"""Draws eight bytes or more for a row and a column; the line after the last is that of totals."""
Shown = int | None
"""A count as it is shown; None is hidden."""


@dataclass(frozen=True, slots=True)
class ShownRow:
    """Counts of one line, and their total."""

    counts: tuple[Shown, ...]
    total: Shown


@dataclass(frozen=True, slots=True)
class ShownTable:
    """Counts by row and column, the totals of both, and of all."""

    rows: tuple[ShownRow, ...]
    totals: ShownRow


def shown_row(counts: Sequence[int], lot: Lot) -> ShownRow:
    """One line and its total, which stand for themselves."""
    network = _Network(lot)
    for number, count in enumerate(counts):
        network.add((0, number), "row", "outside", count)
    total = (0, len(counts))
    network.add(total, "row", "outside", sum(counts), is_total=True)
    network.protect()
    return ShownRow(tuple(network.shown((0, n)) for n in range(len(counts))), network.shown(total))


def shown_table(counts: Sequence[Sequence[int]], lot: Lot) -> ShownTable:
    """A table with the totals of its rows, of its columns, and of all."""
    network, width = _Network(lot), len(counts[0]) if counts else 0
    for row, line in enumerate(counts):
        for column, count in enumerate(line):
            network.add((row, column), f"row {row}", f"column {column}", count)
        network.add((row, width), f"row {row}", "totals", sum(line), is_total=True)
    bottom = len(counts)
    for column in range(width):
        total = sum(line[column] for line in counts)
        network.add((bottom, column), "all rows", f"column {column}", total, is_total=True)
    network.add((bottom, width), "all rows", "totals", sum(map(sum, counts)))
    network.protect()
    lines = [
        ShownRow(tuple(network.shown((r, c)) for c in range(width)), network.shown((r, width)))
        for r in range(bottom + 1)
    ]
    return ShownTable(tuple(lines[:-1]), lines[-1])


_Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Edge:
    """A count between two nodes; totals count against what they are the totals of."""

    place: _Place
    start: str
    end: str
    count: int
    is_total: bool

    def room(self, *, forwards: bool) -> int:
        """How far the count may change when what flows along it goes this way."""
        return SPAN if forwards is not self.is_total else min(SPAN, self.count - 1)


@dataclass(slots=True)
class _Network:
    lot: Lot
    edges: dict[_Place, _Edge] = field(default_factory=dict)
    hidden: set[_Place] = field(default_factory=set)

    def add(
        self, place: _Place, start: str, end: str, count: int, *, is_total: bool = False
    ) -> None:
        """Add a count; one that is 0 can change into nothing, and is no edge."""
        self.edges[place] = _Edge(place, start, end, count, is_total)
        if 0 < count < FEWEST:
            self.hidden.add(place)

    def shown(self, place: _Place) -> Shown:
        return None if place in self.hidden else self.edges[place].count

    def protect(self) -> None:
        """Hide more until nothing hidden can be worked out."""
        if self.hidden:
            self.hidden |= {place for place in self._to_hide() if self._is_drawn(place)}
        while (edge := next((e for e in self._hidden() if self._span(e) < SPAN), None)) is not None:
            more = self._closing(edge) - self.hidden
            # Where paths are closed and too narrow, whatever is next in the lot widens them.
            self.hidden.update(more or {min(self._to_hide(), key=self._cost)})

    def _to_hide(self) -> Iterator[_Place]:
        return (e.place for e in self.edges.values() if e.count and e.place not in self.hidden)

    def _is_drawn(self, place: _Place) -> bool:
        return int.from_bytes(self.lot(*place)[6:8], "big") % ONE_IN == 0

    def _cost(self, place: _Place) -> tuple[int, int]:
        """What it costs to hide it: totals are asked for most, else the lot says."""
        if place in self.hidden:
            return 0, 0
        is_inner = not self.edges[place].is_total and self.edges[place].start != "all rows"
        return (0 if is_inner else 1), 1 + int.from_bytes(self.lot(*place)[:6], "big")

    def _hidden(self) -> Iterator[_Edge]:
        return (self.edges[place] for place in sorted(self.hidden))

    def _span(self, edge: _Edge) -> int:
        """How wide the interval is in which a hidden count must lie, up to SPAN."""
        more = self._flow(edge.end, edge.start, edge, edge.room(forwards=True))
        less = self._flow(edge.start, edge.end, edge, edge.room(forwards=False))
        return min(SPAN, more + less)

    def _flow(self, source: str, sink: str, without: _Edge, most: int) -> int:
        """How much can flow between two nodes along other hidden counts, up to so much."""
        used: dict[tuple[_Place, bool], int] = {}
        flown = 0
        while flown < most:
            path = self._free_path(source, sink, without, used)
            if path is None:
                break
            room = min(most - flown, *(self._left(step, used) for step in path))
            for place, forwards in path:
                used[place, forwards] = used.get((place, forwards), 0) + room
                used[place, not forwards] = used.get((place, not forwards), 0) - room
            flown += room
        return flown

    def _left(self, step: tuple[_Place, bool], used: dict[tuple[_Place, bool], int]) -> int:
        place, forwards = step
        return self.edges[place].room(forwards=forwards) - used.get(step, 0)

    def _free_path(
        self, source: str, sink: str, without: _Edge, used: dict[tuple[_Place, bool], int]
    ) -> list[tuple[_Place, bool]] | None:
        came: dict[str, tuple[str, tuple[_Place, bool]]] = {}
        waiting = [source]
        for node in waiting:
            for edge in self._hidden():
                for here, there, forwards in _ways(edge):
                    step = (edge.place, forwards)
                    is_new = here == node and there != source and there not in came
                    if edge is not without and is_new and self._left(step, used) > 0:
                        came[there] = (node, step)
                        waiting.append(there)
            if sink in came:
                return _way_back(came, source, sink)
        return None

    def _closing(self, edge: _Edge) -> set[_Place]:
        """What to hide so that a hidden count lies on a closed path: the cheapest."""
        nothing = (0, 0)
        best, came = {edge.end: nothing}, dict[str, tuple[str, tuple[_Place, bool]]]()
        waiting = [(nothing, edge.end)]
        while waiting:
            cost, node = heappop(waiting)
            for other, there, forwards in self._from(node, edge):
                step = self._cost(other.place)
                more = (cost[0] + step[0], cost[1] + step[1])
                if there not in best or more < best[there]:
                    best[there], came[there] = more, (node, (other.place, forwards))
                    heappush(waiting, (more, there))
        return {place for place, _ in _way_back(came, edge.end, edge.start)}

    def _from(self, node: str, without: _Edge) -> Iterator[tuple[_Edge, str, bool]]:
        for edge in self.edges.values():
            for here, there, forwards in _ways(edge):
                if edge is not without and edge.count and here == node:
                    yield edge, there, forwards


def _ways(edge: _Edge) -> tuple[tuple[str, str, bool], ...]:
    return (edge.start, edge.end, True), (edge.end, edge.start, False)


def _way_back(
    came: dict[str, tuple[str, tuple[_Place, bool]]], source: str, sink: str
) -> list[tuple[_Place, bool]]:
    path, node = [], sink
    while node != source:
        node, step = came[node]
        path.append(step)
    return path

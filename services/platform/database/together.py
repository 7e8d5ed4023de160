"""Several statements carried out as one: one plan, one snapshot, one way there and back.

What each of them gives is put into slots by its type, one for as many columns as any of them has,
beside a number that says whose row it is. Which columns of which types they have is asked of the
database once a process, so that nothing here has to be kept in step with them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from psycopg import postgres

from services.platform.database.direct import DirectConnection, row_type

_ARRAY = "[]"


@dataclass(frozen=True, slots=True)
class Piece:
    """One of the statements, with names for its values in the place of ours."""

    name: str
    statement: str


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a row of one statement is made of the slots of the whole."""

    name: str
    make: Callable[[Sequence[Any]], Any]
    slots: Sequence[int]


@dataclass(frozen=True, slots=True)
class Together:
    """The whole, ready to be carried out, and how its rows are told apart."""

    statement: str
    shapes: Sequence[_Shape]

    def execute(
        self, connection: DirectConnection, values: Mapping[str, Any]
    ) -> Mapping[str, list[Any]]:
        """Carry it out; gives the rows of each statement by its name."""
        found: dict[str, list[Any]] = {shape.name: [] for shape in self.shapes}
        adds = [(found[shape.name].append, shape.make, shape.slots) for shape in self.shapes]
        for row in connection.tuples(self.statement, values):
            add, make, slots = adds[row[0]]
            add(make([row[slot] for slot in slots]))
        return found


def put_together(
    beginning: str,
    parts: Sequence[Piece],
    *,
    connection: DirectConnection,
    values: Mapping[str, Any],
) -> Together:
    """Ask what columns each statement has, after `beginning` (WITH …), and make one of all."""
    columns = [_columns(connection, beginning, part, values) for part in parts]
    slots: dict[str, int] = {}
    for each in columns:
        for kind in dict.fromkeys(kind for _, kind in each):
            slots[kind] = max(slots.get(kind, 0), sum(k == kind for _, k in each))
    order = [(kind, number) for kind, most in sorted(slots.items()) for number in range(most)]
    placed = [_placed(each, order) for each in columns]
    selects = [
        _select(number, part, each, order, places)
        for number, (part, each, places) in enumerate(zip(parts, columns, placed, strict=True))
    ]
    shapes = [
        _Shape(part.name, row_type(tuple(name for name, _ in each))._make, [p + 1 for p in places])
        for part, each, places in zip(parts, columns, placed, strict=True)
    ]
    return Together(f"{beginning}\n" + "\nUNION ALL\n".join(selects), shapes)


_Columns = Sequence[tuple[str, str]]


def _columns(
    connection: DirectConnection, beginning: str, part: Piece, values: Mapping[str, Any]
) -> _Columns:
    """The name and the type of each."""
    asked = f"{beginning} SELECT * FROM ({part.statement}) AS told LIMIT 0"  # noqa: S608 ours
    return [(name, _type(oid)) for name, oid in connection.columns(asked, values)]


def _type(oid: int) -> str:
    found = postgres.types[oid]
    return f"{found.name}{_ARRAY}" if found.array_oid == oid else found.name


def _placed(columns: _Columns, order: Sequence[tuple[str, int]]) -> list[int]:
    """In which slot each column is."""
    places = {slot: place for place, slot in enumerate(order)}
    numbers: dict[str, count[int]] = {}
    return [places[kind, next(numbers.setdefault(kind, count()))] for _, kind in columns]


def _select(
    number: int,
    part: Piece,
    columns: _Columns,
    order: Sequence[tuple[str, int]],
    places: Sequence[int],
) -> str:
    names = [f'told."{name}"' for name, _ in columns]
    held = dict(zip(places, names, strict=True))
    shown = [held.get(place, f"CAST(NULL AS {kind})") for place, (kind, _) in enumerate(order)]
    return f"SELECT {number}, {', '.join(shown)} FROM ({part.statement}) AS told"  # noqa: S608 ours

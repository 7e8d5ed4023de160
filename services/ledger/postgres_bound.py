"""Bound rows in PostgreSQL: written with their entry, and doubted when they are read."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Connection, Row, column, table, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from consent.ledger import LedgerEntry, ledger_entry, new_entry_id
from consent.ledger.events import LedgerEvent
from consent.ledger.fields import MOST_ITEMS
from consent.ports import Ledger
from services.ledger.binding import (
    BINDING_COLUMNS,
    BoundTable,
    are_sealed,
    bind,
    hash_of,
    is_sealed,
)
from services.platform.logging import LogEvent

_IS_BOUND = text("SELECT 1 FROM rows_bound WHERE table_name = :name")
_NOW_BOUND = text("INSERT INTO rows_bound (table_name, bound_at) VALUES (:name, :at)")
_MIGRATION = "job:migration"


@cache
def _values_of(of: BoundTable, alias: str) -> Callable[[Row[Any]], tuple[object, ...]]:
    """What takes the columns out of a row; hundreds of rows are doubted to read a few families."""
    start = f"{alias}_" if alias else ""
    return attrgetter(*(start + name for name in of.bound_columns))


class BoundRows:
    """Writes and doubts the bound rows of one transaction. `key` is no database's to hold."""

    def __init__(self, connection: Connection, ledger: Ledger, *, key: bytes, at: datetime) -> None:
        self._connection = connection
        self._ledger = ledger
        self._key = key
        self._at = at

    @property
    def at(self) -> datetime:
        """The one moment of this transaction."""
        return self._at

    def add(
        self, of: BoundTable, rows: Sequence[tuple[Mapping[str, Any], str]]
    ) -> Collection[tuple[str, int]]:
        """Write states that are new, each with who made it so; gives id and state of just those.

        A row gives every column of the table; a hash of it goes into the ledger. One whose state is
        there already stays as it was: of two transactions that write the same state, the second
        writes nothing.
        """
        if not rows:
            return []
        made = [(dict(row) | _binding(of, row, self._key, self._at), actor) for row, actor in rows]
        written = set(self._connection.execute(_insert(of), [row for row, _ in made]).scalars())
        new = [(row, actor) for row, actor in made if row["bound_by"] in written]
        self._ledger.append(
            [entry_of_binding(of, row, "written", at=self._at, actor=actor) for row, actor in new]
        )
        return {(of.row_id(row), row[of.state]) for row, _ in new}

    def holds(self, of: BoundTable, row: Row[Any], alias: str = "") -> bool:
        """Whether a row with all its columns is as it was written; alarms where it is not.

        What it permits is then to count as nothing, and what it may have denied as denied. With
        an alias it is the part of a row that `BoundTable.selected` chose.
        """
        values = _values_of(of, alias)(row)
        if are_sealed(of, values, key=self._key):
            return True
        return self.holds_told(of, dict(zip(of.bound_columns, values, strict=True)))

    def holds_told(self, of: BoundTable, found: Mapping[str, Any]) -> bool:
        """The same of a row by its columns, whichever way it was read."""
        if is_sealed(of, found, key=self._key):
            return True
        log = structlog.get_logger()
        log.critical(LogEvent.BOUND_ROW_FAILED, table=of.code, row=of.row_id(found))
        return False

    def bind_what_was_there(self, tables: Iterable[BoundTable]) -> None:
        """Bind the rows of tables that were not bound until now; as the database's owner.

        Again does nothing: what was written without its seal since then stays without.
        """
        for one in tables:
            name = {"name": one.name}
            if self._connection.execute(_IS_BOUND, name).first() is None:
                self.bind_unbound(one)
                self._connection.execute(_NOW_BOUND, name | {"at": self._at})

    def bind_unbound(self, of: BoundTable) -> None:
        """Bind the rows of one table that nothing has bound, each by an entry that says so."""
        where = " AND ".join(f"{name} = :{name}" for name in (*of.key, of.state))
        found = text(f"SELECT * FROM {of.name} WHERE seal IS NULL")  # noqa: S608 - our own names
        update = text(f"""
            UPDATE {of.name} SET salt = :salt, bound_by = :bound_by, seal = :seal
            WHERE {where} AND seal IS NULL
        """)  # noqa: S608 as above
        rows = [dict(row) for row in self._connection.execute(found).mappings()]
        for first in range(0, len(rows), MOST_ITEMS):
            lot = rows[first : first + MOST_ITEMS]
            for row in lot:
                row.update(_binding(of, row, self._key, self._at))
            self._connection.execute(update, lot)
            self._ledger.append(
                [
                    entry_of_binding(of, row, "migration", at=self._at, actor=_MIGRATION)
                    for row in lot
                ]
            )

    def release(self, entries: Collection[UUID], because: str, *, actor: str) -> None:
        """Enter that the rows of these entries are gone, which whoever deletes them has to say."""
        told = sorted(map(str, entries))
        lots = [told[first : first + MOST_ITEMS] for first in range(0, len(told), MOST_ITEMS)]
        self._ledger.append(
            [
                ledger_entry(
                    LedgerEvent.ROWS_RELEASED,
                    {"because": because, "entries": lot},
                    at=self._at,
                    actor=actor,
                )
                for lot in lots
            ]
        )


@cache
def _insert(of: BoundTable) -> ReturningInsert[tuple[UUID]]:
    """Made once: to say it anew costs more than the database takes to do it."""
    target = table(of.name, *map(column, (*of.columns, *of.beside, *BINDING_COLUMNS)))
    return insert(target).on_conflict_do_nothing().returning(target.c.bound_by)


def entry_of_binding(
    of: BoundTable, row: Mapping[str, Any], because: str, *, at: datetime, actor: str
) -> LedgerEntry:
    """The entry to which a row with its binding is bound."""
    return ledger_entry(
        LedgerEvent.ROW_BOUND,
        {
            "table": of.code,
            "row": of.row_id(row),
            "state": row[of.state],
            "held": hash_of(of, row, row["salt"]).hex(),
            "because": because,
        },
        at=at,
        actor=actor,
        entry_id=row["bound_by"],
    )


def _binding(of: BoundTable, row: Mapping[str, Any], key: bytes, at: datetime) -> dict[str, object]:
    binding = bind(of, row, new_entry_id(at), key=key)
    return {"salt": binding.salt, "bound_by": binding.bound_by, "seal": binding.seal}

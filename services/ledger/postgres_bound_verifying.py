"""Comparing bound rows with the ledger, both ways, as the database's owner in one snapshot."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection, text

from consent.ledger import read_entry
from consent.ledger.events import LedgerEvent
from services.ledger.binding import BoundTable, hash_of, is_sealed
from services.ledger.bound_tables import AGREEMENTS, BOUND, DECISIONS

_IN_LOTS = {"yield_per": 1_000}
# Found in the bytes, because to read every entry as JSON takes ten times as long.
_ENTRIES = text("""
    SELECT body FROM ledger_entry WHERE position(CAST(:event AS bytea) IN body) > 0 ORDER BY seq
""")


@dataclass(frozen=True, slots=True)
class BoundRowFault:
    """A row and its entry that do not agree; `row` is what the entry calls it."""

    table: str
    row: str
    state: int
    what: str

    def __str__(self) -> str:
        return f"{self.table} {self.row} state {self.state}: {self.what}"


def compare_bound_rows(connection: Connection, *, key: bytes) -> Iterator[BoundRowFault]:
    """Everything about which the rows of bound tables and the ledger disagree.

    A row that an entry of erasure or retention accounts for may be missing.
    """
    entries = _bindings(connection)
    for table in BOUND:
        for row in _rows(connection, table):
            entry = entries.pop(row["bound_by"], None)
            fault = _fault(table, row, entry, key)
            if fault is not None:
                yield BoundRowFault(table.code, table.row_id(row), row[table.state], fault)
    released = _released(connection)
    for entry_id, told in entries.items():
        if str(entry_id) not in released:
            yield BoundRowFault(told["table"], told["row"], told["state"], "is not there")


def count_bound_rows(connection: Connection) -> int:
    """How many rows the ledger vouches for, in all tables."""
    counted = (text(f"SELECT count(*) FROM {table.name}") for table in BOUND)  # noqa: S608 ours
    return sum(int(connection.execute(statement).scalar_one()) for statement in counted)


_TRIED = 10
_THERE = text("""
    SELECT name FROM unnest(CAST(:names AS text[])) AS name
    WHERE EXISTS (SELECT FROM pg_attribute
                  WHERE attrelid = to_regclass(name) AND attname = 'seal')
""")


def may_be_key_of_bound_rows(connection: Connection, *, key: bytes) -> bool:
    """Whether any of a few rows is sealed under this key, or none is bound; of an older database.

    One that was changed does not count against the key, so long as another holds.
    """
    there = connection.execute(_THERE, {"names": [table.name for table in BOUND]}).scalars().all()
    found = [
        (table, dict(row))
        for table in BOUND
        if table.name in there
        for row in connection.execute(
            text(f"SELECT * FROM {table.name} WHERE seal IS NOT NULL LIMIT {_TRIED}")  # noqa: S608
        ).mappings()
    ]
    # A column that a later version binds is not there yet.
    told = [(table, row) for table, row in found if row.keys() >= set(table.columns)]
    return not told or any(is_sealed(table, row, key=key) for table, row in told)


def _fault(
    table: BoundTable, row: Mapping[str, Any], entry: Mapping[str, Any] | None, key: bytes
) -> str | None:
    if row["seal"] is None:
        return "was never bound"
    if entry is None:
        return "has no entry in the ledger"
    is_told = entry["held"] == hash_of(table, row, row["salt"]).hex()
    if not is_told or not is_sealed(table, row, key=key):
        return "is not as it was written"
    return None


def _bindings(connection: Connection) -> dict[UUID, Mapping[str, Any]]:
    found: dict[UUID, Mapping[str, Any]] = {}
    for body in _bodies(connection, LedgerEvent.ROW_BOUND):
        entry = read_entry(body)
        found[entry.entry_id] = entry.fields
    return found


def _released(connection: Connection) -> set[str]:
    found: set[str] = set()
    for body in _bodies(connection, LedgerEvent.ROWS_RELEASED):
        found.update(cast("tuple[str, ...]", read_entry(body).fields["entries"]))
    return found


def _bodies(connection: Connection, event: LedgerEvent) -> Iterator[bytes]:
    wanted = {"event": f'"event":"{event}"'.encode()}
    rows = connection.execute(_ENTRIES, wanted, execution_options=_IN_LOTS)
    return (bytes(body) for body in rows.scalars())


def _rows(connection: Connection, table: BoundTable) -> Iterator[Mapping[str, Any]]:
    statement = text(f"SELECT * FROM {table.name}")  # noqa: S608 - our own names
    rows = connection.execute(statement, execution_options=_IN_LOTS)
    return (dict(row) for row in rows.mappings())


# Beside the rows: what finds decisions by whom they are about is a table of its own.

# Who was erased is found by nothing any more; what is left is about the others.
_NOT_FOUND = text("""
    SELECT DISTINCT d.decision_id, d.version
    FROM (SELECT DISTINCT ON (decision_id) * FROM sharing_decision
          ORDER BY decision_id, version DESC) AS d
        CROSS JOIN LATERAL jsonb_array_elements_text(
            convert_from(d.document, 'UTF8')::jsonb -> 'subjects') AS about (person_id)
    WHERE NOT EXISTS (SELECT FROM sharing_decision_subject s
                      WHERE s.decision_id = d.decision_id AND s.person_id = about.person_id)
      AND NOT EXISTS (SELECT FROM erasure e WHERE e.person_id = about.person_id)
    ORDER BY d.decision_id
""")


def decisions_not_found(connection: Connection) -> Iterator[BoundRowFault]:
    """Each decision in force or not that is not found by all whom it is about."""
    for row in connection.execute(_NOT_FOUND):
        told = {"decision_id": row.decision_id}
        what = "is not found by everybody whom it is about"
        yield BoundRowFault(DECISIONS.code, DECISIONS.row_id(told), row.version, what)


_OTHER_DOCUMENTS = text("""
    SELECT state FROM data_sharing_agreement WHERE encode(sha256(document), 'hex') <> sha256
    ORDER BY state
""")


def agreements_not_held(connection: Connection) -> Iterator[BoundRowFault]:
    """Each adoption whose document is not the one whose hash is bound."""
    for state in connection.execute(_OTHER_DOCUMENTS).scalars():
        yield BoundRowFault(
            AGREEMENTS.code, AGREEMENTS.row_id({}), state, "has another document than was adopted"
        )

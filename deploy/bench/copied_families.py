"""Many families: one made by the program, the others after its likeness.

Every row of the first is copied with other ids, whatever columns its table has. Its records are
stored as aggregation stores them, sealed under keys of their own, with all that storing writes
beside them. Never for a database that is in use.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any, cast

import psycopg
from psycopg import sql
from sqlalchemy import Connection, text

from schemas.identifiers import PersonId, RecordKey
from schemas.records.published import PublishedRecord
from services.ledger.binding import BINDING_COLUMNS
from services.ledger.bound_tables import DECISIONS, RELATIONSHIPS
from services.platform.keys.postgres import PersonKeys
from services.work import Outside, UnitOfWork, unit_of_work

_FAMILIES_AT_ONCE = 50
# In this order, because of what names what; records come by themselves.
_TABLES = {
    "sharing_decision": "decision_id = ANY(:decisions)",
    "sharing_decision_subject": "decision_id = ANY(:decisions)",
    "case_load": "person_id = ANY(:persons)",
    "relationship": "person_id = ANY(:persons)",
}
_COUNT = text("SELECT count(*) FROM record")
_THERE = text("SELECT person_id FROM person WHERE person_id = ANY(:ids)")
_SETTLE = text("VACUUM (ANALYZE)")
_CHECKPOINT = text("CHECKPOINT")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Likeness:
    """One family as it lies in the tables; `ids` are to be others in each copy of it."""

    persons: Sequence[Row]
    rows: Mapping[str, Sequence[Row]]
    records: Sequence[PublishedRecord]
    ids: Sequence[str]


def count_records(outside: Outside) -> int:
    """How many records there are, removals included."""
    with unit_of_work(outside) as work:
        return int(work.connection.execute(_COUNT).scalar_one())


def likeness_of(
    outside: Outside,
    persons: Sequence[PersonId],
    decision: str,
    records: Sequence[PublishedRecord],
) -> Likeness:
    """What the tables hold of these persons, and the records that were stored of them."""
    with unit_of_work(outside) as work:
        names = {"persons": list(persons), "decisions": [decision]}
        rows = {
            table: _rows(work.connection, table, condition, names)
            for table, condition in _TABLES.items()
        }
        people = _rows(work.connection, "person", "person_id = ANY(:persons)", names)
    keys = [record.key for record in records]
    held = [row["relationship_id"] for row in rows["relationship"]]
    return Likeness(people, rows, records, [*persons, decision, *keys, *held])


def families_missing(outside: Outside, numbers: Iterable[int]) -> list[int]:
    """Those of these families that are not there; each is there whole or not at all."""
    first = {id_in(number, 0): number for number in numbers}
    with unit_of_work(outside) as work:
        there = {row.person_id for row in work.connection.execute(_THERE, {"ids": list(first)})}
    return [number for person, number in first.items() if person not in there]


def add_families(
    outside: Outside, likeness: Likeness, numbers: Sequence[int], *, tell: Callable[[int], None]
) -> None:
    """Add the families of these numbers; tells after each lot how many records were added."""
    for start in range(0, len(numbers), _FAMILIES_AT_ONCE):
        lot = numbers[start : start + _FAMILIES_AT_ONCE]
        with unit_of_work(outside) as work:
            _add(work, likeness, lot)
            for table in (DECISIONS, RELATIONSHIPS):
                work.bound.bind_unbound(table)
        tell((start + len(lot)) * len(likeness.records))


def settle(outside: Outside) -> None:
    """Let the database know what it holds now, as it would by itself a while later."""
    engine = outside.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(_SETTLE)
        connection.execute(_CHECKPOINT)


def id_in(family: int, place: int) -> str:
    """The id that stands in this family where the first has its own of this place."""
    return blake2b(f"{family}/{place}".encode(), digest_size=16).hexdigest()


def _add(work: UnitOfWork, likeness: Likeness, lot: Sequence[int]) -> None:
    tables: dict[str, list[Row]] = {name: [] for name in ("person", *likeness.rows)}
    records: list[PublishedRecord] = []
    for family in lot:
        new = {old: id_in(family, place) for place, old in enumerate(likeness.ids)}
        tables["person"].extend(_persons(likeness.persons, new, work.keys))
        for name, rows in likeness.rows.items():
            tables[name].extend(_unbound(_renamed(row, new)) for row in rows)
        records.extend(_record(record, new) for record in likeness.records)
    for name, rows in tables.items():
        _copy(work.connection, name, rows)
    work.records.upsert(records)


def _persons(rows: Sequence[Row], new: Mapping[str, str], keys: PersonKeys) -> Iterator[Row]:
    for row in rows:
        person = PersonId(new[row["person_id"]])
        wrapped = keys.new_wrapped_key(person)
        keys.remember(person, wrapped.content)
        own = {"wrapped_key": wrapped.content, "wrapped_under": wrapped.under}
        yield {**row, **own, "person_id": person, "birth_token": secrets.token_bytes(16)}


def _record(record: PublishedRecord, new: Mapping[str, str]) -> PublishedRecord:
    persons = tuple(PersonId(new[person]) for person in record.persons)
    return replace(record, key=RecordKey(new[record.key]), persons=persons)


def _renamed(row: Row, new: Mapping[str, str]) -> Row:
    """The row with the ids of another family, wherever they stand in it."""
    return {name: _replaced(value, new) for name, value in row.items()}


def _unbound(row: Row) -> Row:
    """What bound the row of the first family binds none of another."""
    return {name: None if name in BINDING_COLUMNS else value for name, value in row.items()}


def _replaced(value: Any, new: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return new.get(value, value)
    if isinstance(value, list):
        return [_replaced(one, new) for one in value]
    return _with_others(value, new) if isinstance(value, bytes) else value


def _with_others(content: bytes, new: Mapping[str, str]) -> bytes:
    for old, other in new.items():
        if (name := old.encode()) in content:
            content = content.replace(name, other.encode())
    return content


def _rows(
    connection: Connection, table: str, condition: str, names: Mapping[str, object]
) -> list[Row]:
    found = connection.execute(text(f"SELECT * FROM {table} WHERE {condition}"), names)  # noqa: S608 ours
    return [
        {name: bytes(v) if isinstance(v, memoryview) else v for name, v in row.items()}
        for row in found.mappings()
    ]


def _copy(connection: Connection, table: str, rows: Sequence[Row]) -> None:
    if not rows:
        return
    driver = cast("psycopg.Connection", connection.connection.driver_connection)
    names = sql.SQL(", ").join(map(sql.Identifier, rows[0]))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(tuple(row.values()))

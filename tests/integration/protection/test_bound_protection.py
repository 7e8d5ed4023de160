"""Whoever changes a row that protects opens nothing by it: it protects from everybody then."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.ledger.binding import BINDING_COLUMNS, BoundTable
from services.ledger.bound_tables import EXCLUSIONS, RESTRICTIONS
from services.ledger.postgres_bound_verifying import compare_bound_rows
from services.platform.keys.vault import SecretName
from tests.support.builders import NOW, TEACHER, VISITOR
from tests.support.people.protecting import (
    GOVERNANCE,
    HOLDERS,
    NURSE,
    STRANGER,
    WORKER,
    Protecting,
)
from tests.support.people.relating import relate

pytestmark = pytest.mark.postgres
_TRIGGERS_OFF = text("SET LOCAL session_replication_role = replica")
_OTHER = "f" * 32
_CHANGED: Mapping[type, Callable[[Any], object]] = {
    bool: lambda value: not value,
    int: lambda value: value + 1,
    bytes: lambda value: value[:-1] + bytes([value[-1] ^ 1]),
    datetime: lambda value: value - timedelta(days=400),
    list: lambda value: [*value, STRANGER],
    UUID: lambda _: UUID(int=7),
}
_TABLES = [RESTRICTIONS, EXCLUSIONS]
# Whose row it is, and by what all its states are found: with it gone, there is nothing to read.
_FINDS = {"person_id"}


def _each_column() -> Iterator[tuple[BoundTable, str]]:
    for table in _TABLES:
        for column in (*table.columns, *BINDING_COLUMNS):
            yield table, column


def _another(column: str, value: object) -> object:
    """Something else of the same type, that would let somebody in."""
    if column == "practitioner_id":
        return WORKER
    if column == "scope":
        return "location"
    if value is None:
        return NOW if column in {"lifted_at", "until"} else _OTHER
    return _OTHER if isinstance(value, str) else _CHANGED[type(value)](value)


@pytest.fixture
def protected(protecting: Protecting) -> Protecting:
    """Give the child, restricted, and with one worker whom the family has named."""
    protecting.placed()
    protecting.name(VISITOR)
    with protecting.work() as work:
        relate(work, STRANGER, protecting.child)
    return protecting


def _change(protected: Protecting, table: BoundTable, column: str) -> str:
    """Change it as the owner, whom no trigger stops; gives what the row is called from then on."""
    with protected.running.outside.engine.begin() as connection:
        connection.execute(_TRIGGERS_OFF)
        found = connection.execute(text(f"SELECT * FROM {table.name}")).mappings().one()  # noqa: S608
        new = _another(column, found[column])
        if column == "person_id":
            new = connection.execute(
                text(
                    "INSERT INTO person (person_id, created_at) VALUES (:id, now()) "
                    "RETURNING person_id"
                ),
                {"id": _OTHER},
            ).scalar_one()
        changed = connection.execute(
            text(f"UPDATE {table.name} SET {column} = :new"),  # noqa: S608 - our own names
            {"new": new},
        )
        assert changed.rowcount == 1
    return table.row_id({**found, column: new})


def _faults(protected: Protecting) -> list[str]:
    key = protected.running.outside.vault.secret(SecretName.BOUND_ROWS)
    with protected.running.outside.engine.connect() as connection:
        return [str(fault) for fault in compare_bound_rows(connection, key=key)]


@pytest.mark.parametrize(
    ("table", "column"), list(_each_column()), ids=lambda one: getattr(one, "code", one)
)
def test_a_changed_column_opens_nothing_and_is_named(
    protected: Protecting, table: BoundTable, column: str
):
    """Whichever it is: whom it kept out is kept out, and so is everybody else."""
    assert _faults(protected) == []

    row = _change(protected, table, column)

    faults = _faults(protected)
    assert any(row in fault for fault in faults)
    if column in _FINDS:
        return  # it is found by nobody any more, as one that was deleted: by comparing alone
    assert not any(protected.sees(one) for one in (*HOLDERS, STRANGER, WORKER))
    with protected.work() as work:
        record = work.decisions.on_record([protected.child])[protected.child]
    if table is EXCLUSIONS:
        assert all(one.keeps_out(TEACHER) for one in record.exclusions)
    else:
        assert {r.allowed for r in record.restrictions} == {frozenset()}
        assert all(r.is_in_force(NOW + timedelta(days=9)) for r in record.restrictions)


@pytest.mark.parametrize("table", _TABLES, ids=lambda table: table.code)
def test_a_state_that_ends_it_and_nobody_sealed_ends_nothing(
    protected: Protecting, table: BoundTable
):
    """Written with the portal's own rights, which may only add; also with a seal that was there."""
    ends = "lifted_at" if table is RESTRICTIONS else "until"
    columns = [
        c for c in (*table.columns, *BINDING_COLUMNS) if c not in {"state", ends, "bound_by"}
    ]
    with protected.work() as work:
        work.connection.execute(
            text(f"""
                INSERT INTO {table.name} ({", ".join(columns)}, state, {ends}, bound_by)
                SELECT {", ".join(columns)}, 2, now() - interval '1 hour', gen_random_uuid()
                FROM {table.name}
            """)  # noqa: S608 - our own names
        )

    assert not protected.sees(STRANGER)
    assert not protected.sees(VISITOR)
    assert any("state 2" in fault for fault in _faults(protected))


@pytest.mark.parametrize("table", _TABLES, ids=lambda table: table.code)
@pytest.mark.parametrize("change", ["UPDATE {} SET asked_by = 'x'", "DELETE FROM {}"])
@pytest.mark.parametrize("role", ["tell_once_app", "tell_once_connectors", "tell_once_aggregation"])
def test_no_process_changes_or_deletes_one(
    protected: Protecting, table: BoundTable, change: str, role: str
):
    """They may read, and the portal may add."""
    with protected.running.outside.engine.connect() as connection:
        connection.execute(text(f"SET LOCAL ROLE {role}"))
        with pytest.raises(DBAPIError, match="permission denied"):
            connection.execute(text(change.format(table.name)))


@pytest.mark.parametrize("table", _TABLES, ids=lambda table: table.code)
def test_the_owner_changes_none_while_triggers_are_on(protected: Protecting, table: BoundTable):
    """A slip in psql is stopped."""
    with (
        protected.running.outside.engine.connect() as connection,
        pytest.raises(DBAPIError, match="bound to the ledger"),
    ):
        connection.execute(text(f"UPDATE {table.name} SET asked_by = 'x'"))  # noqa: S608


@pytest.mark.parametrize("table", _TABLES, ids=lambda table: table.code)
def test_a_row_that_was_taken_away_is_missed(protected: Protecting, table: BoundTable):
    """And named."""
    with protected.running.outside.engine.begin() as connection:
        found = connection.execute(text(f"SELECT * FROM {table.name}")).mappings().one()  # noqa: S608
        connection.execute(text(f"DELETE FROM {table.name}"))  # noqa: S608

    (fault,) = _faults(protected)
    assert table.row_id(found) in fault
    assert "is not there" in fault


def test_one_that_was_changed_is_neither_changed_nor_lifted_by_anybody(protected: Protecting):
    """Nothing is built on it; an owner has to put back what was there."""
    placed = protected.stands()
    assert placed is not None
    _change(protected, RESTRICTIONS, "allowed")

    with protected.work() as work:
        assert work.decisions.find_restriction(placed.id) is None
        work.protection.closed_to([protected.child], [NURSE, GOVERNANCE])

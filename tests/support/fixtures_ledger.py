"""A database with an empty ledger in it, made by the ledger's own migration."""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, Engine, create_engine, text

from tests.support.fixtures_postgres import create_database, drop_database

_VERSIONS = "services.platform.database.migrations.versions"
MIGRATIONS = [import_module(f"{_VERSIONS}.{name}") for name in ("0002_ledger", "0007_witness")]
_ROLES = ("app", "aggregation", "relay", "connectors", "health_visiting")
_numbers = itertools.count(1)


def make_ledger_tables(connection: Connection) -> None:
    """Run the migration of the ledger alone, with the roles that it grants to."""
    for role in _ROLES:
        connection.execute(
            text(f"""
                DO $$ BEGIN
                    CREATE ROLE tell_once_{role} LOGIN;
                EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
                END $$
            """)
        )
    with Operations.context(MigrationContext.configure(connection)):
        for migration in MIGRATIONS:
            migration.upgrade()


@contextmanager
def acting_as(engine: Engine, role: str) -> Iterator[Connection]:
    """Open a transaction with the rights of a role, rolled back at the end."""
    with engine.connect() as connection:
        connection.execute(text(f"SET LOCAL ROLE {role}"))
        yield connection
        connection.rollback()


@contextmanager
def a_ledger(server: str, template: str) -> Iterator[Engine]:
    """Make a copy of the template, and drop it afterwards."""
    name = f"ledger_{os.getpid()}_{next(_numbers)}"
    url = create_database(server, name, template)
    engine = create_engine(url, hide_parameters=True, pool_size=10)
    try:
        yield engine
    finally:
        engine.dispose()
        drop_database(server, name)


@pytest.fixture(scope="session")
def ledger_template(embedded_postgres_url: str) -> Iterator[str]:
    """Give the name of a database with an empty ledger, to copy."""
    name = f"ledger_template_{os.getpid()}"
    engine = create_engine(create_database(embedded_postgres_url, name), hide_parameters=True)
    with engine.begin() as connection:
        make_ledger_tables(connection)
    engine.dispose()
    yield name
    drop_database(embedded_postgres_url, name)


@pytest.fixture
def ledger_engine(embedded_postgres_url: str, ledger_template: str) -> Iterator[Engine]:
    """Give an engine on a database with an empty ledger, of this test's own."""
    with a_ledger(embedded_postgres_url, ledger_template) as engine:
        yield engine

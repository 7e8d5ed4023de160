"""A database with the tables of the event bus in it, made by their own migration."""

import os
from collections.abc import Iterator
from importlib import import_module

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, Engine, create_engine, text

from tests.support.fixtures_postgres import create_database, drop_database

MIGRATION = import_module("services.platform.database.migrations.versions.0003_bus")
_ROLES = ("app", "aggregation", "relay", "connectors", "health_visiting")


def make_bus_tables(connection: Connection) -> None:
    """Run the migration of the event bus alone, with the roles that it grants to."""
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
        MIGRATION.upgrade()


@pytest.fixture(scope="module")
def bus_engine(embedded_postgres_url: str, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Give an engine on a database of this module's own."""
    name = f"bus_{os.getpid()}_{request.module.__name__.rpartition('.')[2]}"
    url = create_database(embedded_postgres_url, name)
    engine = create_engine(url, hide_parameters=True, pool_size=10)
    with engine.begin() as connection:
        make_bus_tables(connection)
    yield engine
    engine.dispose()
    drop_database(embedded_postgres_url, name)

"""A real PostgreSQL for the tests that need one: one server a session, one database a test."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from services.platform.database.embedded.postgres import EmbeddedPostgres
from tests.support.waiting import GENEROUS

_numbers = itertools.count(1)


def create_database(url: str, name: str, template: str | None = None) -> str:
    """Create the database `name` on the server of `url`, as a copy of `template` if given.

    Returns its SQLAlchemy URL. Nobody may be connected to the template meanwhile.
    """
    # By copying files: quicker than through the log where nothing waits for the disk.
    command = sql.SQL("create database {} template {} strategy file_copy")
    with psycopg.connect(libpq_url(url, "postgres"), autocommit=True) as connection:
        connection.execute(
            command.format(sql.Identifier(name), sql.Identifier(template or "template1")),
        )
    return named(url, name)


def drop_database(url: str, name: str) -> None:
    """Drop the database `name` on the server of `url`, whoever is still connected to it."""
    with psycopg.connect(libpq_url(url, "postgres"), autocommit=True) as connection:
        connection.execute(
            sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)),
        )


def named(url: str, database: str) -> str:
    """Return `url` with another database in it."""
    before, _, query = url.partition("?")
    return f"{before.rpartition('/')[0]}/{database}?{query}"


def libpq_url(url: str, database: str | None = None) -> str:
    """Return the SQLAlchemy URL as psycopg takes it, with another database if given."""
    plain = url.replace("postgresql+psycopg://", "postgresql://", 1)
    return plain if database is None else named(plain, database)


@pytest.fixture(scope="session")
def embedded_postgres_url() -> Iterator[str]:
    """Give the URL of a server that lives as long as the test session."""
    # Not pytest's own folder: the path of a socket must be short.
    data = Path(tempfile.mkdtemp(prefix="tell-once-tests-"))
    try:
        with EmbeddedPostgres.start(data, unsafe_without_fsync=True, seconds=GENEROUS) as postgres:
            yield postgres.url()
    finally:
        shutil.rmtree(data, ignore_errors=True)


@pytest.fixture
def fresh_database(embedded_postgres_url: str) -> Iterator[str]:
    """Give the URL of a new, empty database, gone after the test."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    yield create_database(embedded_postgres_url, name)
    drop_database(embedded_postgres_url, name)

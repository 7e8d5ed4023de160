"""Fixtures that everything uses, no more."""

from collections.abc import Iterator

import pytest
import structlog

pytest.register_assert_rewrite("tests.contract", "tests.journeys", "tests.support")

pytest_plugins = [
    "tests.support.own_folder",
    "tests.support.sharing_out",
    "tests.support.durations",
    "tests.support.walks",
    "tests.support.fixtures_postgres",
    "tests.support.fixtures_database",
    "tests.support.fixtures_kafka",
    "tests.support.fixtures_embedded",
    "tests.support.fixtures_bus",
    "tests.support.fixtures_ledger",
    "tests.support.fixtures_mesh",
    "tests.support.fixtures_demonstration",
]


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Let no test's logging outlive it: it would write to what pytest has closed by then."""
    yield
    structlog.reset_defaults()

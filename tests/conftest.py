"""Fixtures that everything uses, no more."""

import pytest

pytest.register_assert_rewrite("tests.contract", "tests.journeys", "tests.support")

pytest_plugins = [
    "tests.support.fixtures_postgres",
    "tests.support.fixtures_database",
    "tests.support.fixtures_kafka",
    "tests.support.fixtures_embedded",
    "tests.support.fixtures_bus",
    "tests.support.fixtures_ledger",
    "tests.support.fixtures_mesh",
    "tests.support.fixtures_demonstration",
]

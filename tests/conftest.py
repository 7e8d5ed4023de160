"""Fixtures that everything uses, no more."""

pytest_plugins = [
    "tests.support.fixtures_postgres",
    "tests.support.fixtures_kafka",
    "tests.support.fixtures_embedded",
    "tests.support.fixtures_ledger",
]

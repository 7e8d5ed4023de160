"""Fixtures that everything uses, no more."""

import gc
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite("tests.contract", "tests.journeys", "tests.support")

# How long an example takes says how busy the machine is: what must be quick is measured as such.
settings.register_profile("tell-once", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tell-once")

pytest_plugins = [
    "tests.support.own_folder",
    "tests.support.sharing_out",
    "tests.support.durations",
    "tests.support.walks",
    "tests.support.fixtures.fixtures_postgres",
    "tests.support.fixtures.fixtures_database",
    "tests.support.fixtures.fixtures_kafka",
    "tests.support.fixtures.fixtures_embedded",
    "tests.support.fixtures.fixtures_bus",
    "tests.support.fixtures.fixtures_ledger",
    "tests.support.fixtures.fixtures_mesh",
    "tests.support.fixtures.fixtures_demonstration",
]


def pytest_collection_finish() -> None:
    """Spare the garbage collector what has been loaded by now, which stays to the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Let no test's logging outlive it: it would write to what pytest has closed by then."""
    yield
    structlog.reset_defaults()

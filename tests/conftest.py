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
    "tests.support.examples",
    "tests.support.one_loop",
    "tests.support.fixtures.fixtures_postgres",
    "tests.support.fixtures.fixtures_database",
    "tests.support.fixtures.fixtures_kafka",
    "tests.support.fixtures.fixtures_embedded",
    "tests.support.fixtures.fixtures_bus",
    "tests.support.fixtures.fixtures_ledger",
    "tests.support.fixtures.fixtures_mesh",
    "tests.support.fixtures.fixtures_demonstration",
]


# What is loaded stays to the end: looking through it for garbage is a fifth of loading it.
gc.disable()
_ALLOCATIONS_BETWEEN_COLLECTIONS = 10_000


def pytest_collection_finish() -> None:
    """Spare the garbage collector what has been loaded by now, and let it come less often."""
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS_BETWEEN_COLLECTIONS, *gc.get_threshold()[1:])
    gc.enable()


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Let no test's logging outlive it: it would write to what pytest has closed by then."""
    yield
    structlog.reset_defaults()

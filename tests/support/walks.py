"""Marks the tests that can be walked for long: deploy/tell-once test --faults, --soak, --pages.

By the names of their files, so that whoever writes another of the kind need only call it so; and
every property that makes up its examples belongs to --soak (tests/support/examples.py). How long
they are is in the environment, where deploy/test_run.py puts it.
"""

from fnmatch import fnmatch

import pytest

from tests.support.examples import properties

WALKS = {
    "faults": (
        "test_kill.py",
        "*_killed.py",
        "*_kills.py",
        "*_failures.py",
        "*_faults.py",
        "test_damaged_files.py",
    ),
    "soak": (
        "test_kill.py",
        "test_broker_kills.py",
        "test_decide_properties.py",
        "test_agreement_properties.py",
        "test_one_person_alone.py",
        "test_one_person_over_http.py",
        "test_rebuild.py",
        "test_replayed.py",
        "test_openapi_holds.py",
        "test_access_table.py",
    ),
    "pages": ("test_every_page.py",),
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what was collected, before pytest chooses by marks."""
    made_up = set(properties(items))
    for item in items:
        for walk in walks_of(item.path.name):
            item.add_marker(walk)
        if getattr(item, "function", None) in made_up:
            item.add_marker("soak")


def walks_of(name: str) -> list[str]:
    """Name the walks that a file belongs to."""
    return [w for w, patterns in WALKS.items() if any(fnmatch(name, p) for p in patterns)]

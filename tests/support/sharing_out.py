"""Shares the tests out between workers (pytest -n): a file stays with one, the longest come first.

What the tests of a file share, they then make once. Files that share what is dear to start are one
heap: Kafka, a demonstration, the NHS's mailboxes. A worker that has ended its heap takes the next,
so what is left to the end must be small: the tests that wait for processes come before those that
only calculate.
"""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

_KAFKA = "kafka"
# What files share, and the words by which their names tell it.
_SHARED = {
    _KAFKA: ("kafka",),
    "demonstration": (
        "test_demonstration_journey",
        "test_auditor_journey",
        "test_every_page",
        "test_seen_running",
        "test_installation",
        "test_one_port",
        "test_two_workers",
    ),
    "mailboxes": ("mesh",),
}
# In the order in which they begin: what is in no row comes last. Files come first for which a walk
# for long (deploy/tell-once test --faults) would wait in the end.
_LONGEST_FIRST = (
    "tests/integration/platform/test_kill.py",
    "tests/integration/platform/test_broker_kills.py",
    "tests/unit/connectors/test_damaged_files.py",
    "tests/integration",
    "tests/journeys",
    "tests/contract",
    "tests/architecture",
)


class SharingOut(LoadScopeScheduling):
    """Gives each worker one heap after the other, in the order of the collection."""

    def _split_scope(self, nodeid: str) -> str:
        return heap_of(nodeid)


def heap_of(nodeid: str) -> str:
    """Name the heap of a test: its file, or all the files that share something."""
    path = nodeid.partition("::")[0]
    name = path.rpartition("/")[2]
    shared = (heap for heap, words in _SHARED.items() if any(word in name for word in words))
    return next(shared, path)


def rank(nodeid: str) -> int:
    """Say how early a test begins: the lower, the earlier; within a rank as collected."""
    if heap_of(nodeid) == _KAFKA:
        return -1
    found = [n for n, place in enumerate(_LONGEST_FIRST) if nodeid.startswith(_within(place))]
    return found[0] if found else len(_LONGEST_FIRST)


def _within(place: str) -> tuple[str, str]:
    return f"{place}/", f"{place}::"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order what was collected, in every worker alike."""
    items.sort(key=lambda item: rank(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> SharingOut:
    """Share out by heaps, in the order of the collection."""
    config.option.loadscopereorder = False
    return SharingOut(config, log)

"""How the tests are shared out between workers."""

import pytest

from tests.support.checkout import ROOT
from tests.support.sharing_out import heap_of, rank

KAFKA = "tests/integration/lifecycle/test_rebuild_kafka.py::test_one"
TRACES = "tests/integration/traces/test_kafka.py::test_one"
CONTRACT = "tests/contract/test_event_bus_kafka.py::TestKafka::test_one[a::b]"
KILL = "tests/integration/platform/test_kill.py::test_one"
UNIT = "tests/unit/consent/deciding/test_decide.py::test_one[kafka]"


def test_a_file_is_a_heap():
    """What the tests of a file share, they make once."""
    assert heap_of(KILL) == "tests/integration/platform/test_kill.py"
    assert heap_of(UNIT) == "tests/unit/consent/deciding/test_decide.py"


def test_kafka_is_one_heap():
    """One worker starts the broker, and no other."""
    assert {heap_of(each) for each in (KAFKA, TRACES, CONTRACT)} == {"kafka"}


def test_a_demonstration_is_started_by_one_worker():
    """Whoever asks for it is of one heap."""
    asking = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tests").rglob("test_*.py")
        if "demonstration: Demonstration" in path.read_text(encoding="utf-8")
    ]

    assert len(asking) > 2
    assert {heap_of(path) for path in asking if not path.startswith("tests/unit")} == {
        "demonstration"
    }


@pytest.mark.parametrize("tests", [[KAFKA, KILL, UNIT], [CONTRACT, KILL, UNIT]])
def test_the_longest_begin_first(tests: list[str]):
    """What is left to the end is small."""
    first, second, third = tests

    assert sorted([third, first, second], key=rank) == tests

"""How the tests are shared out between workers."""

import pytest

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


@pytest.mark.parametrize("tests", [[KAFKA, KILL, UNIT], [CONTRACT, KILL, UNIT]])
def test_the_longest_begin_first(tests: list[str]):
    """What is left to the end is small."""
    first, second, third = tests

    assert sorted([third, first, second], key=rank) == tests

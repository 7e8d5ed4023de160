"""Waits end with what they wait for, and bounds grow only with a busy machine."""

import os

import pytest

from tests.support.waiting import GENEROUS, eventually, on_this_machine


def test_a_wait_ends_when_what_is_waited_for_has_come():
    """And says so."""
    looks = iter([False, False, True])

    assert eventually(lambda: next(looks))
    assert next(looks, None) is None


def test_a_wait_for_what_never_comes_ends():
    """It is looked for once more at the end."""
    assert not eventually(lambda: False, 0.02)
    assert eventually(lambda: True, 0)


def test_a_wait_outlasts_a_busy_machine():
    """Whoever wants to be told sooner says so."""
    assert GENEROUS >= 120


@pytest.mark.parametrize(("load", "bound"), [(0, 1), (1, 1), (2, 1), (4, 2), (20, 10)])
def test_a_bound_grows_with_what_wants_to_run(load: float, bound: float):
    """By core; what the suite itself takes changes nothing."""
    cores = len(os.sched_getaffinity(0))

    assert on_this_machine(1.0, load * cores) == bound

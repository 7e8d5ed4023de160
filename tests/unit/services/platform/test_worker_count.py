"""How many workers serve a port."""

import os

import pytest

from services.platform.errors import SettingsInvalidError
from services.platform.settings import Settings


def test_untold_there_is_a_worker_for_each_core_and_at_most_four():
    """Of the cores that this process may use, which in a container are fewer than there are."""
    assert Settings().worker_count == min(4, len(os.sched_getaffinity(0)))


def test_as_many_as_the_setting_says():
    """Also more than four, on a machine that has them."""
    assert Settings(workers=1).worker_count == 1
    assert Settings(workers=9).worker_count == 9


@pytest.mark.parametrize("count", [0, -1, 65])
def test_none_at_all_cannot_be_set(count: int):
    """A port that nobody serves is a mistake, told at the start."""
    with pytest.raises(SettingsInvalidError):
        Settings(workers=count)

"""The interval by which `bench strangers` judges says what it should of made-up times."""

import random

import pytest

from deploy.bench.strangers import interval_of_difference


@pytest.mark.parametrize(("slower", "is_seen"), [(0.0, False), (1.0, True)])
def test_a_difference_is_outside_the_interval_only_where_there_is_one(
    slower: float,
    is_seen: bool,  # noqa: FBT001
):
    """Times of a few milliseconds with noise, two hundred of each."""
    noise = random.Random(7)
    base = [4 + noise.expovariate(1) for _ in range(200)]
    those = [4 + slower + noise.expovariate(1) for _ in range(200)]

    low, high = interval_of_difference(those, base)

    assert low <= slower <= high
    assert (low > 0) is is_seen

"""How many examples a property makes up: half of what it says, or as many times as is asked.

Each run makes up others, so what half of them miss one night, another run finds. All that a
property says, and more, are walked by deploy/tell-once test --soak, which takes up every property
(tests/support/walks.py): there TELL_ONCE_EXAMPLES_TIMES is 1; a larger number walks for longer.
"""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import is_hypothesis_test, settings

_TIMES = float(os.environ.get("TELL_ONCE_EXAMPLES_TIMES", "0.5"))
# Fewer than these are written where each is dear, and chosen as few as will do.
_FEWEST = 20
_SETTINGS = "_hypothesis_internal_use_settings"  # where Hypothesis' own plugin looks for them


def made_up(most: int, times: float = _TIMES) -> int:
    """How many a property that says `most` makes up; never fewer than 20 where it says more."""
    return max(round(most * times), min(most, _FEWEST))


def properties(items: list[pytest.Item]) -> Iterator[Callable[..., Any]]:
    """Give each function that is a property once, however many cases it is collected as."""
    given = {getattr(item, "function", None) for item in items}
    return (one for one in given if one is not None and is_hypothesis_test(one))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let each property make up so many."""
    for one in properties(items):
        said = getattr(one, _SETTINGS, None) or settings.default
        setattr(one, _SETTINGS, settings(said, max_examples=made_up(said.max_examples)))

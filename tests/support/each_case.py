"""Checks many cases in one test, all of them, and names each one that fails."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from traceback import extract_tb
from typing import Protocol

import pytest

from tests.support.checkout import ROOT

_SHOWN = 20


class Case(Protocol):
    """Opens one case under the words that name it."""

    def __call__(self, *name: object) -> AbstractContextManager[None]: ...


@contextmanager
def each_case() -> Iterator[Case]:
    """Give what opens a case; at the end fail with the name of every case that failed, and why.

    What is raised in a case ends only that case. A loop that came to no case fails too, because
    it checked nothing.

        with each_case() as case:
            for number in numbers:
                with case(number):
                    assert is_valid(number)
    """
    checked, failed = 0, list[str]()

    @contextmanager
    def case(*name: object) -> Iterator[None]:
        nonlocal checked
        checked += 1
        try:
            yield
        except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001 - told at the end
            failed.append(f"{', '.join(map(str, name))}: {_what_went_wrong(error)}")

    yield case
    if checked == 0:
        pytest.fail("there was no case to check", pytrace=False)
    if failed:
        more = [f"and {len(failed) - _SHOWN} more"] if len(failed) > _SHOWN else []
        told = "\n".join([*failed[:_SHOWN], *more])
        pytest.fail(f"{len(failed)} of {checked} cases failed:\n{told}", pytrace=False)


def _what_went_wrong(error: BaseException) -> str:
    """Say what was raised, with the line of the test that it was raised in."""
    tests = ROOT / "tests"
    places = [f for f in extract_tb(error.__traceback__) if tests in Path(f.filename).parents]
    place = f" (line {places[-1].lineno} of {Path(places[-1].filename).name})" if places else ""
    kind = (
        "" if isinstance(error, (AssertionError, pytest.fail.Exception)) else type(error).__name__
    )
    return f"{kind} {error}".strip() + place

"""The world in which something is planted, and the search for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.work import Outside
from tests.support.fakes.in_process import InProcess
from tests.support.partners_database import partners_on
from tests.support.traces.planted import Planted
from tests.support.traces.traces import Traces


@pytest.fixture
def planted(outside: Outside, tmp_path: Path) -> Iterator[Planted]:
    """Give the main job, with a partner that pushes, and a folder for files; nothing is in it."""
    with InProcess.running(outside) as running, partners_on(running) as partners:
        yield Planted(running, partners, tmp_path)


@pytest.fixture
def traces(outside: Outside) -> Traces:
    """Give the search through everything in the database."""
    return Traces(outside)

"""Doors answer as the design says, and deploy/access.md says what they answer."""

import os
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.support.access.__main__ import PAGE
from tests.support.access.catalogue import grants_in
from tests.support.access.installing import outside_of
from tests.support.access.table import access_table
from tests.support.access.walking import covering_cases, few_cases, walk
from tests.support.access.world import AccessWorld

pytestmark = pytest.mark.postgres

# deploy/tell-once test --soak: doors that answer alike about everybody are asked by each standing
_CASES = covering_cases if os.environ.get("TELL_ONCE_ACCESS_WHOLE") else few_cases


def test_every_door_answers_as_the_design_says(engine: Engine, tmp_path: Path):
    """Pages, interfaces and commands; what is told is no more, and where it is all, no less."""
    data = tmp_path / "data"

    with AccessWorld.on(outside_of(engine, data), data) as world:
        found = [wrong for _, wrong in walk(world, _CASES()) if wrong is not None]

    assert [str(one) for one in found] == []


def test_the_page_is_what_would_be_written(engine: Engine):
    """Write it anew: .venv/bin/python -m tests.support.access write."""
    assert PAGE.read_text(encoding="utf-8") == access_table(grants_in(engine))

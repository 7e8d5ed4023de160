"""`tell-once officer contact-of`: no code goes to a worker's own contact, or a relative's."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from schemas.identifiers import PractitionerId
from schemas.records.payloads import Telecom
from services.__main__ import main
from tests.support.access.installing import outside_of
from tests.support.builders import VISITOR
from tests.support.clock import StandingClock
from tests.support.people.presence_world import (
    COLLEAGUE,
    E_MAIL,
    PresenceWorld,
    own_contacts,
    presences_running,
)

pytestmark = pytest.mark.postgres
MOBILE = Telecom("phone", "07700 900778")


@pytest.fixture
def family(engine: Engine, clock: StandingClock, tmp_path: Path) -> Iterator[PresenceWorld]:
    """Give a father with a telephone and a child with an address, under keys of a data folder."""
    outside = replace(outside_of(engine, tmp_path / "data"), clock=clock)
    with presences_running(outside) as running:
        world = PresenceWorld.among(running, clock)
        world.tell(own_contacts("father", MOBILE), own_contacts("child", E_MAIL))
        clock.pass_by(timedelta(days=29))
        yield world


def test_what_is_typed_is_the_workers_own_from_then_on(
    family: PresenceWorld, database: str, tmp_path: Path
):
    """In any spelling; for that worker alone, and nothing of it lies in the clear."""
    where = ["--data", str(tmp_path / "data"), "--database", database]

    for written in ("+44 (0)7700 900778\n", " EVA@family.example \n"):
        with reading(written):
            assert main(["officer", "contact-of", VISITOR, *where]) == 0

    assert [_is_sent(family, by) for by in (VISITOR, COLLEAGUE)] == [[False] * 2, [True] * 2]
    with family.running.outside.engine.connect() as connection:
        kept = connection.execute(text("SELECT m::text FROM contact_mark m")).scalars().all()
    assert len(kept) == 2
    assert all("900778" not in row and "family" not in row for row in kept)


def _is_sent(world: PresenceWorld, by: PractitionerId) -> list[bool]:
    """Whether a code goes to the father, and to the child, when this worker asks."""
    sent = []
    for person in (world.father, world.child):
        world.ask(world.begin(person, by=by), by=by)
        sent.append(world.sent() is not None)
    return sent


@contextmanager
def reading(written: str) -> Iterator[None]:
    """Let commands read this from standard input."""
    before, sys.stdin = sys.stdin, StringIO(written)
    try:
        yield
    finally:
        sys.stdin = before

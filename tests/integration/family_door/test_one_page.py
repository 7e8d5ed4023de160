"""A page is one transaction that reads ahead: what it says is what its ports say by themselves."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, cast

import pytest
from sqlalchemy import Connection

from consent.ledger.events import LedgerEvent
from consent.model import Response
from schemas.identifiers import PersonId
from schemas.vocabulary import Category
from services.people.family_access import signing_in
from services.people.family_access.reaching import reached_by
from services.platform.database.direct import DirectConnection, direct_pool
from services.profile.families.own_page.sharing import rows_about
from services.work import UnitOfWork, unit_of_work
from services.work.postgres_family_ahead import family_together
from services.work.postgres_page import RowsReadOnce
from tests.support.people.door_world import DoorWorld
from tests.support.people.joined import make_one
from tests.support.people.presence_world import a_family

pytestmark = pytest.mark.postgres


class _Counted(DirectConnection):
    """A connection that counts what is asked of it."""

    asked = 0

    def _done(self, statement: str, values: Mapping[str, Any]) -> Any:
        self.asked += 1
        return super()._done(statement, values)


def read(secret: str, work: UnitOfWork, *also: PersonId) -> list[object]:
    """Everything that each page begins with, of whoever is behind a cookie, and of others."""
    door = work.family_door()
    session = signing_in.session_of(secret, door=door)
    if session is None:
        return []
    reached = reached_by(session, door=door)
    ones = door.clusters.all_of([session.person])
    return [
        (session, ones, reached, door.here.contacts.of(session.person)),
        [rows_about(one, ones, door.at) for one in reached],
        [door.kept_of(one.person) for one in reached],
        [(door.is_protected(one), list(door.facts.have_died([one]))) for one in also],
        door.here.decisions.on_record(sorted(also)),
    ]


def test_what_was_read_ahead_is_what_ports_would_read(door: DoorWorld):
    """Also of who is one with somebody; by one statement, and of nobody's session nothing."""
    world, running = door.world, door.world.running
    signed_in = door.mother_signed_in()
    door.said("mother", categories=frozenset({Category.STORY}))
    door.said("father", response=Response.REFUSED)
    door.said_of_oneself(world.mother)
    for number, kept in enumerate((None, world.child, world.mother)):
        if kept is not None:
            with unit_of_work(running.portal) as work:
                other = work.persons.resolve_or_create(a_family(900 + number)[0], at=work.now)
                make_one(work, kept, other)
        with unit_of_work(running.portal) as work:
            plain = read(signed_in.secret, work, world.child, world.mother, world.father)
        with direct_pool(running.portal.engine).begin() as driver:
            counted = _Counted(driver)
            together = family_together(counted)
            counted.asked = 0
            once = cast("Connection", RowsReadOnce(counted, together))
            work = UnitOfWork(once, running.portal)
            ahead = read(signed_in.secret, work, world.child, world.mother, world.father)
            unknown = read("somebody else's", UnitOfWork(once, running.portal))

        assert ahead == plain
        assert len(plain) > 0
        assert unknown == []
        assert counted.asked <= len(["known", "unknown"])


def test_what_cannot_be_read_is_answered_as_anything_to_who_is_not_signed_in(door: DoorWorld):
    """Whoever was never signed in learns nothing by asking for what is no month."""
    stranger, mother = door.client(), door.client_of("mother")

    asked = stranger.http.get("/looked?month=never", follow_redirects=False)
    plain = stranger.http.get("/looked", follow_redirects=False)
    hers = mother.http.get("/looked?month=never", follow_redirects=False)

    assert (asked.status_code, asked.headers["location"]) == (303, "/")
    assert (plain.status_code, plain.headers["location"]) == (303, "/")
    assert hers.status_code == 404


def test_a_session_that_a_page_ends_stays_ended(door: DoorWorld):
    """What a page finds out of it is written, though it shows nothing."""
    client = door.client_of("mother")
    session = sha256((client.http.cookies.get("__Host-family") or "").encode()).digest()
    door.end(door.world.mother)
    before = len(door.entries(LedgerEvent.FAMILY_PAGE_SEEN))

    answer = client.http.get("/home", follow_redirects=False)

    assert answer.status_code == 303
    assert len(door.entries(LedgerEvent.FAMILY_PAGE_SEEN)) == before
    with unit_of_work(door.world.running.portal) as work:
        assert work.family_door().rows.session(session, at=work.now) is None

"""What somebody sees of the one family: before, after something, and in an emergency."""

from functools import cache

from schemas.identifiers import PractitionerId
from services.work import Outside
from tests.support.people.acting_alone import ActingAlone
from tests.support.people.alone_world import (
    AloneWorld,
)
from tests.support.people.seen import Looking, Seen, seen_by
from tests.support.rolled_back import rolled_back


@cache
def _looking(world: AloneWorld) -> Looking:
    return Looking((world.child, world.mother), world.decisions, world.began_at)


def seen_now(world: AloneWorld, reader: PractitionerId, outside: Outside) -> Seen:
    """All that somebody sees of the family, with the rights of the portal."""
    return seen_by(reader, _looking(world), outside)


@cache
def seen_before(world: AloneWorld, reader: PractitionerId) -> Seen:
    """The same before anybody has done anything."""
    with rolled_back(world.running.outside) as acting:
        return seen_now(world, reader, acting.portal)


@cache
def seen_in_an_emergency(world: AloneWorld, reader: PractitionerId) -> Seen:
    """The same once they have opened the family in an emergency."""
    with rolled_back(world.running.outside) as acting:
        ActingAlone(world, acting, (reader,)).open_emergency()
        return seen_now(world, reader, acting.portal)

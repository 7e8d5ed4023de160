"""Every trap of linking through the real service: told, published, compared, joined or asked."""

from dataclasses import dataclass, replace

import pytest

from schemas.identifiers import PersonId, PractitionerId
from schemas.records.message import Demographics
from schemas.vocabulary import Disposition, Source
from services.work import Outside
from tests.support.fakes.in_process import InProcess
from tests.support.people.link_traps import Outcome, Trap, traps
from tests.support.people.linking_world import LinkingWorld

pytestmark = pytest.mark.postgres

_STEWARD = PractitionerId("5e" * 16)
_ON_ITS_WAY = {Disposition.PUBLISHED, Disposition.WITHHELD}


@dataclass(slots=True)
class _Told:
    """Who the two are taken for, and what became of what the school said."""

    health: PersonId | None
    school: PersonId | None
    disposition: Disposition


def test_each_child_is_joined_asked_about_kept_apart_or_held(outside: Outside):
    """All families in one database, as a practitioner would expect of each."""
    with InProcess.running(outside) as running:
        world = LinkingWorld(running)
        first = {trap: _tell_first(world, trap) for trap in traps()}
        running.settle()
        told = {trap: _tell(world, trap, health) for trap, health in first.items()}
        running.settle()

        asked = {frozenset((r.one, r.other)) for r in world.reviews()}
        found = {trap.name: _outcome(world, trap, one, asked) for trap, one in told.items()}
    expected = {trap.name: trap.outcome for trap in told}
    wrong = [f"{n} -> {o}" for n, o in found.items() if o != expected[n]]
    assert wrong == []


def _tell_first(world: LinkingWorld, trap: Trap) -> PersonId:
    health = world.introduce(Source.HEALTH_VISITING, trap.health)
    if trap.before is not None:
        world.introduce(Source.HEALTH_VISITING, trap.before)
    if "health" in trap.restricted:
        world.running.restrict(health, _STEWARD)
    if trap.left_behind:
        world.leave_behind(health)
    return health


def _tell(world: LinkingWorld, trap: Trap, health: PersonId) -> _Told:
    """The mother has agreed to what the school says of a child who has a number of their own."""
    child = trap.school
    own = tuple(i for i in child.numbers if i.is_verified)
    if own:
        known = replace(child.subject(), identifiers=own, demographics=Demographics())
        (person,) = world.running.decide(known).decision.subjects
        if "school" in trap.restricted:
            world.running.restrict(person, _STEWARD)
    disposition = world.receive(Source.SCHOOLS, child)
    return _Told(health, world.running.person(child.subject()), disposition)


def _outcome(
    world: LinkingWorld, trap: Trap, told: _Told, asked: set[frozenset[PersonId]]
) -> Outcome:
    person = told.school or world.running.person(trap.school.subject())
    if person is None or told.disposition not in _ON_ITS_WAY:
        return Outcome.HELD
    if world.are_said_to_be_one(told.health, person):
        return Outcome.JOINED
    return Outcome.ASKED if frozenset((told.health, person)) in asked else Outcome.APART

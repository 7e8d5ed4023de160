"""Every trap of linking at once, through the real service: told, compared, joined or asked."""

import pytest

from schemas.identifiers import PersonId
from schemas.vocabulary import Source
from services.adapters.unit_of_work import Outside
from tests.support.in_process import InProcess
from tests.support.link_cases import Case, Outcome, cases
from tests.support.linking_world import LinkingWorld

pytestmark = pytest.mark.postgres


def test_each_pair_is_joined_asked_about_or_kept_apart(outside: Outside):
    """As a practitioner would expect of each (DOMAIN.md section 4.3)."""
    with InProcess.running(outside) as running:
        world = LinkingWorld(running)
        told = {case: _tell(world, case) for case in cases()}

        running.settle()

        asked = {frozenset((r.one, r.other)) for r in world.reviews()}
        found = {case.name: _outcome(world, *pair, asked) for case, pair in told.items()}
    assert found == {case.name: case.outcome for case in told}


def _tell(world: LinkingWorld, case: Case) -> tuple[PersonId, PersonId]:
    seen = world.introduce(Source.HEALTH_VISITING, case.seen)
    return seen, world.introduce(Source.SCHOOLS, case.taught)


def _outcome(
    world: LinkingWorld, seen: PersonId, taught: PersonId, asked: set[frozenset[PersonId]]
) -> Outcome:
    if world.are_one(seen, taught):
        return Outcome.JOINED
    return Outcome.ASKED if frozenset((seen, taught)) in asked else Outcome.APART

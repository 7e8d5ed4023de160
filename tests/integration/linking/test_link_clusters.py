"""Several who are one are compared as one: by all that is known of any, and asked about once."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from schemas.identifiers import PersonId
from schemas.vocabulary import IdentifierScheme, Source
from services.people.linking.joins import JoinPersons, KeepApart, join_persons, keep_apart
from services.people.linking.queue import Answer, answer_review
from services.people.persons.subjects import identifier_of
from services.work import Outside, unit_of_work
from tests.support.fakes.in_process import InProcess
from tests.support.people.link_traps import upn
from tests.support.people.linking_world import NHS, OTHER_NHS, STEWARD, UPN, AChild, LinkingWorld

pytestmark = pytest.mark.postgres

SEEN = AChild(numbers=(NHS,))
MOVED = AChild(numbers=(UPN,), postcode="EX1 1AA", line="4 Brook Street")
HELPED = replace(MOVED, numbers=(identifier_of(IdentifierScheme.LA_CHILD_ID, "C100"),))


@pytest.fixture
def world(outside: Outside) -> Iterator[LinkingWorld]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as running:
        yield LinkingWorld(running)


def _join(world: LinkingWorld, one: PersonId, other: PersonId) -> None:
    with unit_of_work(world.running.portal) as work:
        join_persons(JoinPersons(one, other, STEWARD.actor), joining=work.joining())
    world.running.settle()


def _tell(world: LinkingWorld, source: Source, child: AChild, *, decided: bool = True) -> PersonId:
    person = world.tell(source, child, decided=decided)
    assert person is not None
    return person


def test_whoever_is_like_one_of_two_who_are_one_is_joined_with_both(world: LinkingWorld):
    """The new address is known of the second only, and that is who a third is found by."""
    seen = _tell(world, Source.HEALTH_VISITING, SEEN)
    taught = _tell(world, Source.SCHOOLS, MOVED)
    _join(world, seen, taught)

    helped = _tell(world, Source.SOCIAL_CARE, replace(HELPED, given=("Rose", "Ottoline")))

    assert world.are_said_to_be_one(helped, seen)


def test_what_speaks_against_one_of_two_who_are_one_speaks_against_both(world: LinkingWorld):
    """A third with an NHS number of their own is neither, however like the one without they are."""
    seen = _tell(world, Source.HEALTH_VISITING, SEEN)
    taught = _tell(world, Source.SCHOOLS, MOVED)
    _join(world, seen, taught)

    other = replace(MOVED, numbers=(OTHER_NHS,))
    third = _tell(world, Source.HEALTH_VISITING, other)

    assert not world.are_said_to_be_one(third, seen)
    assert world.reviews() == []


def test_a_review_is_withdrawn_when_the_two_were_joined_otherwise(world: LinkingWorld):
    """Nobody is asked what somebody has said already."""
    seen = _tell(world, Source.HEALTH_VISITING, SEEN)
    taught = _tell(world, Source.SCHOOLS, MOVED)
    assert len(world.reviews()) == 1

    _join(world, seen, taught)

    assert world.reviews() == []


def test_of_a_third_who_may_be_either_of_two_who_are_one_now_somebody_is_asked_once(
    world: LinkingWorld,
):
    """Two reviews that ask the same become one, and one answer is enough."""
    seen = _tell(world, Source.HEALTH_VISITING, SEEN)
    taught = _tell(world, Source.SCHOOLS, replace(MOVED, given=("Rose", "Ottoline")))
    third = _tell(world, Source.SOCIAL_CARE, replace(HELPED, line=None, postcode=None))
    assert len(world.reviews()) == 3

    _join(world, seen, taught)

    (review,) = world.reviews()
    world.asking(lambda c: answer_review(review.id, Answer.APART, STEWARD, considering=c))
    world.running.settle()
    assert world.reviews() == []
    assert not world.are_said_to_be_one(third, seen)


def test_somebody_kept_apart_from_one_is_kept_apart_from_whoever_that_is(world: LinkingWorld):
    """Nor is what the school says of them kept to be compared with the others."""
    seen = _tell(world, Source.HEALTH_VISITING, SEEN)
    helped = _tell(world, Source.SOCIAL_CARE, replace(SEEN, numbers=(upn(8),), line="3 Other Row"))
    held = _tell(world, Source.SCHOOLS, MOVED, decided=False)
    with unit_of_work(world.running.portal) as work:
        keep_apart(KeepApart(held, helped, STEWARD.actor), joining=work.joining())
    _join(world, seen, helped)

    world.receive(Source.SCHOOLS, replace(MOVED, line="5 Brook Street"))

    assert world.reviews() == []
    assert world.sources_kept_of(held) == []
    assert not world.are_said_to_be_one(held, seen)

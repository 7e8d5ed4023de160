"""Somebody protected who may be somebody else: who sees that, and that nobody joins them."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from schemas.identifiers import PractitionerId
from schemas.vocabulary import Role, Source
from services.people.linking.ports import JoinRefusal, ReviewState
from services.people.linking.queue import Answer, answer_review
from services.people.linking.stewards_view import NotShown, Steward, list_reviews
from services.work import Outside
from tests.support.fakes.in_process import InProcess
from tests.support.people.linking_world import NHS, STEWARD, UPN, AChild, LinkingWorld

pytestmark = pytest.mark.postgres

_STRANGER = Steward(PractitionerId("5f" * 16), Role.DATA_STEWARD)
_WAITING = (ReviewState.WAITING,)


@pytest.fixture
def world(outside: Outside) -> Iterator[LinkingWorld]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as running:
        yield LinkingWorld(running)


@pytest.mark.parametrize("protected", [Source.HEALTH_VISITING, Source.SCHOOLS])
@pytest.mark.parametrize("who", [STEWARD, _STRANGER], ids=["allow-listed", "not allow-listed"])
def test_somebody_protected_waits_for_the_allow_list_and_is_joined_by_nobody(
    world: LinkingWorld, protected: Source, who: Steward
) -> None:
    """Whichever of the two is protected, and however much agrees."""
    seen = world.introduce(Source.HEALTH_VISITING, AChild(numbers=(NHS,)))
    taught = world.introduce(Source.SCHOOLS, AChild(numbers=(UPN,)))
    hidden = seen if protected is Source.HEALTH_VISITING else taught
    world.running.restrict(hidden, STEWARD.id)
    world.running.settle()

    (review,) = world.reviews()
    listed = world.asking(lambda c: list_reviews(who, _WAITING, considering=c))
    answer = world.asking(lambda c: answer_review(review.id, Answer.JOIN, who, considering=c))

    is_allowed = who is STEWARD
    assert listed == ([review] if is_allowed else [])
    assert answer is (JoinRefusal.PROTECTED if is_allowed else NotShown.NOT_KNOWN)
    assert not world.are_said_to_be_one(seen, taught)


def test_somebody_protected_after_a_join_is_not_compared_into_more_joins(
    world: LinkingWorld,
) -> None:
    """The protection of one of several who are one holds for all of them."""
    seen = world.introduce(Source.HEALTH_VISITING, AChild(numbers=(NHS,)))
    taught = world.introduce(Source.SCHOOLS, AChild(numbers=(UPN,)))
    world.running.settle()
    assert world.are_said_to_be_one(seen, taught)
    world.running.restrict(taught, STEWARD.id)
    world.running.settle()

    third = replace(AChild(), given=("Rose", "Ottoline"))
    helped = world.tell(Source.SOCIAL_CARE, third, decided=False)

    assert helped is None or not world.are_said_to_be_one(helped, seen)

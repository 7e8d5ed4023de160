"""Who may look at who may be one, and what a look shows and leaves behind."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Role, Source
from services.people.linking.comparing import Field, Level
from services.people.linking.ports import JoinRefusal, ReviewState
from services.people.linking.queue import Answer, answer_review
from services.people.linking.stewards_view import (
    NotShown,
    SideBySide,
    Steward,
    compare_two,
    list_reviews,
    show_review,
)
from services.work import Outside
from tests.support.fakes.in_process import InProcess
from tests.support.people.linking_world import (
    NHS,
    SECOND_STEWARD,
    STEWARD,
    UPN,
    AChild,
    LinkingWorld,
)

pytestmark = pytest.mark.postgres

SEEN = AChild(numbers=(NHS,))
MOVED = AChild(numbers=(UPN,), postcode="EX1 1AA", line="4 Brook Street")
WAITING = (ReviewState.WAITING,)
OTHERS = [Steward(STEWARD.id, role) for role in Role if role is not Role.DATA_STEWARD]


@pytest.fixture
def world(outside: Outside) -> Iterator[LinkingWorld]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as running:
        yield LinkingWorld(running)


def _two(world: LinkingWorld, taught: AChild = MOVED) -> tuple[PersonId, PersonId]:
    """Let both sources tell of a child, so that somebody is asked."""
    one = world.tell(Source.HEALTH_VISITING, SEEN)
    other = world.tell(Source.SCHOOLS, taught)
    assert one is not None
    assert other is not None
    return one, other


def test_a_steward_sees_what_agrees_and_what_does_not(world: LinkingWorld):
    """Field by field, in words and bits; the look is on the ledger, and nothing of it else."""
    _two(world)
    (review,) = world.reviews()

    shown = world.asking(lambda c: show_review(review.id, STEWARD, considering=c))

    assert isinstance(shown, SideBySide)
    lines = {line.field: line for line in shown.lines}
    assert lines[Field.FAMILY].level is Level.SAME
    assert {lines[Field.POSTCODE].one, lines[Field.POSTCODE].other} == {"ZZ99ZZ", "EX11AA"}
    assert lines[Field.POSTCODE].bits < 0 < lines[Field.BORN].bits
    (look,) = world.running.ledger(LedgerEvent.LINK_REVIEW_READ)
    assert look.actor == STEWARD.actor
    assert look.fields["review"] == (review.id,)


def test_nobody_but_a_data_steward_sees_or_answers_anything(world: LinkingWorld):
    """Whatever else they are; the refusal is kept."""
    one, other = _two(world)
    (review,) = world.reviews()

    for who in OTHERS:
        answers = world.asking(
            lambda c, who=who: [
                list_reviews(who, WAITING, considering=c),
                show_review(review.id, who, considering=c),
                compare_two(one, other, who, considering=c),
                answer_review(review.id, Answer.JOIN, who, considering=c),
            ]
        )
        assert answers == [NotShown.NOT_A_DATA_STEWARD] * 4

    assert not world.are_one(one, other)
    assert world.running.ledger(LedgerEvent.LINK_REVIEW_READ) == []
    refused = world.running.ledger(LedgerEvent.LINK_REVIEW_READ_REFUSED)
    assert len(refused) == 4 * len(OTHERS)


def test_somebody_protected_is_shown_to_the_allow_list_only(world: LinkingWorld):
    """To other stewards their review is not there, and neither is its number."""
    one, _ = _two(world)
    (review,) = world.reviews()
    world.running.restrict(one, STEWARD.id)
    world.running.settle()
    stranger = Steward(PractitionerId("5f" * 16), Role.DATA_STEWARD)

    listed = {
        who.id: world.asking(lambda c, who=who: list_reviews(who, WAITING, considering=c))
        for who in (STEWARD, stranger)
    }
    answer = world.asking(lambda c: answer_review(review.id, Answer.JOIN, stranger, considering=c))

    assert [r.id for r in listed[STEWARD.id]] == [review.id]
    assert listed[stranger.id] == []
    assert answer is NotShown.NOT_KNOWN
    assert answer == world.asking(lambda c: show_review("0" * 32, stranger, considering=c))


def test_somebody_protected_is_never_joined_without_asking(world: LinkingWorld):
    """However much agrees."""
    one = world.tell(Source.HEALTH_VISITING, SEEN)
    assert one is not None
    world.running.restrict(one, STEWARD.id)

    other = world.tell(Source.SCHOOLS, replace(MOVED, postcode=SEEN.postcode, line=SEEN.line))

    assert other is not None
    assert not world.are_one(one, other)
    assert len(world.reviews()) == 1


def test_an_identity_left_behind_is_neither_joined_nor_asked_about(world: LinkingWorld):
    """An adopted child's old and new identity look like one person, and must not lead on."""
    one = world.tell(Source.HEALTH_VISITING, SEEN)
    assert one is not None
    world.leave_behind(one)

    other = world.tell(Source.SCHOOLS, replace(MOVED, postcode=SEEN.postcode, line=SEEN.line))

    assert other is not None
    assert not world.are_one(one, other)
    assert world.reviews(*ReviewState) == []
    answer = world.asking(lambda c: compare_two(one, other, STEWARD, considering=c))
    assert not isinstance(answer, SideBySide) or answer.objections


def test_a_mistyped_date_of_birth_must_be_said_to_be_one(world: LinkingWorld):
    """A join over it is refused until the steward says so; afterwards both dates are theirs."""
    swapped = replace(MOVED, postcode=SEEN.postcode, line=SEEN.line, born="2019-04-18")
    one, other = _two(world, swapped)
    (review,) = world.reviews()

    refused = world.asking(lambda c: answer_review(review.id, Answer.JOIN, STEWARD, considering=c))
    said = Answer.JOIN_ALTHOUGH_BORN_OTHERWISE
    world.say(review.id, said)
    world.say(review.id, Answer.CONFIRM, SECOND_STEWARD)

    assert refused is JoinRefusal.OTHER_BIRTH
    (entry,) = world.running.ledger(LedgerEvent.LINK_ANSWER_REFUSED)
    assert entry.fields == {
        "review": (review.id,),
        "answer": Answer.JOIN,
        "because": JoinRefusal.OTHER_BIRTH,
    }
    assert world.are_one(one, other)
    assert world.running.person(swapped.subject()) == other
    assert world.running.person(SEEN.subject()) == one


def test_a_newborn_without_number_or_name_waits_until_more_is_known(world: LinkingWorld):
    """Nobody is made of them; named and numbered, they are who the mother decided about."""
    newborn = AChild(("Baby",), placeholder=True, line=None)
    world.tell(Source.HEALTH_VISITING, SEEN)

    unnamed = world.tell(Source.HEALTH_VISITING, newborn, decided=False)

    assert unnamed is None
    assert world.running.count("person") == 1
    assert world.running.person(SEEN.subject()) is not None

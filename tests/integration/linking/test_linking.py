"""Persons who may be one on a real database: joined, asked about, or kept apart."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from consent.ledger.events import LedgerEvent
from consent.model import Response
from schemas.vocabulary import Disposition, Source
from services.people.linking.ports import ReviewState
from services.people.linking.queue import Answer, answer_review, ask_sources
from services.work import Outside
from tests.support.fakes.in_process import InProcess
from tests.support.messages.ctf import APupil, ctf
from tests.support.people.linking_world import NHS, STEWARD, UPN, AChild, LinkingWorld
from tests.support.traces.in_the_clear import found_in_the_clear

pytestmark = pytest.mark.postgres

SEEN = AChild(numbers=(NHS,))
TAUGHT = AChild(numbers=(UPN,))
ENROLLED = replace(TAUGHT, given=("Rose", "Ottoline"))
CANARIES = ("Quillfeather", "QUILLFEATHER", "Ottoline", "OTTOLINE", "9990000018", "Wherewithal")


@pytest.fixture
def world(outside: Outside) -> Iterator[LinkingWorld]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as running:
        yield LinkingWorld(running)


def test_one_child_of_two_sources_is_joined_without_asking(world: LinkingWorld):
    """Known to one by NHS number and to the other by UPN; everything else agrees."""
    seen = world.tell(Source.HEALTH_VISITING, SEEN)
    taught = world.tell(Source.SCHOOLS, TAUGHT)

    assert seen is not None
    assert taught is not None
    assert seen != taught
    assert world.are_said_to_be_one(seen, taught)
    assert not world.are_one(seen, taught)
    assert world.reviews() == []
    (joined,) = world.running.ledger(LedgerEvent.PERSON_JOINED)
    assert joined.actor == "job:linking"
    world.warrant()
    assert world.are_one(seen, taught)
    assert found_in_the_clear(world.running.outside.engine, CANARIES) == []


def test_what_is_not_clear_waits_for_somebody(world: LinkingWorld):
    """A child who has moved may be a namesake; the entry has two ids and no more."""
    world.tell(Source.HEALTH_VISITING, SEEN)
    world.tell(Source.SCHOOLS, replace(TAUGHT, postcode="EX1 1AA", line="4 Brook Street"))

    (review,) = world.reviews()

    assert review.state is ReviewState.WAITING
    (entry,) = world.running.ledger(LedgerEvent.LINK_REVIEW_OPENED)
    assert (entry.fields["person"], entry.fields["other"]) == (review.one, review.other)


def test_who_is_told_of_again_is_compared_again(world: LinkingWorld):
    """The school learns the new address: now all agrees, and nobody need be asked."""
    seen = world.tell(Source.HEALTH_VISITING, SEEN)
    moved = replace(TAUGHT, postcode="EX1 1AA", line="4 Brook Street")
    taught = world.tell(Source.SCHOOLS, moved)
    assert len(world.reviews()) == 1

    world.send(Source.SCHOOLS, TAUGHT)

    assert seen is not None
    assert taught is not None
    assert world.are_said_to_be_one(seen, taught)
    assert world.reviews() == []


def test_a_child_nobody_decided_about_is_shared_once_joined(world: LinkingWorld, tmp_path: Path):
    """The mother agreed by NHS number; the school's file has a UPN and a second first name."""
    seen = world.tell(Source.HEALTH_VISITING, SEEN)
    file = tmp_path / "school.xml"
    pupil = APupil(
        surname=SEEN.family,
        forename="Rose",
        middle_names="Ottoline",
        born=SEEN.born,
        lines=("1 Wherewithal Lane",),
        postcode=SEEN.postcode,
    )
    file.write_bytes(ctf(pupil))

    (row,) = world.running.ingest(Source.SCHOOLS, file)
    world.running.settle()

    assert row.message.disposition is Disposition.WITHHELD
    assert seen is not None
    assert {record.source for record in world.running.stored(seen)} == {Source.HEALTH_VISITING}
    world.warrant()
    sources = {record.source for record in world.running.stored(seen)}
    assert sources == {Source.HEALTH_VISITING, Source.SCHOOLS}
    (held,) = world.running.ledger(LedgerEvent.PERSON_HELD)
    (joined,) = world.running.ledger(LedgerEvent.PERSON_JOINED)
    assert {joined.fields["kept"], joined.fields["joined"]} == {seen, held.fields["person"]}
    assert found_in_the_clear(world.running.outside.engine, CANARIES) == []


def test_of_a_child_like_nobody_known_nothing_is_kept_to_compare(world: LinkingWorld):
    """No facts, not a word; they are their own school's, and nobody's else."""
    world.tell(Source.HEALTH_VISITING, SEEN)

    unknown = AChild(("Ivo",), "Marsh", "2016-02-02", "EX2 2BB", "9 Mill Row", (UPN,))
    world.tell(Source.SCHOOLS, unknown, decided=False)

    assert world.running.ledger(LedgerEvent.PERSON_HELD) == []
    assert world.running.count("person_facts") == 1


def test_nobody_is_compared_with_whom_the_source_may_not_share(world: LinkingWorld):
    """The school may not share identities about the child it may be."""
    world.running.decide(SEEN.subject(), sources=frozenset({Source.HEALTH_VISITING}))
    world.send(Source.HEALTH_VISITING, SEEN)

    world.tell(Source.SCHOOLS, ENROLLED, decided=False)

    assert world.running.ledger(LedgerEvent.PERSON_HELD) == []
    assert world.running.count("person_facts") == 1


def test_a_withdrawal_takes_the_facts_and_the_tokens_with_it(world: LinkingWorld):
    """Nobody is found any more by what may not be kept."""
    decided = world.running.decide(SEEN.subject())
    world.send(Source.HEALTH_VISITING, SEEN)
    assert world.running.count("search_token") > 0

    world.running.withdraw(decided.decision.id)
    world.running.settle()

    for table in ("person_facts", "search_token", "person_identifier"):
        assert world.running.count(table) == 0, table
    (entry,) = world.running.ledger(LedgerEvent.LINK_FACTS_FORGOTTEN)
    assert entry.fields["sources"] == (Source.HEALTH_VISITING,)


def test_a_refusal_for_one_holds_for_the_other_once_joined(world: LinkingWorld):
    """The join does not widen what anybody said."""
    world.tell(Source.HEALTH_VISITING, SEEN)
    taught = world.tell(Source.SCHOOLS, TAUGHT)
    assert taught is not None

    world.running.decide(taught, response=Response.REFUSED)
    world.running.settle()

    assert world.running.count("record") == 0
    assert world.running.count("person_facts") == 0


@pytest.mark.parametrize("answer", [Answer.JOIN, Answer.APART])
def test_a_steward_s_answer_is_done_and_remembered(world: LinkingWorld, answer: Answer):
    """Whatever is told later, nobody is asked again."""
    seen = world.tell(Source.HEALTH_VISITING, SEEN)
    moved = replace(TAUGHT, postcode="EX1 1AA", line="4 Brook Street")
    taught = world.tell(Source.SCHOOLS, moved)
    (review,) = world.reviews()
    assert seen is not None
    assert taught is not None

    world.asking(lambda c: answer_review(review.id, answer, STEWARD, considering=c))
    world.running.settle()
    world.send(Source.SCHOOLS, replace(moved, line="5 Brook Street"))
    world.send(Source.SCHOOLS, TAUGHT)

    assert world.are_said_to_be_one(seen, taught) is (answer is Answer.JOIN)
    assert world.reviews() == []


def test_an_undone_join_is_not_made_again(world: LinkingWorld):
    """Somebody has looked: the weights do not overrule them."""
    seen = world.tell(Source.HEALTH_VISITING, SEEN)
    moved = replace(TAUGHT, postcode="EX1 1AA", line="4 Brook Street")
    taught = world.tell(Source.SCHOOLS, moved)
    (review,) = world.reviews()
    assert seen is not None
    assert taught is not None
    world.asking(lambda c: answer_review(review.id, Answer.JOIN, STEWARD, considering=c))
    world.running.settle()
    assert world.are_said_to_be_one(seen, taught)

    world.asking(lambda c: answer_review(review.id, Answer.UNDO, STEWARD, considering=c))
    world.running.settle()
    world.send(Source.SCHOOLS, TAUGHT)

    assert not world.are_said_to_be_one(seen, taught)
    assert world.reviews() == []


def test_a_held_child_who_is_somebody_else_is_forgotten(world: LinkingWorld):
    """Kept to be compared, and compared: there is no reason any more."""
    world.tell(Source.HEALTH_VISITING, SEEN)
    moved = replace(TAUGHT, postcode="EX1 1AA", line="4 Brook Street")
    taught = world.tell(Source.SCHOOLS, moved, decided=False)
    (review,) = world.reviews()
    assert taught is not None
    assert world.sources_kept_of(taught) == ["schools"]

    world.asking(lambda c: answer_review(review.id, Answer.APART, STEWARD, considering=c))
    world.running.settle()
    world.send(Source.SCHOOLS, moved)

    assert world.sources_kept_of(taught) == []


def test_sources_are_asked_and_the_review_stays_open(world: LinkingWorld):
    """Until somebody answers."""
    world.tell(Source.HEALTH_VISITING, SEEN)
    world.tell(Source.SCHOOLS, replace(TAUGHT, postcode="EX1 1AA", line="4 Brook Street"))
    (review,) = world.reviews()

    world.asking(lambda c: ask_sources(review.id, STEWARD, considering=c))

    assert [r.state for r in world.reviews()] == [ReviewState.ASKED_SOURCE]
    (entry,) = world.running.ledger(LedgerEvent.LINK_REVIEW_SOURCES_ASKED)
    assert entry.fields["sources"] == (Source.HEALTH_VISITING, Source.SCHOOLS)

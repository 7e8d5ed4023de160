"""Whoever waits to be compared is compared once, by one process at a time, and never lost."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from consent.model import Response
from schemas.identifiers import Identifier, PersonId
from schemas.records.message import Subject
from schemas.vocabulary import IdentifierStatus, Source
from services.people.linking.postgres.queue import PostgresLinkQueue
from services.people.linking.queue import Answer as QueueAnswer
from services.people.linking.stewards_view import SideBySide, show_review
from services.work import Outside, unit_of_work
from services.workers.aggregation import consider_links
from tests.support.fakes.in_process import InProcess
from tests.support.people.linking_world import (
    NHS,
    OTHER_NHS,
    STEWARD,
    UPN,
    AChild,
    LinkingWorld,
)

pytestmark = pytest.mark.postgres


@pytest.fixture
def world(outside: Outside) -> Iterator[LinkingWorld]:
    """Give two persons who are one and wait to be compared."""
    with InProcess.running(outside) as running:
        yield LinkingWorld(running)


def _introduce(world: LinkingWorld) -> tuple[PersonId, PersonId]:
    seen = world.introduce(Source.HEALTH_VISITING, AChild(numbers=(NHS,)))
    return seen, world.introduce(Source.SCHOOLS, AChild(numbers=(UPN,)))


def test_while_one_process_compares_others_find_nothing_to_do(world: LinkingWorld):
    """They go on with what else there is."""
    _introduce(world)

    with unit_of_work(world.running.connectors) as work:
        taken = PostgresLinkQueue(work.connection).take(1)
        meanwhile = consider_links(world.running.connectors)

    assert len(taken) == 1
    assert meanwhile == 0


def test_who_was_taken_by_a_process_that_died_is_compared_by_the_next(world: LinkingWorld):
    """Taking and what comes of it are one transaction."""
    one, other = _introduce(world)

    with pytest.raises(InterruptedError):
        _take_and_die(world)
    done = consider_links(world.running.connectors)

    assert done == 2
    assert world.are_said_to_be_one(one, other)


def test_nothing_new_is_nothing_to_compare(world: LinkingWorld):
    """The same said again costs nobody a look."""
    _introduce(world)
    world.running.settle()

    world.introduce(Source.SCHOOLS, AChild(numbers=(UPN,)))

    assert world.running.count("person_facts") == 2
    assert consider_links(world.running.connectors) == 0


def test_somebody_is_asked_about_two_of_whom_one_has_the_number_that_was_replaced(
    world: LinkingWorld,
):
    """Also where nothing but a decision is known of that one, whose no would else be lost."""
    holder = _decided(world, NHS)
    _decided(world, OTHER_NHS)
    renumbered = AChild(numbers=(OTHER_NHS, replace(NHS, status=IdentifierStatus.SUPERSEDED)))

    world.send(Source.HEALTH_VISITING, renumbered)
    (review,) = world.reviews()
    beside = world.asking(lambda c: show_review(review.id, STEWARD, considering=c))
    world.say(review.id, QueueAnswer.APART)
    world.send(Source.HEALTH_VISITING, replace(renumbered, line="2 Elsewhere Lane"))

    assert holder in {review.one, review.other}
    assert isinstance(beside, SideBySide)
    assert {line for side in beside.lines for line in (side.one, side.other)} >= {
        "NHS number 9990000018",
        "NHS number 9990000026, formerly NHS number 9990000018",
    }
    assert world.reviews() == []


def test_nobody_is_asked_about_who_may_not_be_compared(world: LinkingWorld):
    """A refusal about the number that was replaced lets nothing be kept to compare it by."""
    refused = _decided(world, NHS, response=Response.REFUSED)
    _decided(world, OTHER_NHS)
    former = replace(NHS, status=IdentifierStatus.SUPERSEDED)

    world.send(Source.HEALTH_VISITING, AChild(numbers=(OTHER_NHS, former)))

    assert world.reviews() == []
    assert world.sources_kept_of(refused) == []


def _decided(world: LinkingWorld, number: Identifier, **said: Any) -> PersonId:
    """Somebody of whom nothing is known but the number and what was decided."""
    (person,) = world.running.decide(Subject("s", (number,)), **said).decision.subjects
    return person


def _take_and_die(world: LinkingWorld) -> None:
    with unit_of_work(world.running.connectors) as work:
        PostgresLinkQueue(work.connection).take(2)
        raise InterruptedError

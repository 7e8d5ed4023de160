"""Whoever waits to be compared is compared once, by one process at a time, and never lost."""

from collections.abc import Iterator

import pytest

from schemas.identifiers import PersonId
from schemas.vocabulary import Source
from services.people.linking.postgres.queue import PostgresLinkQueue
from services.work import Outside, unit_of_work
from services.workers.aggregation import consider_links
from tests.support.fakes.in_process import InProcess
from tests.support.people.linking_world import NHS, UPN, AChild, LinkingWorld

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


def _take_and_die(world: LinkingWorld) -> None:
    with unit_of_work(world.running.connectors) as work:
        PostgresLinkQueue(work.connection).take(2)
        raise InterruptedError

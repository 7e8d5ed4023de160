"""Several who wait are considered in one transaction, for hardly more than one of them costs."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from schemas.identifiers import Identifier
from schemas.vocabulary import IdentifierScheme, IdentifierStatus, Source
from services.work import Outside
from services.workers.aggregation import consider_links
from tests.support.fakes.in_process import InProcess
from tests.support.people.linking_world import NHS, UPN, AChild, LinkingWorld
from tests.support.statements import statements_of

pytestmark = pytest.mark.postgres

_NUMBERS = ("9990000026", "9990000034", "9990000042", "9990000050", "9990000069", "9990000077")
_NAMES = ("Aubergine", "Bartholomew", "Cassiopeia", "Dunstan", "Ethelfrith", "Fenella")
_EACH_ALONE = 12
"""Statements that each cost at least when they were considered one by one."""


@pytest.fixture
def world(outside: Outside) -> Iterator[LinkingWorld]:
    """Give a world in which nobody was compared yet."""
    with InProcess.running(outside) as running:
        yield LinkingWorld(running)


def test_many_who_are_like_nobody_cost_few_statements(world: LinkingWorld):
    """Else comparing would be most of what a message costs."""
    for child in _strangers():
        world.introduce(Source.HEALTH_VISITING, child)

    with statements_of(world.running.connectors) as sent:
        done = consider_links(world.running.connectors, most=len(_NAMES))

    assert done == len(_NAMES)
    assert len(sent) < len(_NAMES) * _EACH_ALONE / 2


def test_who_waits_behind_two_who_are_joined_is_considered_all_the_same(world: LinkingWorld):
    """A join ends the transaction; what was read ahead of it is read anew."""
    one = world.introduce(Source.HEALTH_VISITING, AChild(numbers=(NHS,)))
    other = world.introduce(Source.SCHOOLS, AChild(numbers=(UPN,)))
    alone = [world.introduce(Source.HEALTH_VISITING, child) for child in _strangers()[:2]]

    first = consider_links(world.running.connectors, most=25)
    rest = consider_links(world.running.connectors, most=25)

    assert world.are_said_to_be_one(one, other)
    assert first + rest >= 4
    assert world.running.count("link_to_consider") == 0
    assert not any(world.are_said_to_be_one(one, each) for each in alone)


def _strangers() -> list[AChild]:
    scheme, status = IdentifierScheme.NHS_NUMBER, IdentifierStatus.VERIFIED
    return [
        replace(
            AChild(),
            given=(name,),
            family=f"Of{name}",
            born=f"201{place}-0{place + 1}-11",
            postcode=f"ZZ{place} 1AA",
            line=f"{place} {name} Street",
            numbers=(Identifier(scheme, number, status),),
        )
        for place, (name, number) in enumerate(zip(_NAMES, _NUMBERS, strict=True))
    ]

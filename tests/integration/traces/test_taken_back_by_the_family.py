"""Withdrawn, refused or protected: what the profile held is gone wherever it could be read."""

from collections.abc import Callable

import pytest

from consent.model import Response
from schemas.vocabulary import Category, Purpose, Source
from tests.support.traces.may_remain import (
    EVERYTHING,
    KEPT_BY_CONNECTORS,
    ON_THE_BUS,
    OPAQUE_AFTER_WITHDRAWAL,
    words_left,
    words_of,
)
from tests.support.traces.planted import WORDS, Planted
from tests.support.traces.traces import Traces

pytestmark = pytest.mark.postgres


def _withdraw(planted: Planted) -> None:
    planted.running.withdraw(*planted.decisions)


def _refuse(planted: Planted) -> None:
    planted.running.decide(planted.person, response=Response.REFUSED, purposes=Purpose)


def _protect(planted: Planted) -> None:
    planted.running.restrict(planted.person)


@pytest.mark.parametrize("take_back", [_withdraw, _refuse, _protect], ids=lambda f: f.__name__)
def test_nothing_of_it_is_left_but_on_the_bus(
    planted: Planted, traces: Traces, take_back: Callable[[Planted], None]
):
    """Neither records nor what was derived from them: case-loads, facts, search tokens."""
    planted.permit()
    planted.plant()

    take_back(planted)
    planted.running.settle()

    assert words_left(traces.of(EVERYTHING), ON_THE_BUS, KEPT_BY_CONNECTORS) == {}
    assert set(traces.rows_naming(planted.person)) <= set(OPAQUE_AFTER_WITHDRAWAL)
    for table in ("case_load", "person_facts", "search_token", "person_identifier"):
        assert planted.running.count(table) == 0
    assert planted.running.count("record WHERE NOT removed") == 0


def test_what_comes_after_it_leaves_nothing_with_the_shared_side(planted: Planted, traces: Traces):
    """Health visiting's own store has its messages; of the others there are keyed hashes.

    And who may decide, to be asked nothing else.
    """
    planted.permit()
    _withdraw(planted)
    planted.running.settle()

    planted.plant(Source.HEALTH_VISITING, Source.SCHOOLS, Source.SOCIAL_CARE)

    found = traces.of(EVERYTHING)
    assert set(found) == {"holding_health_visiting.held_message", *KEPT_BY_CONNECTORS}
    assert words_of(Source.HEALTH_VISITING, found)
    assert not words_of(Source.SCHOOLS, found, KEPT_BY_CONNECTORS)
    assert not words_of(Source.SOCIAL_CARE, found, KEPT_BY_CONNECTORS)


def test_one_category_that_is_refused_goes_and_the_rest_stays(planted: Planted, traces: Traces):
    """The story, here; and the words of nobody else."""
    planted.permit()
    planted.plant()

    planted.running.decide(
        planted.person, response=Response.REFUSED, categories=[Category.STORY], purposes=Purpose
    )
    planted.running.settle()

    found = words_left(traces.of(EVERYTHING), ON_THE_BUS, KEPT_BY_CONNECTORS)
    assert not words_of(Source.FAMILY_HUB, found)
    assert found["public.record"] >= set(WORDS[Source.SCHOOLS])


def test_a_refused_identity_is_not_compared_by_any_more(planted: Planted, traces: Traces):
    """What tells people apart is kept only where it may be shared."""
    planted.permit()
    planted.plant()

    planted.running.decide(
        planted.person,
        response=Response.REFUSED,
        categories=[Category.IDENTITY_AND_CONTACT],
        sources={Source.SCHOOLS},
        purposes=Purpose,
    )
    planted.running.settle()

    found = traces.of(WORDS[Source.SCHOOLS])
    assert "public.person_facts" not in found
    assert "4 Netherfold Row" not in found["public.record"]

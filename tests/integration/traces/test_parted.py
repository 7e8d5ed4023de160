"""Two who were taken for one are two again: what one may not show is not found with the other."""

import pytest

from schemas.vocabulary import Source
from tests.support.people.joined import joined, undo
from tests.support.traces.may_remain import KEPT_BY_CONNECTORS, ON_THE_BUS
from tests.support.traces.planted import WORDS, Planted
from tests.support.traces.traces import Traces

pytestmark = pytest.mark.postgres


def test_what_only_the_join_permitted_goes_with_it(planted: Planted, traces: Traces):
    """The school's words were let in by a decision about the other."""
    visited, taught = planted.permit_one_and_know_the_other()
    made = joined(planted.running, visited, taught)
    planted.plant(Source.HEALTH_VISITING, Source.SCHOOLS)
    assert traces.of(WORDS[Source.SCHOOLS])["public.record"]

    undo(planted.running, made)

    assert set(traces.of(WORDS[Source.SCHOOLS])) <= {*ON_THE_BUS, *KEPT_BY_CONNECTORS}
    assert traces.of(WORDS[Source.HEALTH_VISITING])["public.record"]
    assert "public.case_load" not in traces.rows_naming(taught)

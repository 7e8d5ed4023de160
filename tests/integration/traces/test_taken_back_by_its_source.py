"""A source takes back what it said: the profile, what was derived from it, and what waits."""

import pytest

from schemas.vocabulary import Source
from tests.support.traces.may_remain import (
    EVERYTHING,
    KEPT_BY_CONNECTORS,
    ON_THE_BUS,
    PARKED,
    WHO_IT_IS,
    WITH_ITS_AGENCY,
    words_left,
    words_of,
)
from tests.support.traces.planted import WORDS, Planted
from tests.support.traces.traces import Traces

pytestmark = pytest.mark.postgres


def test_a_child_that_social_care_purges(planted: Planted, traces: Traces):
    """All that it said, and that it said it; the others' words stay."""
    planted.permit()
    planted.plant()

    planted.social_care_purges_the_child()

    found = traces.of(EVERYTHING)
    assert words_of(Source.SOCIAL_CARE, found, ON_THE_BUS) == {}
    assert found["public.record"] >= set(WORDS[Source.SCHOOLS])
    for table in ("record", "person_facts", "person_identifier", "decider_fact", "contact_told"):
        kept = f"{table} WHERE source = 'social-care'"
        assert planted.running.count(f"{kept} AND sealed IS NOT NULL") == 0


def test_an_episode_that_social_care_purges(planted: Planted, traces: Traces):
    """With its workers; who the child is stays."""
    planted.permit()
    planted.plant()

    planted.social_care_purges_the_episode()

    left = words_of(
        Source.SOCIAL_CARE, traces.of(EVERYTHING), ON_THE_BUS, WHO_IT_IS, KEPT_BY_CONNECTORS
    )
    assert "SW-7741-PEV" not in left["public.record"]
    assert "Clementine" in left["public.record"]


def test_events_that_health_visiting_deletes(planted: Planted, traces: Traces):
    """Who was named in them is gone; where the child lives it has said besides."""
    planted.permit()
    planted.plant()

    planted.health_visiting_deletes()

    found = words_left(traces.of(["Eckersley", "Ibbotson"]), ON_THE_BUS)
    assert found == {}


def test_a_contact_and_an_address_that_a_school_no_longer_states(planted: Planted, traces: Traces):
    """Not in the profile; the former address is kept to tell the child from others."""
    planted.permit()
    planted.plant()

    planted.the_school_says_less()

    found = traces.of(["Peregrine", "4 Netherfold Row", "ZZ9 9SC"])
    assert words_left(found, ON_THE_BUS, WHO_IT_IS) == {}
    assert "Peregrine" not in found.get("public.person_facts", ())


def test_what_waits_goes_with_it(planted: Planted, traces: Traces):
    """Parked messages of a purged child; what its agency holds has been decided on by itself."""
    planted.plant(Source.HEALTH_VISITING, Source.SCHOOLS, Source.SOCIAL_CARE)
    planted.park()
    assert words_of(Source.SOCIAL_CARE, traces.of(EVERYTHING))

    planted.social_care_purges_the_child()

    found = traces.of(EVERYTHING)
    assert words_of(Source.SOCIAL_CARE, found) == {}
    assert words_left(found, PARKED, WITH_ITS_AGENCY, KEPT_BY_CONNECTORS) == {}
    assert planted.running.count("kept_scope WHERE source = 'social-care'") == 1

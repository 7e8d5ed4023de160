"""Looks by month and page, and times at which a message may come."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.identifiers import PersonId
from schemas.vocabulary import Category, Source
from services.people.family_access.keeping.reach import SafeTime, next_safe_time
from services.profile.families.own_page.looks import KeptLook, ToldLook
from services.profile.families.own_page.months import ON_A_PAGE, LookOf, looks_page

_PERSON = PersonId("a" * 32)
_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def a_look(hours: int) -> LookOf:
    """A look so many hours after the year began."""
    at, story = _BEGAN + timedelta(hours=hours), (Category.STORY,)
    kept = KeptLook(
        f"look-{hours}", at, "practitioner:x", Source.SCHOOLS, None, "early-help", True, story
    )
    return LookOf(_PERSON, ToldLook(kept, None, is_by_decision=True))


@given(st.sets(st.integers(0, 8000), max_size=90), st.integers(1, 7))
def test_pages_of_a_month_have_each_of_its_looks_once(hours: set[int], number: int):
    """The newest first; months are counted over all, and no page is beyond the last."""
    looks = [a_look(one) for one in hours]
    everything = looks_page(looks, None, number)

    assert everything.total == len(looks) == sum(count for _, count in everything.months)
    assert 1 <= everything.number <= everything.pages
    for month, count in everything.months:
        pages = [looks_page(looks, month, 1 + n) for n in range(-(-count // ON_A_PAGE))]
        shown = [one for page in pages for one in page.looks]
        assert len(set(shown)) == len(shown) == count
        assert all(later.at > earlier.at for later, earlier in pairwise(shown))
        assert {one.month for one in shown} == {month}


@given(st.integers(0, 24 * 400 * 60), st.sets(st.sampled_from(SafeTime), min_size=1))
def test_message_comes_at_a_safe_time_and_as_soon_as_one_is(minutes: int, times: set[SafeTime]):
    """Within a day, on the clocks of this country, in summer and in winter."""
    at = _BEGAN + timedelta(minutes=minutes)

    found = next_safe_time(at, times)

    assert at <= found < at + timedelta(hours=25)
    assert next_safe_time(found, times) == found
    assert found == at or next_safe_time(found - timedelta(minutes=1), times) == found


def test_without_a_safe_time_nothing_is_sent():
    """Nothing means no."""
    with pytest.raises(ValueError, match="no safe time"):
        next_safe_time(_BEGAN, ())

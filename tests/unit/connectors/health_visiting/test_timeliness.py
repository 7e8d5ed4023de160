"""Whether a review was on time is read back from its words as it was said."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.health_visiting.clinical.timeliness import (
    AGE_IN_MONTHS,
    ON_TIME_MEANS,
    TIMELINESS_NOT_KNOWN,
    EncounterDates,
    MandatedReview,
    Punctuality,
    ToldTimeliness,
    read_timeliness,
    timeliness,
)

_BORN = date(2024, 1, 31)
_AFTER_BIRTH = [one for one in MandatedReview if one is not MandatedReview.ANTENATAL]


@given(st.sampled_from(_AFTER_BIRTH), st.integers(0, 1200))
def test_days_after_birth_come_back_as_far_as_they_are_said(review: MandatedReview, days: int):
    """To the day in the first twelve weeks, and afterwards that it was later than those."""
    visited = (_BORN + timedelta(days=days)).isoformat()
    words = timeliness(review, EncounterDates(visited, _BORN.isoformat()))

    told = read_timeliness(words)

    assert words is not None
    assert told.days == min(days, AGE_IN_MONTHS)
    assert words.startswith(told.punctuality.label)
    if review is MandatedReview.NEW_BIRTH:
        on_time = Punctuality.ON_TIME if days <= 14 else Punctuality.LATE
        assert told.punctuality is on_time


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("On time: at 29 weeks of pregnancy, unborn, expected on 1 May 2026", "on-time"),
        ("Early, before 28 weeks: at 20 weeks of pregnancy, unborn, expected on 1 May", "early"),
        ("Late: after the birth", "late"),
        (TIMELINESS_NOT_KNOWN, "not-known"),
        ("Lately: at 3 days", "not-known"),
        ("", "not-known"),
        (None, "not-known"),
    ],
)
def test_what_says_no_age_has_none(words: str | None, told: str):
    """Before birth, and of any words that are none of ours."""
    assert read_timeliness(words) == ToldTimeliness(Punctuality(told))


def test_every_review_has_its_window_in_words():
    """For people who read figures."""
    assert set(ON_TIME_MEANS) == set(MandatedReview)

"""Days are those of the clocks of the United Kingdom, also on the nights that clocks change."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.uk_time import first_moment, last_moment, to_uk_time, uk_day, when_clocks_show

_DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))
_SHORT, _USUAL, _LONG = (timedelta(hours=hours) for hours in (23, 24, 25))


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "begins", "ends"),
    [
        (date(2026, 6, 30), "2026-06-29T23:00:00", "2026-06-30T22:59:59"),
        (date(2026, 12, 24), "2026-12-24T00:00:00", "2026-12-24T23:59:59"),
        (date(2026, 3, 29), "2026-03-29T00:00:00", "2026-03-29T22:59:59"),
        (date(2026, 10, 25), "2026-10-24T23:00:00", "2026-10-25T23:59:59"),
    ],
    ids=["summer", "winter", "clocks go forward", "clocks go back"],
)
def test_a_day_is_from_midnight_to_midnight_there(day: date, begins: str, ends: str):
    """The short day has 23 hours, the long one 25."""
    assert (first_moment(day), last_moment(day)) == (_utc(begins), _utc(ends))


@given(_DAYS)
def test_days_follow_each_other_without_a_gap(day: date):
    """Each begins a second after the last second of the one before, and holds both its ends."""
    following = day + timedelta(days=1)

    assert first_moment(following) - last_moment(day) == timedelta(seconds=1)
    assert first_moment(following) - first_moment(day) in {_SHORT, _USUAL, _LONG}
    assert uk_day(first_moment(day)) == uk_day(last_moment(day)) == day


@given(_DAYS.flatmap(lambda day: st.times().map(lambda at: datetime.combine(day, at))))
def test_what_clocks_show_is_when_they_show_it(shown: datetime):
    """But in the hour that they leave out in spring."""
    when = when_clocks_show(shown)

    told = to_uk_time(when).replace(tzinfo=None)
    assert told == shown or told - shown == timedelta(hours=1)
    assert to_uk_time(when - timedelta(hours=1)).replace(tzinfo=None) != shown


@pytest.mark.parametrize(
    "written",
    ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "0001-01-01T00:30:00+00:00"],
)
def test_a_moment_at_an_end_of_the_calendar_has_a_day(written: str):
    """Sources write such times; in UTC there are none that lie before or after."""
    moment = datetime.fromisoformat(written)

    assert uk_day(moment) == moment.date()
    assert when_clocks_show(moment.replace(tzinfo=None)).date() == moment.date()

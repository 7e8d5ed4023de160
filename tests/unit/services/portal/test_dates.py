from datetime import UTC, date, datetime

import pytest

from schemas.records.payloads import Period
from services.portal.words.dates import age_in_words, day_in_words, moment_in_words, period_in_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2026-11-22", "22 November 2026"),
        ("2026-11", "November 2026"),
        ("2026", "2026"),
        ("2026-07-01T23:30:00Z", "2 July 2026"),
        ("2026-11-22T23:30:00+00:00", "22 November 2026"),
        (None, "Date not given"),
        ("", "Date not given"),
        ("soon", "soon"),
        ("2026-13-40", "2026-13-40"),
    ],
)
def test_a_day_is_written_as_precisely_as_it_is_known(text: str | None, words: str) -> None:
    """A year stays a year, a time becomes the day on clocks here, nothing becomes words."""
    assert day_in_words(text) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 11, 22, 9, 5, tzinfo=UTC), "22 November 2026 at 9:05am"),
        (datetime(2026, 6, 1, 12, 0, tzinfo=UTC), "1 June 2026 at 1:00pm"),
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), "29 March 2026 at 12:59am"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "29 March 2026 at 2:00am"),
        (datetime(2026, 10, 25, 0, 59, tzinfo=UTC), "25 October 2026 at 1:59am"),
        (datetime(2026, 10, 25, 1, 0, tzinfo=UTC), "25 October 2026 at 1:00am"),
    ],
)
def test_a_moment_is_written_as_clocks_here_show_it(moment: datetime, words: str) -> None:
    """Summer time begins and ends at 1am Greenwich time on the last Sundays."""
    assert moment_in_words(moment) == words


@pytest.mark.parametrize(
    ("born", "age"),
    [
        ("2026-11-22", "0 days"),
        ("2026-11-21", "1 day"),
        ("2026-11-01", "3 weeks"),
        ("2026-08-22", "3 months"),
        ("2024-11-23", "23 months"),
        ("2024-11-22", "2 years"),
        ("1997-02-11", "29 years"),
        ("2027-01-01", None),
        ("2024", None),
        (None, None),
    ],
)
def test_an_age_is_written_as_people_say_it(born: str | None, age: str | None) -> None:
    """Days, weeks, months, years; none where the day of birth is not known."""
    assert age_in_words(born, date(2026, 11, 22)) == age


@pytest.mark.parametrize(
    ("period", "words"),
    [
        (Period("2024-05-14"), "since 14 May 2024"),
        (Period(None, "2024-05-14"), "until 14 May 2024"),
        (Period("2024-05-14", "2025-01-02"), "14 May 2024 to 2 January 2025"),
        (Period("2024-05-14", "2024-05-14"), "14 May 2024"),
        (Period(), ""),
    ],
)
def test_a_period_says_which_ends_are_known(period: Period, words: str) -> None:
    """An open end is not guessed."""
    assert period_in_words(period) == words

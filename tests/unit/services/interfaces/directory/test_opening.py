"""When a service is open, by the rules of its schedules."""

from datetime import date
from typing import Any

import pytest

from services.interfaces.directory.entries.opening import next_days, times_of
from services.interfaces.directory.serving.words import when

TODAY = date(2026, 3, 2)  # a Monday


@pytest.mark.parametrize(
    ("schedule", "days", "told"),
    [
        (
            {"freq": "WEEKLY", "byday": "TU,TH", "opens_at": "10:00"},
            [3, 5, 10],
            "Tuesday, Thursday, 10am",
        ),
        (
            {"byday": "MO", "opens_at": "09:30:00", "closes_at": "12:00"},
            [2, 9, 16],
            "Monday, 9.30am to midday",
        ),
        ({"freq": "WEEKLY", "dtstart": "1900-01-02"}, [3, 10, 17], "Tuesday"),
        (
            {"freq": "WEEKLY", "interval": 2, "byday": "MO", "dtstart": "2026-02-23"},
            [9, 23],
            "Monday, every 2 weeks",
        ),
        ({"freq": "MONTHLY", "byday": "1SA"}, [7], "first Saturday of the month"),
        ({"freq": "MONTHLY", "byday": "-1FR"}, [27], "last Friday of the month"),
        ({"freq": "MONTHLY", "bymonthday": "15, 28"}, [15, 28], "day 15, day 28 of the month"),
        ({"byday": "MO", "valid_to": "2026-03-09"}, [2, 9], "Monday"),
        ({"byday": "MO", "valid_from": "2026-03-10"}, [16, 23, 30], "Monday"),
        ({"byday": "MO", "valid_to": "2025-01-01"}, [], "Monday"),
    ],
)
def test_the_next_days_follow_from_the_rule(
    schedule: dict[str, Any], days: list[int], told: str
) -> None:
    """Also of a rule that began long ago, or counts every second week."""
    found = [day for day, _ in next_days(times_of([schedule]), TODAY, 3)]

    assert [day.day for day in found if day.month == 3] == days
    assert when({"schedules": [schedule]}) == told


@pytest.mark.parametrize(
    "schedule",
    [
        {},
        {"freq": "WEEKLY"},
        {"freq": "MONTHLY"},
        {"byday": "XX"},
        {"byday": "MO", "interval": 10**9},
        {"byday": "MO", "dtstart": "soon"},
        {"bymonthday": "40", "freq": "MONTHLY"},
        {"byday": "MO", "opens_at": "25:00"},
        {"byday": "MO", "interval": float("1e300")},
    ],
)
def test_a_rule_that_cannot_be_read_is_none(schedule: dict[str, Any]) -> None:
    """The entry is shown without it."""
    assert times_of([schedule]) == ()


def test_a_day_that_never_comes_ends_the_search() -> None:
    """No rule keeps a page waiting."""
    never = {"freq": "MONTHLY", "bymonthday": "31", "interval": 24, "dtstart": "2025-02-01"}

    assert next_days(times_of([never]), TODAY, 3) == ()

"""Ages, distances and checks as one would say them."""

from datetime import date, timedelta

import pytest

from services.interfaces.directory.serving.form import read_age
from services.interfaces.directory.serving.words import ages, checked, miles
from services.portal.frame.forms import FormErrors

TODAY = date(2026, 11, 29)


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (0, "Checked today"),
        (1, "Checked yesterday"),
        (27, "Checked 27 days ago"),
        (90, "Checked 3 months ago"),
        (425, "Not checked for 14 months. Ring first"),
        (1200, "Not checked for 3 years. Ring first"),
        (-3, "Nobody has said when this was checked. Ring first"),
        (None, "Nobody has said when this was checked. Ring first"),
    ],
)
def test_when_it_was_checked_is_told_in_words_and_ages(days: int | None, told: str) -> None:
    """What nobody checked for a year is to be rung first."""
    assured = None if days is None else TODAY - timedelta(days=days)

    assert checked(assured, TODAY) == told


@pytest.mark.parametrize(
    ("written", "age"),
    [
        ("7 months", 7 / 12),
        ("1 year 7 months", 1 + 7 / 12),
        ("18m", 1.5),
        ("2", 2),
        ("2 years old", 2),
        ("6 weeks", 6 / 52),
        ("not born yet", 0),
        ("I am pregnant", 0),
        ("", None),
    ],
)
def test_ages_are_read_as_parents_write_them(written: str, age: float | None) -> None:
    """In years, months or weeks, or not born yet."""
    errors = FormErrors()

    assert read_age(written, errors) == pytest.approx(age) if age is not None else True
    assert not errors


@pytest.mark.parametrize("written", ["little", "200", "two", "-1", "1e9", "2 potatoes"])
def test_what_is_no_age_is_said(written: str) -> None:
    """It is not guessed."""
    errors = FormErrors()

    assert read_age(written, errors) is None
    assert errors.messages == {"age": "Enter an age such as 7 months, or 2"}


@pytest.mark.parametrize(
    ("least", "most", "told"),
    [
        (0, 2, "Up to 2 years"),
        (1, 2.5, "1 year to 2½ years"),
        (0.5, 5, "6 months to 5 years"),
        (11, None, "From 11 years"),
        (None, None, ""),
    ],
)
def test_for_whom_it_is(least: float | None, most: float | None, told: str) -> None:
    """Months are counted until two."""
    document = {"minimum_age": least, "maximum_age": most}

    assert ages({k: v for k, v in document.items() if v is not None}) == told


@pytest.mark.parametrize(
    ("distance", "told"),
    [(0.01, "less than 0.1 miles"), (0.4, "0.4 miles"), (1.0, "1.0 mile"), (23.4, "23 miles")],
)
def test_distances(distance: float, told: str) -> None:
    """To a tenth of a mile, while that means anything."""
    assert miles(distance) == told

"""Days of birth as spreadsheets write them."""

import pytest

from connectors.parsing.tables.dates import day_of

_AT = 2026


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("01/02/2015", "2015-02-01"),
        ("1.2.2015", "2015-02-01"),
        ("01-02-2015", "2015-02-01"),
        ("2015-02-01", "2015-02-01"),
        ("2015/02/01", "2015-02-01"),
        ("01/02/2015 00:00", "2015-02-01"),
        ("01/02/2015 00:00:00", "2015-02-01"),
        ("01/02/2015 12:00:00 AM", "2015-02-01"),
        ("2015-02-01T00:00:00", "2015-02-01"),
        ("2015-02-01 00:00:00.000", "2015-02-01"),
        ("01-Feb-2015", "2015-02-01"),
        ("1 February 2015", "2015-02-01"),
        ("1st Feb 2015", "2015-02-01"),
        ("9 Sept 2015", "2015-09-09"),
        ("Sunday, 1 February 2015", "2015-02-01"),
        ("Sun 01/02/2015", "2015-02-01"),
        ("February 1, 2015", "2015-02-01"),
        ("Feb 1st 2015", "2015-02-01"),
        ("42036", "2015-02-01"),
        ("42036.0", "2015-02-01"),
        ("36526", "2000-01-01"),
    ],
)
def test_a_day_in_any_of_its_forms(written: str, day: str):
    """The day before the month, unless the month is a word; five digits are Excel's count."""
    found = day_of(written, latest_year=_AT)

    assert found is not None
    assert found.isoformat() == day


@pytest.mark.parametrize(
    ("written", "year"),
    [("01/02/15", 2015), ("01-Feb-26", 2026), ("01/02/27", 1927), ("01/02/00", 2000)],
)
def test_a_year_of_two_digits_is_the_latest_that_is_not_to_come(written: str, year: int):
    """Counted from the year in which the list came."""
    found = day_of(written, latest_year=_AT)

    assert found is not None
    assert found.year == year


@pytest.mark.parametrize(
    "written",
    [
        *("02/13/2015", "31/02/2015", "2015-13-01", "1 Foo 2015", "Spring 2015", "2015", "n/a"),
        *("01/02/2015 23:00", "2015-01-31T23:00:00Z", "4203", "42036.5", "1/2", "1/2/215"),
        *("٠١/٠٢/٢٠١٥", "Feb 2015", "0"),
    ],
)
def test_what_may_be_another_day_is_none(written: str):
    """An hour may have been counted in another zone; half a date is none."""
    assert day_of(written, latest_year=_AT) is None

"""The life of a request to a service: a table of what may follow what; numbers; days."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from dateutil.easter import easter
from dateutil.relativedelta import MO, relativedelta
from hypothesis import given
from hypothesis import strategies as st

from services.interfaces.connections.days.bank_holidays import (
    BankHolidaysUnreadableError,
    bank_holidays,
)
from services.interfaces.connections.days.times import ConnectionTimes, working_day
from services.interfaces.connections.life import (
    OVER,
    WITH_PARTNER,
    ConnectionChange,
    ConnectionStatus,
    after,
)
from services.interfaces.connections.reference import (
    LETTERS,
    new_reference,
    reference_from,
    spelled,
)

S, C = ConnectionStatus, ConnectionChange
# From each status the changes that may happen, and what it is then. Nothing else may.
LIFE = {
    S.DRAFT: {C.AGREE: S.AGREED, C.LAPSE: S.LAPSED, C.WITHDRAW: S.WITHDRAWN},
    S.AGREED: {C.SEND: S.SENT, C.LAPSE: S.LAPSED, C.WITHDRAW: S.WITHDRAWN},
    S.SENT: {
        C.SEND: S.SENT,
        C.DELIVER: S.DELIVERED,
        C.FAIL: S.SENT,
        C.OPEN: S.OPENED,
        C.LAPSE: S.LAPSED,
        C.WITHDRAW: S.WITHDRAWN,
    },
    S.DELIVERED: {
        C.FAIL: S.SENT,
        C.OPEN: S.OPENED,
        C.LAPSE: S.LAPSED,
        C.WITHDRAW: S.WITHDRAWN,
    },
    S.OPENED: {
        C.OPEN: S.OPENED,
        C.RING: S.OPENED,
        C.ACCEPT: S.ACCEPTED,
        C.DECLINE: S.DECLINED,
        C.LAPSE: S.LAPSED,
        C.WITHDRAW: S.WITHDRAWN,
    },
    S.ACCEPTED: {
        C.CONTACT: S.CONTACTED,
        C.START: S.STARTED,
        C.FINISH: S.FINISHED,
        C.WITHDRAW: S.WITHDRAWN,
    },
    S.CONTACTED: {
        C.CONTACT: S.CONTACTED,
        C.START: S.STARTED,
        C.FINISH: S.FINISHED,
        C.WITHDRAW: S.WITHDRAWN,
    },
    S.STARTED: {C.FINISH: S.FINISHED, C.WITHDRAW: S.WITHDRAWN},
    S.FINISHED: {},
    S.DECLINED: {},
    S.LAPSED: {},
    S.WITHDRAWN: {},
}


def test_each_status_allows_just_what_the_table_says():
    """Every status with every change."""
    found = {
        status: {change: became for change in C if (became := after(status, change)) is not None}
        for status in S
    }

    assert found == LIFE


def test_a_family_may_stop_anything_that_is_not_over_and_what_is_over_stays():
    """Nothing leads out of the four ends, and no partner is with any of them."""
    assert all(after(status, C.WITHDRAW) is S.WITHDRAWN for status in S if status not in OVER)
    assert not OVER & WITH_PARTNER


references = st.builds(new_reference)


@given(references, st.integers(0, 6), st.sampled_from(LETTERS))
def test_one_letter_misread_is_found(reference: str, at: int, letter: str):
    """The check shows every single slip; as it was given, in any spelling, it is read."""
    slipped = reference[:at] + letter + reference[at + 1 :]

    assert reference_from(f" {spelled(reference).lower()} ") == reference
    assert (reference_from(slipped) is None) == (slipped != reference)


@given(references, st.integers(0, 5))
def test_two_letters_that_changed_places_are_found(reference: str, at: int):
    """Unless they are the same."""
    a, b = reference[at], reference[at + 1]
    swapped = reference[:at] + b + a + reference[at + 2 :]

    assert (reference_from(swapped) is None) == (a != b)


@pytest.mark.parametrize("typed", ["", "7KQ2", "0OI1-23X", "7KQ2-M4X-7", "ß" * 7])
def test_what_is_no_reference_is_none(typed: str):
    """Look-alikes are no letters of it."""
    assert reference_from(typed) is None


@pytest.mark.parametrize(
    ("begun", "days", "expected"),
    [
        (date(2026, 11, 30), 5, date(2026, 12, 7)),  # a Monday
        (date(2026, 12, 4), 1, date(2026, 12, 7)),  # a Friday
        (date(2026, 12, 5), 3, date(2026, 12, 9)),  # a Saturday
    ],
)
def test_working_days_leave_out_weekends(begun: date, days: int, expected: date):
    """Counted from the day after."""
    assert working_day(begun, days) == expected


def _by_the_act(year: int) -> set[date]:
    """Banking and Financial Dealings Act 1971, schedule 1, and what is proclaimed each year."""
    friday = easter(year) - timedelta(days=2)
    mondays = [date(year, 5, 1) + relativedelta(weekday=MO(1))]
    mondays += [date(year, month, 31) + relativedelta(weekday=MO(-1)) for month in (5, 8)]
    found = {friday, friday + timedelta(days=3), *mondays}
    for month, number in ((1, 1), (12, 25), (12, 26)):
        day = date(year, month, number)
        while day in found or day.weekday() >= 5:
            day += timedelta(days=1)
        found.add(day)
    return found


def test_bank_holidays_of_our_file_are_those_of_the_act():
    """Of whole years, with their substitutes: Christmas of 2027 is a Monday's."""
    found = bank_holidays()

    for year in {day.year for day in found}:
        assert {day for day in found if day.year == year} == _by_the_act(year)
    assert date(2027, 12, 27) in found


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (date(2026, 12, 22), date(2026, 12, 31)),  # over Christmas, 25 and 28 left out
        (date(2026, 12, 30), date(2027, 1, 7)),  # over New Year
        (date(2027, 3, 24), date(2027, 4, 2)),  # over Easter
    ],
)
def test_nobody_has_to_answer_on_a_bank_holiday(sent: date, expected: date):
    """Five working days, by the file."""
    assert working_day(sent, 5, bank_holidays()) == expected


def test_file_that_is_not_as_gov_uk_gives_it_stops_the_start(tmp_path: Path):
    """And one that is, with another division beside it, is taken as it comes."""
    whole = {"scotland": {"events": []}, "england-and-wales": {"events": [{"date": "2030-01-01"}]}}
    file = tmp_path / "holidays.json"
    file.write_text(json.dumps(whole))

    assert bank_holidays(file) == {date(2030, 1, 1)}
    for number, wrong in enumerate(["", "[]", "{}", '{"england-and-wales": {"events": []}}']):
        (bad := tmp_path / f"{number}.json").write_text(wrong)
        with pytest.raises(BankHolidaysUnreadableError):
            bank_holidays(bad)
    with pytest.raises(BankHolidaysUnreadableError):
        bank_holidays(tmp_path / "none.json")


def test_what_is_due_is_due_at_the_end_of_its_day():
    """Sent on a Monday: opened by Thursday, answered by the Monday after, reminded twice."""
    times, sent = ConnectionTimes(), datetime(2026, 11, 30, 14, 15, tzinfo=UTC)

    assert times.open_by(sent) == datetime(2026, 12, 3, 23, 59, 59, tzinfo=UTC)
    assert times.respond_by(sent) == datetime(2026, 12, 7, 23, 59, 59, tzinfo=UTC)
    days = [datetime(2026, 12, day, 9, tzinfo=UTC) for day in (1, 2, 3, 4, 7)]
    assert [times.chased_by(sent, day) for day in days] == [0, 1, 1, 2, 2]

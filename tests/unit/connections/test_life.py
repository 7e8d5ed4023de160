"""The life of a request to a service: a table of what may follow what; numbers; days."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from services.interfaces.connections.times import ConnectionTimes, working_day

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


def test_what_is_due_is_due_at_the_end_of_its_day():
    """Sent on a Monday: opened by Thursday, answered by the Monday after, reminded twice."""
    times, sent = ConnectionTimes(), datetime(2026, 11, 30, 14, 15, tzinfo=UTC)

    assert times.open_by(sent) == datetime(2026, 12, 3, 23, 59, 59, tzinfo=UTC)
    assert times.respond_by(sent) == datetime(2026, 12, 7, 23, 59, 59, tzinfo=UTC)
    days = [datetime(2026, 12, day, 9, tzinfo=UTC) for day in (1, 2, 3, 4, 7)]
    assert [times.chased_by(sent, day) for day in days] == [0, 1, 1, 2, 2]

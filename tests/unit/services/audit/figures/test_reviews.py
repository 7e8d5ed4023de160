"""Reviews of a month: which count as what, when, and that no hidden count of them is worked out."""

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.health_visiting.clinical.timeliness import AGE_IN_MONTHS, MandatedReview
from schemas.records.payloads import FactStatus, Occurrence, OccurrenceKind, Period
from services.audit.figures.measures import Count, Measure
from services.audit.figures.reviews import (
    ReviewOutcome,
    ReviewsOfMonth,
    SeenReview,
    count_of_child,
    counted_from,
    days_in_words,
    months_to_count,
    review_in,
    reviews_of_month,
)
from services.audit.figures.suppression import FEWEST, SPAN, Lot, Shown
from services.cli.audit.standing import _reviews, _reviews_in_lines

_MONTH = date(2026, 11, 1)
_BIRTH = MandatedReview.NEW_BIRTH
_OUT = ReviewOutcome
_LINE = tuple(MandatedReview).index(_BIRTH)


def _told(words: str | None = "On time: at 10 days", **more: object) -> Occurrence:
    details = () if words is None else (("Timeliness", words),)
    told = {"title": _BIRTH.label, "period": Period("2026-11-20"), "details": details}
    return Occurrence(**({"kind": OccurrenceKind.REVIEW} | told | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("told", "outcome", "days"),
    [
        (_told(), _OUT.ON_TIME, 10),
        (_told("Late, after 14 days: at 5 weeks 1 day"), _OUT.LATE, 36),
        (_told("Not known: a date is missing"), _OUT.NOT_KNOWN, None),
        (_told(None), _OUT.NOT_KNOWN, None),
        (_told(None, status=FactStatus.NOT_DONE, not_done=True), _OUT.NOT_DONE, None),
        (_told(period=Period("2026-10-31", "2026-11-01")), _OUT.ON_TIME, 10),
    ],
)
def test_a_review_of_the_month_counts_as_what_was_told(
    told: Occurrence, outcome: ReviewOutcome, days: int | None
):
    """By the month in which it ended, where it says that it did."""
    seen = review_in(told, _MONTH)

    assert seen is not None
    assert (seen.kind, seen.outcome, seen.days) == (_BIRTH, outcome, days)


@pytest.mark.parametrize(
    "told",
    [
        _told(period=Period("2026-12-01")),
        _told(period=Period("2026")),
        _told(period=Period()),
        _told(kind=OccurrenceKind.CONTACT),
        _told(title="Some review"),
        *(
            _told(status=status)
            for status in FactStatus
            if status not in {FactStatus.HOLDS, FactStatus.NOT_DONE}
        ),
    ],
)
def test_nothing_else_counts(told: Occurrence):
    """Another month, another thing, or one that is planned, goes on, or was entered in error."""
    assert review_in(told, _MONTH) is None


def test_a_child_counts_once_for_each_review():
    """The first that was; that another did not take place only where none did."""
    counts = count_of_child(
        [
            SeenReview(_BIRTH, "2026-11-20", _OUT.LATE, 20),
            SeenReview(_BIRTH, "2026-11-02", _OUT.NOT_DONE),
            SeenReview(_BIRTH, "2026-11-12T10:00:00Z", _OUT.ON_TIME, 12),
            SeenReview(MandatedReview.TWO_YEARS, "2026-11-02", _OUT.NOT_DONE),
        ]
    )

    assert counts == {
        (Measure.REVIEWS, "new-birth:on-time"): 1,
        (Measure.REVIEWS, "two-years:not-done"): 1,
        (Measure.NEW_BIRTH, "12"): 1,
    }


def test_a_month_is_counted_a_fortnight_after_it_is_over():
    """By UK clocks, the oldest first; none that is counted, or was over before the ledger began."""
    begun = datetime(2026, 9, 3, tzinfo=UTC)
    due = counted_from(_MONTH)
    counted = [date(2026, 9, 1)]

    def asked(now: datetime) -> list[date]:
        return list(months_to_count(counted, begun=begun, now=now, most=12))

    assert due == datetime(2026, 12, 15, tzinfo=UTC)
    assert asked(due - timedelta(seconds=1)) == [date(2026, 10, 1)]
    assert asked(due) == [date(2026, 10, 1), _MONTH]
    assert list(months_to_count([], begun=due, now=due, most=12)) == []
    assert list(months_to_count([], begun=begun, now=due, most=2)) == [date(2026, 10, 1), _MONTH]


def test_the_median_is_told_beside_the_counts_that_it_is_of():
    """With how many visits; none where there were none; weeks where months alone are known."""
    told = _of_month({"new-birth:on-time": 6, "new-birth:late": 5}, [9] * 6 + [30] * 5)
    nothing = _of_month({"two-years:on-time": 9}, [])

    assert (told.new_birth.visits, told.new_birth.median) == (11, 9)
    assert (nothing.new_birth.visits, nothing.new_birth.median) == (0, None)
    assert days_in_words(1) == "1 day"
    assert days_in_words(AGE_IN_MONTHS) == "12 weeks or more"


def test_a_median_of_few_or_of_hidden_counts_is_hidden():
    """Nine on time and one late: the median would say nothing of the one, their sum all of it."""
    few = _of_month({"new-birth:on-time": 4}, [9] * 4)
    one_late = _of_month({"new-birth:on-time": 9, "new-birth:late": 1}, [9] * 9 + [30])

    for told in (few, one_late):
        assert (told.new_birth.visits, told.new_birth.median) == (None, None)


def _of_month(times: dict[str, int], days: list[int], lot: Lot | None = None) -> ReviewsOfMonth:
    counts = [Count(_MONTH, "", code, n) for code, n in times.items() if n]
    passed = [Count(_MONTH, "", str(day), days.count(day)) for day in set(days)]
    drawn: Lot = lot or (lambda row, column: sha256(f"{row}/{column}".encode()).digest())
    return reviews_of_month(_MONTH, datetime(2026, 12, 15, tzinfo=UTC), counts, passed, drawn)


def test_the_command_tells_the_same_as_document_and_in_lines():
    """Hidden ones by their word; no median of no visits."""
    few = _of_month({"two-years:late": 3, "new-birth:on-time": 7}, [9] * 7)
    none = _of_month({}, [])

    documents = [_reviews(one) for one in (few, none)]
    lines = list(_reviews_in_lines([few]))

    assert documents[0]["by_kind"]["two-years"]["late"] == "hidden"
    assert documents[1]["new_birth"] == {"visits": 0, "median_days": None}
    assert documents[1]["by_kind"]["all"]["all"] == 0
    assert any("hidden" in line for line in lines if line.startswith("  2 to 2½ year review"))
    assert list(_reviews_in_lines([])) == []


# Who tries to recover what is hidden: every month that agrees with table, number and median.

_MOST = 12
_TIMED = (_OUT.ON_TIME, _OUT.LATE, _OUT.NOT_KNOWN)
_Visits = tuple[int, int, int]
"""New birth visits on time, late, and not known when; of a month with nothing else."""


def _agrees(visits: _Visits, told: ReviewsOfMonth, median: int | None, number: Shown) -> bool:
    """Whether line and totals of the columns, which are the same, may be shown so of these."""
    by_outcome = dict(zip(_TIMED, visits, strict=True))
    line = [*(by_outcome.get(one, 0) for one in _OUT), sum(visits)]
    for seen in (told.table.rows[_LINE], told.table.totals):
        shown = (*seen.counts, seen.total)
        if any(n == 0 if s is None else n != s for n, s in zip(line, shown, strict=True)):
            return False
    on_time, late, _ = visits
    are_most_on_time = on_time >= (on_time + late + 1) // 2
    return number in {None, on_time + late} and median in {None, 10 if are_most_on_time else 20}


def _narrowest(*, is_naive: bool) -> int:
    """How far apart the least and most lie of the hidden count that a reader knows best.

    Visits on time were at 10 days, late ones at 20. `is_naive`: as if number and median were shown
    wherever they are of five or more.
    """
    spans = [SPAN]
    for key, visits in enumerate(product((0, 1, 3, 6, 9), (0, 1, 4, 6), (0, 2, 7))):
        told = _of_visits(visits, key)
        median, number = told.new_birth.median, told.new_birth.visits
        if is_naive and sum(visits[:2]) >= FEWEST:
            days = sorted([10] * visits[0] + [20] * visits[1])
            median, number = days[(len(days) + 1) // 2 - 1], len(days)
        line = told.table.rows[_LINE].counts
        seen = [line[tuple(_OUT).index(one)] for one in _TIMED]
        ranges = [range(1, _MOST) if one is None else (one,) for one in seen]
        left = [v for v in product(*ranges) if _agrees(v, told, median, number)]
        for place, one in enumerate(seen):
            if one is None:
                spans.append(max(v[place] for v in left) - min(v[place] for v in left))
    return min(spans)


def _of_visits(visits: _Visits, key: int) -> ReviewsOfMonth:
    names = ("on-time", "late", "not-known")
    times = {f"new-birth:{name}": n for name, n in zip(names, visits, strict=True)}
    days = [10] * visits[0] + [20] * visits[1]
    return _of_month(times, days, lambda r, c: sha256(f"{key}/{r}/{c}".encode()).digest())


def test_median_and_number_tell_no_hidden_count():
    """Shown beside hidden counts they would, which this attacker finds; as they are, nothing."""
    assert _narrowest(is_naive=True) == 0
    assert _narrowest(is_naive=False) >= SPAN


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 12), st.integers(0, 12), st.lists(st.integers(0, 9), min_size=6, max_size=6),
    st.lists(st.integers(0, 90), max_size=1), st.integers(0, 1000),
)  # fmt: skip
def test_what_is_told_of_visits_follows_from_what_is_shown_beside_it(
    on_time: int, late: int, others: list[int], day: list[int], key: int
):
    """Number and median are told only where both counts are: then all of it is known anyway."""
    codes = ("new-birth:not-known", "new-birth:not-done", "antenatal:late", "two-years:on-time",
             "two-years:early", "twelve-months:not-known")  # fmt: skip
    times = {"new-birth:on-time": on_time, "new-birth:late": late}
    times |= dict(zip(codes, others, strict=True))
    days = [*(day or [9])] * (on_time + late)

    told = _of_month(times, days, lambda r, c: sha256(f"{key}/{r}/{c}".encode()).digest())

    line = told.table.rows[_LINE]
    shown = [line.counts[tuple(_OUT).index(one)] for one in (_OUT.ON_TIME, _OUT.LATE)]
    if None in shown:
        assert (told.new_birth.visits, told.new_birth.median) == (None, None)
    else:
        assert told.new_birth.visits == on_time + late
        assert (told.new_birth.median is None) == (not days)

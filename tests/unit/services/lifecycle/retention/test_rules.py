"""How long a record is kept: whichever of its rule's ends comes first, and never without one."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.vocabulary import Category, Source
from services.lifecycle.retention.rules import Duration, Marks, RetentionRule, kept_until, together

DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))
DURATIONS = st.builds(Duration, st.integers(1, 1200))
MARKS = st.builds(
    Marks, said_on=DAYS, about_until=st.none() | DAYS, born_year=st.none() | st.integers(1950, 2060)
)
RULES = st.builds(
    RetentionRule,
    id=st.just("a-rule"),
    sources=st.just(frozenset(Source)),
    categories=st.just(frozenset(Category)),
    at_most=DURATIONS,
    after_end=st.none() | DURATIONS,
    until_age=st.none() | st.integers(0, 100),
    while_it_goes_on=st.booleans(),
)
A_RULE = RetentionRule(
    "a-rule",
    frozenset(Source),
    frozenset(Category),
    at_most=Duration(120),
    after_end=Duration(12),
    until_age=19,
)
SAID = date(2020, 6, 15)


@pytest.mark.parametrize(
    ("marks", "last_day"),
    [
        (Marks(SAID), date(2030, 6, 15)),
        (Marks(SAID, about_until=date(2021, 1, 31)), date(2022, 1, 31)),
        (Marks(SAID, born_year=2005), date(2024, 12, 31)),
        (Marks(SAID, born_year=2002), date(2021, 12, 31)),
        (Marks(SAID, born_year=1996), date(2030, 6, 15)),
        (Marks(SAID, about_until=date(2021, 1, 31), born_year=2005), date(2022, 1, 31)),
    ],
    ids=["goes on", "ended", "a child", "of age that year", "an adult", "an ended one of a child"],
)
def test_the_first_end_counts(marks: Marks, last_day: date):
    """An adult is not swept for having been a child."""
    assert kept_until(A_RULE, marks) == last_day


@given(RULES, MARKS)
def test_nothing_is_kept_for_ever(rule: RetentionRule, marks: Marks):
    """The longest time ends it, or a childhood where that is longer."""
    grown = date((marks.born_year or 0) + (rule.until_age or 0) + 1, 1, 1)
    assert kept_until(rule, marks) <= max(rule.at_most.after(marks.said_on), grown)


@pytest.mark.parametrize(
    ("marks", "last_day"),
    [
        (Marks(SAID, born_year=2018), date(2037, 12, 31)),
        (Marks(SAID, born_year=2018, about_until=date(2021, 1, 31)), date(2022, 1, 31)),
        (Marks(SAID), date(2026, 6, 15)),
        (Marks(SAID, born_year=1996), date(2026, 6, 15)),
    ],
    ids=["of a child", "that has ended", "of nobody knows whom", "of an adult"],
)
def test_what_goes_on_lasts_a_childhood_where_the_rule_says_so(marks: Marks, last_day: date):
    """Silence of a source that tells only what changes is no end."""
    rule = replace(A_RULE, at_most=Duration(72), while_it_goes_on=True)

    assert kept_until(rule, marks) == last_day


@given(RULES, MARKS)
def test_to_let_it_last_never_ends_it_sooner(rule: RetentionRule, marks: Marks):
    """Whatever else the rule says."""
    lasting = replace(rule, while_it_goes_on=True)

    assert kept_until(lasting, marks) >= kept_until(replace(rule, while_it_goes_on=False), marks)


@given(RULES, MARKS, DURATIONS)
def test_a_rule_that_says_less_never_ends_sooner(
    rule: RetentionRule, marks: Marks, longer: Duration
):
    """Taking an end away, or lengthening one, never takes a record away."""
    until = kept_until(rule, marks)

    assert kept_until(replace(rule, after_end=None), marks) >= until
    if not rule.while_it_goes_on:
        assert kept_until(replace(rule, until_age=None), marks) >= until
    more = Duration(rule.at_most.months + longer.months)
    assert kept_until(replace(rule, at_most=more), marks) >= until


@given(RULES, st.lists(MARKS, min_size=1, max_size=4), st.randoms())
def test_parts_in_any_order_have_one_end(rule: RetentionRule, marks: list[Marks], random: object):
    """And said again, a record is never swept the sooner for what ends it."""
    shuffled = list(marks)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert together(shuffled) == together(marks) == together([*marks, *marks])
    assert together([together(marks)]) == together(marks)
    assert kept_until(replace(rule, until_age=None, after_end=None), together(marks)) == max(
        kept_until(replace(rule, until_age=None, after_end=None), one) for one in marks
    )


@given(DAYS, DURATIONS)
def test_months_are_counted_by_the_calendar(day: date, duration: Duration):
    """There and back is the same day, or the last of its month where there is no such day."""
    later = duration.after(day)

    back = duration.before(later)
    assert back <= day
    assert day - back < timedelta(days=4)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == duration.months

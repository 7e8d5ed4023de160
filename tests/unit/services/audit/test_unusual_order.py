"""The same acts in another order, or in other batches, are the same findings."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from consent.model import RelationshipGround
from services.audit.unusual.judging import (
    first_of_each,
    judge_acts,
    judge_day,
    judge_family_day,
)
from services.audit.unusual.model import (
    ActKind,
    Known,
    LedgerAct,
    OnStaffList,
    RelationshipState,
    StaffIndex,
)
from services.audit.unusual.settings import unusual_rules

NIGHT = datetime(2026, 3, 28, 20, tzinfo=UTC)
RULES = unusual_rules(None)
HELD = RelationshipState(
    "r1",
    1,
    RelationshipGround.CASE_LOAD,
    NIGHT - timedelta(days=200),
    NIGHT - timedelta(days=200),
    NIGHT - timedelta(days=100),
)
KNOWN = Known(
    RULES,
    StaffIndex([OnStaffList("w0", leave=((NIGHT.date(), NIGHT.date()),))]),
    {("w0", "p0"): [HELD]},
)


@st.composite
def acts_of_a_night(draw: st.DrawFn) -> Sequence[LedgerAct]:
    """What two workers did with two families, over a midnight at which clocks change."""
    told = draw(
        st.lists(
            st.tuples(
                st.integers(0, 720), st.sampled_from(ActKind), st.integers(0, 1), st.integers(0, 1)
            ),
            max_size=40,
        )
    )
    return [
        LedgerAct(
            place,
            NIGHT + timedelta(minutes=minute),
            kind,
            f"w{who}",
            () if kind is ActKind.SEARCH else (f"p{whom}",),
        )
        for place, (minute, kind, who, whom) in enumerate(told)
    ]


@given(acts_of_a_night(), st.randoms(use_true_random=False))
def test_the_order_in_which_acts_come_changes_nothing(
    acts: Sequence[LedgerAct], random: Random
) -> None:
    """Neither for one act, nor for a day, nor for a family's day."""
    shuffled = list(acts)
    random.shuffle(shuffled)

    assert _everything(shuffled) == _everything(acts)


@given(acts_of_a_night(), st.integers(0, 40))
def test_what_is_judged_in_two_batches_is_what_is_judged_in_one(
    acts: Sequence[LedgerAct], cut: int
) -> None:
    """The first of a key is the first in the ledger either way."""
    whole = {one.key: one for one in first_of_each(judge_acts(acts, KNOWN))}
    parts = [*judge_acts(acts[:cut], KNOWN), *judge_acts(acts[cut:], KNOWN)]

    assert {one.key: one for one in first_of_each(parts)} == whole


def _everything(acts: Sequence[LedgerAct]) -> set[object]:
    found = list(judge_acts(acts, KNOWN))
    for day in {act.day for act in acts}:
        for who in ("w0", "w1"):
            found += judge_day(day, [act for act in acts if act.by == who], KNOWN)
        for person in ("p0", "p1"):
            about = [act for act in acts if act.person == person]
            found += judge_family_day(day, person, about, KNOWN)
    return set(first_of_each(found))

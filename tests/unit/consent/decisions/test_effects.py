"""What an act changes is computed: who could read what before, and who can after."""

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent import AccessRequest, OnRecord
from consent.agreement import Agency
from consent.decisions.effects import Groups, WhatChanges, effect_of, widening_of
from consent.model import Mode, Proposal, SharingAct, SharingDecision
from schemas.vocabulary import Category, Purpose
from tests.support.builders import (
    ALL_AGREED,
    DAY,
    FATHER,
    NOW,
    TEACHER,
    VISITOR,
    a_duty,
    a_permit,
    a_refusal,
)
from tests.support.oracles.naive_decide import naive_decide
from tests.support.strategies import (
    CATEGORIES,
    PERSONS,
    PURPOSES,
    SOURCES,
    decisions,
    everybody,
    refusals,
)

_EXAMPLES = int(os.environ.get("TELL_ONCE_ORACLE_EXAMPLES", "20"))
oracle = settings(
    max_examples=_EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
property_ = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
several = st.lists(decisions, max_size=3, unique_by=lambda d: d.id)
EVERYBODY = frozenset(Agency)


def _gaining(before: Sequence[SharingDecision], after: Sequence[SharingDecision]) -> frozenset:
    return widening_of(before, after, now=NOW).gaining


def test_a_permission_is_a_gain_of_whom_it_names():
    """Everybody where it names nobody."""
    assert _gaining([], [a_permit()]) == EVERYBODY
    assert _gaining([], [a_permit(recipients=["agency:schools"])]) == {Agency.SCHOOLS}


def test_a_refusal_is_no_gain_and_taking_it_back_is():
    """Also where another refusal stands beside it, for when that one goes."""
    yes, no = a_permit(), a_refusal()
    fathers = a_refusal(id="d9" * 16, decided_by=FATHER)

    assert _gaining([yes], [yes, no]) == frozenset()
    assert effect_of([yes], [yes, no], now=NOW).losing == EVERYBODY
    assert _gaining([yes, no], [yes, replace(no, withdrawn_at=NOW)]) == EVERYBODY
    assert _gaining([yes, no, fathers], [yes, no]) == EVERYBODY
    assert widening_of([no, fathers], [no], now=NOW).taken_back
    assert not widening_of([no, fathers], [no, fathers, yes], now=NOW).taken_back
    assert effect_of([yes, no, fathers], [yes, no], now=NOW) == WhatChanges()


def test_withdrawing_or_shortening_a_permission_is_no_gain():
    """Lengthening it is."""
    yes = a_permit(until=NOW + 10 * DAY)

    assert _gaining([yes], [replace(yes, withdrawn_at=NOW)]) == frozenset()
    assert _gaining([yes], [replace(yes, until=NOW + DAY)]) == frozenset()
    assert _gaining([yes], [replace(yes, until=NOW + 20 * DAY)]) == EVERYBODY


def test_what_comes_to_count_later_is_a_gain_now():
    """A yes behind a refusal that ends next week is a yes next week."""
    no = a_refusal(until=NOW + 7 * DAY)
    yes = a_permit(decided_by=FATHER, decided_at=NOW)

    assert effect_of([no], [no, yes], now=NOW).gaining == EVERYBODY


def test_a_yes_behind_somebody_elses_no_is_a_gain():
    """It would count without another hand as soon as that no is taken back."""
    no = a_refusal(mode=Mode.EXISTENCE)
    yes = a_permit(decided_by=FATHER, decided_at=NOW)

    assert effect_of([no], [no, yes], now=NOW) == WhatChanges()
    assert _gaining([no], [no, yes]) == EVERYBODY


def test_a_yes_beside_another_is_a_gain():
    """It would count alone as soon as the other is found invalid."""
    yes, again = a_permit(), a_permit(id="d9" * 16, decided_at=NOW)

    assert effect_of([yes], [yes, again], now=NOW) == WhatChanges()
    assert _gaining([yes], [yes, again]) == EVERYBODY


def test_a_duty_is_a_gain_over_a_refusal_for_safeguarding():
    """Rule 4."""
    no = a_refusal(purpose=Purpose.SAFEGUARDING)
    duty = a_duty(recipients=["agency:schools"])

    assert effect_of([no], [no, duty], now=NOW).gaining == {Agency.SCHOOLS}
    assert widening_of([no], [no, duty], now=NOW).taken_back == frozenset()


def test_what_is_only_proposed_is_no_gain_until_it_is_confirmed():
    """Rule 7."""
    waiting = a_permit(
        decided_at=NOW, proposed=Proposal(SharingAct.RECORD, "practitioner:b0", NOW, NOW + DAY)
    )

    assert _gaining([], [waiting]) == frozenset()
    assert _gaining([waiting], [replace(waiting, confirmed_at=NOW)]) == EVERYBODY


# Where somebody works is not told by their name, so it may be the asker's own agency.
@pytest.mark.parametrize(
    "recipients",
    [
        [],
        ["agency:schools", "agency:health-visiting"],
        ["role:practitioner"],
        [f"practitioner:{VISITOR}"],
        [f"practitioner:{TEACHER}"],
    ],
)
def test_whether_the_one_who_asks_gains_is_told(recipients: list[str]):
    """By their agency or by their own name; another agency's gain is none of theirs."""
    gain = widening_of([], [a_permit(recipients=recipients)], now=NOW)
    of_others = widening_of([], [a_permit(recipients=["agency:schools"])], now=NOW)

    assert gain.is_gain_of(Agency.HEALTH_VISITING, [VISITOR])
    assert not of_others.is_gain_of(Agency.HEALTH_VISITING, [VISITOR])


@given(several, refusals)
@property_
def test_a_refusal_never_widens_whatever_is_on_record(
    before: list[SharingDecision], refusal: SharingDecision
):
    """Neither now nor when anything else goes."""
    no = replace(refusal, id="e" * 32, decided_at=NOW, superseded_at=None)

    assert widening_of(before, [*before, no], now=NOW).gained == frozenset()


@given(several, several)
@property_
def test_whatever_is_gained_is_among_what_could_be(
    before: list[SharingDecision], after: list[SharingDecision]
):
    """So nothing that opens is taken for narrowing."""
    assert effect_of(before, after, now=NOW).gaining <= _gaining(before, after)


@given(several, several)
@oracle
def test_the_effect_is_what_asking_for_everything_gives(
    before: list[SharingDecision], after: list[SharingDecision]
):
    """By brute force over the slow `decide`: every question, before and after."""
    changes = effect_of(before, after, now=NOW)

    could, can = (
        {(agency, asked) for agency, asked in _everything(now_and_later(before, after), known)}
        for known in (before, after)
    )
    assert changes.gaining == {agency for agency, _ in can - could}
    assert changes.losing == {agency for agency, _ in could - can}


def now_and_later(*told: Sequence[SharingDecision]) -> set[datetime]:
    """Now, and when anything begins or ends."""
    known = [d for several in told for d in several]
    turns = {t for d in known for t in (d.decided_at, d.recorded_at, d.until) if t and t > NOW}
    return {NOW, *turns}


def _everything(
    times: set[datetime], known: Sequence[SharingDecision]
) -> set[tuple[Agency, tuple[object, ...]]]:
    on_record = OnRecord(tuple(known), agreements=(ALL_AGREED,))
    found = set()
    for at in times:
        for who, *asked in product(everybody(at), PERSONS, CATEGORIES, SOURCES, PURPOSES, Mode):
            person, category, source, purpose, mode = asked
            request = AccessRequest((person,), category, source, who, at, purpose, mode=mode)
            if naive_decide(request, on_record).permitted:
                found.add((Agency(who.agency), (who.id, who.role, *asked, at)))
    return found


def test_a_usual_family_is_judged_from_few_questions():
    """Two parents about everything, for each service apart: bounded by what an act names."""
    family = [
        a_permit(
            id=f"{number:032x}",
            category=list(Category)[number % 5 :],
            recipients=[["agency:schools"], [], ["agency:social-care"]][number % 3],
            decided_by=FATHER,
            until=NOW + number * DAY,
        )
        for number in range(6)
    ]

    groups = Groups(family[:-1], family, NOW)

    assert sum(len(list(groups.asked_of(recipient))) for _, recipient in groups.recipients()) < 500

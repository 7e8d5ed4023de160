"""A generated year of disclosures, each decided once more by what was known at its moment."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from consent.ledger.events import LedgerEvent
from schemas.vocabulary import Category
from services.audit.explain.postgres_replaying import (
    Disclosed,
    ReplayDifference,
    Replayed,
    disclosed_from,
    find_disclosure,
    replay,
)
from services.ledger.bound_tables import BOUND
from services.work import Outside, unit_of_work
from services.work.postgres_past import CannotBeToldError, looking_back
from tests.support.builders import NOW
from tests.support.clock import StandingClock
from tests.support.consents.generated_year import GeneratedYear, held
from tests.support.fakes.in_process import InProcess

pytestmark = pytest.mark.postgres

_DISCLOSURES = int(os.environ.get("TELL_ONCE_REPLAYED_DISCLOSURES", "250"))
_SEED = 2026


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on a database whose histories begin now."""
    with unit_of_work(outside) as work:
        work.bound.bind_what_was_there(BOUND)
    with InProcess.running(outside) as found:
        yield found


def test_a_year_of_disclosures_is_what_was_permitted_then(running: InProcess, clock: StandingClock):
    """Part by part, by the same agreement and from the same decisions, whatever came of them."""
    year = GeneratedYear(running, clock, Random(_SEED), _DISCLOSURES)
    year.begin()

    year.live()

    shown = [disclosed_from(entry) for entry in running.ledger(LedgerEvent.PROFILE_READ)]
    with looking_back(running.portal) as past:
        replayed = [replay(one, past) for one in shown]
    assert [one for one in replayed if one.differences] == []
    assert [_shown_and_withheld(one) for one in replayed] == [_told(one) for one in shown]
    _require_a_year_worth_replaying(running, shown)


def _told(disclosed: Disclosed) -> tuple[object, ...]:
    return disclosed.categories, disclosed.withheld, disclosed.decided_from


def _shown_and_withheld(one: Replayed) -> tuple[object, ...]:
    """What records of which none came or went would have been shown as, of all who are one."""
    parts = (part for child in one.disclosed.subjects for part in held(child))
    answers = {part: one.answers[part] for part in parts}
    yes = {part: answer for part, answer in answers.items() if answer.is_permitted}
    return (
        frozenset(category for _, category, _ in yes),
        frozenset(category for _, category, _ in answers.keys() - yes.keys()),
        frozenset(decision for answer in yes.values() for decision in answer.decided_from),
    )


def _require_a_year_worth_replaying(running: InProcess, shown: list[Disclosed]) -> None:
    """Most of what was read was shown, in part too, and much of it would not be any more."""
    assert len(shown) > _DISCLOSURES // 4
    assert any(one.categories and one.withheld for one in shown)
    assert len({one.policy_version for one in shown}) > 1
    assert any(len(one.subjects) > 1 for one in shown)
    with unit_of_work(running.outside) as work:
        known = work.decisions.recorded_about({p for one in shown for p in one.subjects})
    decisions = {d.id: d for found in known.values() for d in found}
    named = [decisions[i] for one in shown for i in one.decided_from]
    assert any(d.invalidated_at is not None for d in named)
    assert any(d.withdrawn_at is not None for d in named)
    assert any(d.recorded_at is not None for d in named)


def _one_disclosure(running: InProcess, clock: StandingClock) -> Disclosed:
    year = GeneratedYear(running, clock, Random(_SEED), disclosures=5)
    year.begin()
    year.live()
    return disclosed_from(running.ledger(LedgerEvent.PROFILE_READ)[0])


def test_what_was_not_permitted_then_is_found(running: InProcess, clock: StandingClock):
    """More than was permitted, another agreement, decisions that nobody made."""
    disclosed = _one_disclosure(running, clock)
    everything = replace(disclosed, categories=frozenset(Category), subjects=("0" * 32,))
    wrong = {
        ReplayDifference.SHOWN: everything,
        ReplayDifference.POLICY: replace(disclosed, policy_version=disclosed.policy_version + "x"),
        ReplayDifference.DECIDED_FROM: replace(disclosed, decided_from=frozenset({"f" * 32})),
        ReplayDifference.NOT_KNOWN: replace(disclosed, practitioner="f" * 32),
    }

    with looking_back(running.portal) as past:
        found = {why: replay(one, past).differences for why, one in wrong.items()}

    assert all(why in differences for why, differences in found.items()), found


def test_before_history_begins_it_cannot_be_told(running: InProcess, clock: StandingClock):
    """Nor by other rules than are kept; never a guess."""
    disclosed = _one_disclosure(running, clock)
    early = replace(disclosed, at=NOW - timedelta(microseconds=1))
    by_others = replace(disclosed, policy_version="rules-2026-03-01+test-1")

    with looking_back(running.portal) as past:
        with pytest.raises(CannotBeToldError) as before:
            replay(early, past)
        with pytest.raises(CannotBeToldError) as ruled:
            replay(by_others, past)
        assert replay(replace(disclosed, at=disclosed.at), past).differences == ()

    assert before.value.begins_at == NOW
    assert "relationships" in before.value.kinds
    assert ruled.value.kinds == ("rules",)


def test_a_disclosure_is_found_by_its_id(running: InProcess, clock: StandingClock):
    """Among all that the ledger holds of that moment."""
    disclosed = _one_disclosure(running, clock)

    with unit_of_work(running.portal) as work:
        assert find_disclosure(disclosed.disclosure, work.connection) == disclosed
        assert find_disclosure("0" * 32, work.connection) is None
        assert find_disclosure("nothing of the kind", work.connection) is None

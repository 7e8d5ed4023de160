"""Judging hits: in which steps, by whom, the second hand of a breach, and what stays quiet."""

from dataclasses import replace
from datetime import timedelta

import pytest

from consent.ledger import LedgerEntry
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PractitionerId
from schemas.vocabulary import Role
from services.audit.unusual.hits import Hit, HitStanding
from services.audit.unusual.model import UnusualRule
from services.audit.unusual.postgres_hits import HitFilter
from services.audit.unusual.reviewing import (
    HitRefusal,
    HitShown,
    confirm_breach,
    list_hits,
    review_hands,
    rule_figures,
    say,
    show_hit,
)
from services.people.governance.orders import NotTheirs
from services.people.signing_in.accounts import SignIn, next_account
from services.work import unit_of_work
from tests.support.audit.unusual_world import UnusualWorld
from tests.support.clock import StandingClock

pytestmark = pytest.mark.postgres
WHY = "Asked, and it was a canary-word."
A_DAY = timedelta(days=1)
GOVERNANCE = Role.INFORMATION_GOVERNANCE


def said(
    world: UnusualWorld, by: PractitionerId, hit: Hit, standing: HitStanding, words: str = WHY
) -> Hit | HitRefusal:
    """What comes of saying so."""
    with unit_of_work(world.running.portal) as work:
        hands = review_hands(work, by_one_hand=True)
        return say(hit.id, standing, words, by=f"practitioner:{by}", hands=hands)


def confirmed(
    world: UnusualWorld, by: PractitionerId, hit: Hit, *, confirms: bool = True
) -> Hit | NotTheirs | HitRefusal:
    """What comes of a second reviewer's answer to the breach that was said last."""
    order = hit.states[-1].order or ""
    with unit_of_work(world.running.portal) as work:
        hands = review_hands(work, by_one_hand=True)
        return confirm_breach(order, WHY, by=f"practitioner:{by}", confirms=confirms, hands=hands)


def a_hit(world: UnusualWorld, worker: PractitionerId | None = None, *, days_ago: int = 3) -> Hit:
    """One that nobody has looked at."""
    who = worker or world.worker()
    first = world.noon(days_ago=days_ago)
    child = world.person()
    times = (first + n * timedelta(minutes=1) for n in range(5))
    world.enter(*(world.refused(who, child, at) for at in times))
    world.sweep()
    return world.hits()[-1]


def test_a_hit_goes_from_new_to_an_outcome_and_each_step_is_entered(world: UnusualWorld) -> None:
    """With a reason each, which no table and no entry shows."""
    hit, officer = a_hit(world), world.worker(GOVERNANCE)
    steps = (HitStanding.LOOKING, HitStanding.ASKED_WORKER, HitStanding.TRAINING)

    too_soon = said(world, officer, hit, HitStanding.TRAINING)
    silent = said(world, officer, hit, HitStanding.LOOKING, " ")
    answers = [said(world, officer, hit, step) for step in steps]
    over = said(world, officer, hit, HitStanding.LOOKING)

    assert (too_soon, silent, over) == (
        HitRefusal.NOT_NOW,
        HitRefusal.NO_REASON,
        HitRefusal.NOT_NOW,
    )
    assert [one.standing for one in answers if isinstance(one, Hit)] == list(steps)
    entered = world.running.ledger(LedgerEvent.UNUSUAL_ACCESS_STATED)
    assert [entry.fields["state"] for entry in entered] == [step.value for step in steps]
    assert len(world.running.ledger(LedgerEvent.UNUSUAL_ACCESS_ACT_REFUSED)) == 3
    with world.running.outside.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT words FROM unusual_state").scalars().all()
    assert not any(b"canary" in bytes(words) for words in rows if words is not None)


def test_nobody_reviews_themselves_their_team_or_a_family_that_they_have_seen(
    world: UnusualWorld,
) -> None:
    """Nor does anybody whose work it is not; whichever of their accounts looked."""
    worker, child = world.worker(), world.person()
    colleague, other_self, has_looked = (world.worker(GOVERNANCE) for _ in range(3))
    world.take_in(f"{worker},Marlford,t1,,,,", f"{colleague},Smith,T 1,,,,")
    _one_human(world, worker, other_self)
    world.enter(
        world.emergency(worker, child, world.noon()),
        world.look(has_looked, child, world.noon()),
    )
    world.sweep()
    (hit,) = world.hits(UnusualRule.EMERGENCY)

    refusals = [
        said(world, who, hit, HitStanding.LOOKING)
        for who in (worker, other_self, colleague, has_looked)
    ]

    assert refusals == [
        HitRefusal.NOT_ALLOWED,
        HitRefusal.OWN,
        HitRefusal.OWN_TEAM,
        HitRefusal.HAS_LOOKED,
    ]


def test_a_breach_takes_a_second_human_being(world: UnusualWorld) -> None:
    """Neither who said so nor another account of theirs; then it is one, with both reasons."""
    hit = a_hit(world)
    first, other_self, second = (world.worker(GOVERNANCE) for _ in range(3))
    _one_human(world, first, other_self)
    said(world, first, hit, HitStanding.LOOKING)

    waits = said(world, first, hit, HitStanding.BREACH)

    assert isinstance(waits, Hit)
    assert waits.standing is HitStanding.SECOND_WANTED
    assert confirmed(world, first, waits) is NotTheirs.ASKED_IT
    assert confirmed(world, other_self, waits) is NotTheirs.ASKED_IT
    breach = confirmed(world, second, waits)
    assert isinstance(breach, Hit)
    assert breach.standing is HitStanding.BREACH
    assert [state.said_by[-4:] for state in breach.states[-2:]] == [first[-4:], second[-4:]]


def test_a_second_reviewer_who_sees_no_breach_lets_it_be_looked_at_again(
    world: UnusualWorld,
) -> None:
    """The order is over; another breach takes another."""
    hit, first, second = a_hit(world), world.worker(GOVERNANCE), world.worker(GOVERNANCE)
    said(world, first, hit, HitStanding.LOOKING)
    waits = said(world, first, hit, HitStanding.BREACH)
    assert isinstance(waits, Hit)

    again = confirmed(world, second, waits, confirms=False)

    assert isinstance(again, Hit)
    assert again.standing is HitStanding.LOOKING
    assert confirmed(world, second, waits) is NotTheirs.NOT_THERE


@pytest.mark.parametrize(
    ("days_later", "asked"), [(80, False), (91, True)], ids=["within 90 days", "after them"]
)
def test_what_was_found_to_be_right_stays_quiet_for_90_days(
    world: UnusualWorld, clock: StandingClock, *, days_later: int, asked: bool
) -> None:
    """The same rule, worker and person; it is kept as explained, and counted."""
    worker = world.worker()
    hit, officer = a_hit(world, worker), world.worker(GOVERNANCE)
    said(world, officer, hit, HitStanding.LOOKING)
    said(world, officer, hit, HitStanding.JUSTIFIED)

    clock.pass_by(days_later * A_DAY)
    world.now = clock.now()
    a_hit(world, worker, days_ago=0)
    clock.pass_by(2 * A_DAY)
    world.sweep()

    assert len(world.hits()) == 1 + asked
    quiet = "unusual_hit WHERE explained_by = 'dismissed-before'"
    assert world.running.count(quiet) == (not asked)


def test_emergencies_are_never_quiet(world: UnusualWorld) -> None:
    """However often they were justified."""
    worker, child, officer = world.worker(), world.person(), world.worker(GOVERNANCE)
    world.enter(world.emergency(worker, child, world.noon()))
    world.sweep()
    (hit,) = world.hits(UnusualRule.EMERGENCY)
    said(world, officer, hit, HitStanding.LOOKING)
    said(world, officer, hit, HitStanding.JUSTIFIED)

    world.enter(world.emergency(worker, child, world.noon() + A_DAY))
    world.sweep()

    assert len(world.hits(UnusualRule.EMERGENCY)) == 2


def test_precision_is_of_what_was_reviewed_and_each_look_at_the_list_is_entered(
    world: UnusualWorld,
) -> None:
    """Counts of each rule; a hit is shown with its reasons to whoever may review it."""
    worker, officer = world.worker(), world.worker(GOVERNANCE)
    hits = [a_hit(world, worker, days_ago=days) for days in (3, 5)]
    said(world, officer, hits[0], HitStanding.LOOKING)
    said(world, officer, hits[0], HitStanding.TRAINING)
    day = world.noon().date()

    with unit_of_work(world.running.portal) as work:
        hands = review_hands(work)
        actor = f"practitioner:{officer}"
        rows = list_hits(HitFilter(standings=[HitStanding.NEW]), by=actor, hands=hands)
        shown = show_hit(hits[0].id, by=actor, hands=hands)
        told = show_hit(hits[0].id, by=f"practitioner:{worker}", hands=hands)
        figures = rule_figures(day - 30 * A_DAY, day + 30 * A_DAY, hands=hands)

    (often,) = [one for one in figures if one.rule is UnusualRule.REFUSED_OFTEN]
    assert (often.fired, often.waiting, often.reviewed, often.precision) == (2, 1, 1, 1.0)
    assert [row.standing for row in rows] == ["new"]
    assert isinstance(shown, HitShown)
    assert isinstance(told, HitShown)
    assert WHY in shown.words
    assert set(told.words) == {""}
    assert [e.fields["results"] for e in _entered(world, LedgerEvent.UNUSUAL_ACCESS_LISTED)] == [1]
    assert len(_entered(world, LedgerEvent.UNUSUAL_ACCESS_SHOWN)) == 2


def _entered(world: UnusualWorld, event: LedgerEvent) -> list[LedgerEntry]:
    return world.running.ledger(event)


def _one_human(world: UnusualWorld, one: PractitionerId, other: PractitionerId) -> None:
    """One sign-in opens both."""
    sign_in = SignIn("sandbox", bytes(32))
    with unit_of_work(world.running.portal) as work:
        for who in (one, other):
            account = next_account(
                None, who, sign_in, asked_by="job:test", warranted_by="job:other", at=work.now
            )
            work.sign_in_accounts.add(replace(account))

"""One hand hides a child from strangers and from nobody who works with it; two do the rest."""

from dataclasses import replace
from datetime import timedelta

import pytest

from consent.decisions.restrictions import ANSWERED_WITHIN, Change, NoChange
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PractitionerId
from services.decisions.protection.changing import ask_change
from services.decisions.protection.restricting import RestrictionRefused, alarm_unanswered
from services.people.governance.orders import NotTheirs, Order, OrderStatus
from services.people.governance.queue import ItemKind
from tests.support.builders import TEACHER, VISITOR
from tests.support.clock import StandingClock
from tests.support.people.protecting import (
    GOVERNANCE,
    HOLDERS,
    LOCATION,
    NURSE,
    PERSON,
    STRANGER,
    WORKER,
    Protecting,
    hand,
)
from tests.support.people.relating import relate

pytestmark = pytest.mark.postgres
AS_IT_IS = Change(HOLDERS, PERSON)
LIFTED = Change(None, PERSON, was_asked_safely=True)


@pytest.mark.parametrize("by", [VISITOR, GOVERNANCE])
def test_one_hand_hides_from_all_but_those_who_work_with_them_now(
    protecting: Protecting, by: PractitionerId
):
    """At once; who comes to work with them later is not let in by that."""
    placed = protecting.place(by)
    with protecting.work() as work:
        relate(work, STRANGER, protecting.child)

    assert placed == protecting.stands()
    assert placed.allowed == HOLDERS
    assert placed.is_provisional
    assert all(protecting.sees(one) for one in HOLDERS)
    assert not protecting.sees(STRANGER)
    assert protecting.items(ItemKind.RESTRICTION_PROVISIONAL) == 1


def test_who_does_not_work_with_them_places_none(protecting: Protecting):
    """And the try is entered."""
    refused = protecting.place(STRANGER)

    (entry,) = protecting.running.ledger(LedgerEvent.RESTRICTION_ACT_REFUSED)
    assert refused is RestrictionRefused.NOT_THEIRS
    assert protecting.stands() is None
    assert entry.actor == f"practitioner:{STRANGER}"


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (VISITOR, GOVERNANCE, None),
        (GOVERNANCE, TEACHER, None),
        (VISITOR, TEACHER, RestrictionRefused.WRONG_HANDS),
        (GOVERNANCE, STRANGER, RestrictionRefused.NOT_THERE),
        (VISITOR, VISITOR, RestrictionRefused.NOT_ANOTHER),
        (GOVERNANCE, GOVERNANCE, RestrictionRefused.NOT_ANOTHER),
    ],
)
def test_it_lasts_once_governance_and_another_agency_say_so(
    protecting: Protecting,
    first: PractitionerId,
    second: PractitionerId,
    expected: RestrictionRefused | None,
):
    """Whoever of them asks first; nobody twice, and nobody whom it does not let in."""
    placed = protecting.placed()

    answered = protecting.confirm(protecting.ask(placed, first, AS_IT_IS), second)

    stands = protecting.stands()
    assert stands is not None
    assert stands.is_provisional is (expected is not None)
    if expected is None:
        assert isinstance(answered, Order)
        assert answered.status is OrderStatus.CONFIRMED
    else:
        assert answered is expected
        assert protecting.running.ledger(LedgerEvent.RESTRICTION_ACT_REFUSED)


def test_lifting_takes_the_same_hands_once_they_were_asked_safely(protecting: Protecting):
    """And then everybody sees again what they did."""
    placed = protecting.placed()
    with protecting.work() as work:
        relate(work, STRANGER, protecting.child)
    not_asked = protecting.ask(placed, VISITOR, replace(LIFTED, was_asked_safely=False))

    order = protecting.ask(placed, VISITOR, LIFTED)
    before = protecting.sees(STRANGER)
    protecting.confirm(order, GOVERNANCE)

    assert not_asked is NoChange.NOT_ASKED_SAFELY
    assert not before
    assert protecting.stands() is None
    assert protecting.sees(STRANGER)


def test_neither_hand_adds_itself_nor_the_second_its_agency(protecting: Protecting):
    """Whoever is let in, or whose colleague is, is no second hand."""
    placed = protecting.placed()
    added = Change(HOLDERS | {WORKER}, PERSON, was_asked_safely=True)
    by_health = protecting.ask(placed, VISITOR, added)
    of_the_trust = replace(added, allowed=HOLDERS | {STRANGER})
    by_governance = protecting.ask(placed, GOVERNANCE, of_the_trust)

    assert protecting.confirm(by_health, GOVERNANCE) is RestrictionRefused.GAINS
    assert protecting.confirm(by_governance, NURSE) is RestrictionRefused.GAINS
    assert isinstance(protecting.confirm(by_governance, TEACHER), Order)
    stands = protecting.stands()
    assert stands is not None
    assert stands.allowed == HOLDERS | {STRANGER}


def test_what_changed_meanwhile_is_not_confirmed_as_it_was(protecting: Protecting):
    """Each of two orders was asked of something else."""
    placed = protecting.placed()
    lift = protecting.ask(placed, VISITOR, LIFTED)
    protecting.confirm(protecting.ask(placed, VISITOR, AS_IT_IS), GOVERNANCE)

    assert protecting.confirm(lift, GOVERNANCE) is RestrictionRefused.HAS_CHANGED
    assert protecting.stands() is not None


def test_an_order_lapses_and_what_it_would_change_stays(
    protecting: Protecting, clock: StandingClock
):
    """After fourteen days."""
    placed = protecting.placed()
    lift = protecting.ask(placed, VISITOR, LIFTED)
    clock.pass_by(timedelta(days=15))

    assert protecting.confirm(lift, GOVERNANCE) is NotTheirs.LAPSED
    assert protecting.stands() == placed


def test_unanswered_for_72_hours_it_stays_and_governance_is_told_once(
    protecting: Protecting, clock: StandingClock
):
    """However often anybody looks."""
    placed = protecting.placed()
    clock.pass_by(ANSWERED_WITHIN - timedelta(seconds=1))
    early = _late(protecting)
    clock.pass_by(timedelta(seconds=1))

    late = [_late(protecting), _late(protecting)]

    assert (early, late) == (0, [1, 1])
    assert protecting.items(ItemKind.RESTRICTION_UNANSWERED) == 1
    assert len(protecting.running.ledger(LedgerEvent.RESTRICTION_UNANSWERED)) == 1
    assert protecting.stands() == placed


def _late(protecting: Protecting) -> int:
    with protecting.work() as work:
        ports = (work.protection, work.queue, work.ledger)
        return len(alarm_unanswered(*ports, at=work.now))


def test_a_second_one_never_lets_in_whom_the_first_keeps_out(protecting: Protecting):
    """Adding a restriction never widens."""
    placed = protecting.placed()
    few = Change(HOLDERS - {NURSE} | {WORKER}, PERSON, was_asked_safely=True)
    protecting.confirm(protecting.ask(placed, GOVERNANCE, few), TEACHER)

    second = protecting.place(TEACHER, LOCATION)

    assert not isinstance(second, RestrictionRefused)
    assert NURSE not in second.allowed
    assert not protecting.sees(NURSE)


def test_the_past_is_told_with_the_list_of_that_time(protecting: Protecting, clock: StandingClock):
    """Three lists one after the other, each from when until when."""
    placed = protecting.placed()
    began = clock.now()
    clock.pass_by(timedelta(hours=1))
    fewer = Change(HOLDERS | {WORKER}, PERSON, was_asked_safely=True)
    protecting.confirm(protecting.ask(placed, GOVERNANCE, fewer), TEACHER)
    clock.pass_by(timedelta(hours=1))
    protecting.confirm(protecting.ask(placed, GOVERNANCE, LIFTED), TEACHER)

    with protecting.work() as work:
        found = work.decisions.on_record([protecting.child])[protecting.child].restrictions

    hours = [timedelta(minutes=30), timedelta(minutes=90), timedelta(minutes=150)]
    then = [[r.allowed for r in found if r.is_in_force(began + after)] for after in hours]
    assert then == [[HOLDERS], [HOLDERS | {WORKER}], []]


def test_where_families_are_invented_one_hand_is_both_and_the_rules_hold(protecting: Protecting):
    """Three people of two agencies there too, and the protected person asked safely."""
    placed = protecting.placed()
    one, lift = Change(frozenset({VISITOR}), PERSON, was_asked_safely=True), replace(LIFTED)
    answers = []

    for change in (one, replace(lift, was_asked_safely=False), AS_IT_IS, lift):
        with protecting.work() as work:
            ports = replace(work.restricting(), is_demonstration=True)
            who = hand(work, VISITOR)
            answers.append(ask_change(placed.id, change, who, restricting=ports))

    assert answers[:2] == [NoChange.TOO_FEW, NoChange.NOT_ASKED_SAFELY]
    assert all(isinstance(a, Order) and a.status is OrderStatus.CONFIRMED for a in answers[2:])
    assert protecting.stands() is None

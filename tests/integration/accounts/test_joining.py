"""Joining a sign-in to an account, and suspending somebody: what lets in takes two hands."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

import pytest

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PractitionerId
from schemas.vocabulary import Role
from services.people.governance.orders import NotTheirs, Order
from services.people.practitioners.memberships import Membership
from services.people.relationships.staff import (
    StaffChange,
    Staffing,
    StaffRefusal,
    ask_staff,
    end_staff,
)
from services.people.signing_in.codes import LETTERS
from services.people.staffing.answering import answer_staff_order
from services.people.staffing.joining import CODES_AN_HOUR, ask_joining_by_code, part
from services.people.staffing.suspending import ask_resume, suspend
from services.work import Outside, UnitOfWork, unit_of_work
from tests.support.builders import TEACHER, VISITOR
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import AGENCY, SCHOOL, InProcess
from tests.support.people.relating import a_colleague
from tests.support.people.staffing import somebody_new

pytestmark = pytest.mark.postgres
ONE, OTHER = "operator:one", "operator:other"
ISSUER = "https://sign-in.example"
Answer = Order | StrEnum


@dataclass(frozen=True, slots=True)
class _Desk:
    """A trust with a lead and an administrator, and a school without a lead."""

    running: InProcess
    lead: PractitionerId
    administrator: PractitionerId
    clock: StandingClock

    def code(self, subject: str = "1") -> str:
        with unit_of_work(self.running.portal) as work:
            return work.sign_in_accounts.stranger(ISSUER, subject, "card")

    def ask(self, who: PractitionerId, code: str, by: str = ONE) -> Answer:
        with unit_of_work(self.running.portal) as work:
            return ask_joining_by_code(who, code, by=by, staffing=_real(work))

    def answer(self, order: object, by: str | PractitionerId) -> Answer:
        assert isinstance(order, Order), order
        actor = by if ":" in by else f"practitioner:{by}"
        with unit_of_work(self.running.portal) as work:
            return answer_staff_order(order.id, by=actor, confirms=True, staffing=_real(work))

    def joins(self, who: PractitionerId, subject: str = "1", by: str | None = None) -> None:
        assert isinstance(self.answer(self.ask(who, self.code(subject)), by or self.lead), Order)

    def opens(self, subject: str = "1") -> list[PractitionerId]:
        with unit_of_work(self.running.portal) as work:
            return list(work.sign_in_accounts.opened_by(ISSUER, subject))

    def is_here(self, who: PractitionerId) -> bool:
        with unit_of_work(self.running.portal) as work:
            return work.directory.practitioner(who) is not None


def _real(work: UnitOfWork) -> Staffing:
    return replace(work.staffing(), is_demonstration=False)


@pytest.fixture
def desk(outside: Outside, clock: StandingClock) -> Iterator[_Desk]:
    """Give the two before anybody has asked for anything."""
    with InProcess.running(outside) as running:
        with unit_of_work(outside) as work:
            lead = a_colleague(work, AGENCY, role=Role.LEAD_PRACTITIONER, name="Lena Ashby")
            administrator = a_colleague(work, AGENCY, role=Role.ADMINISTRATOR, name="Ada Orr")
        yield _Desk(running, lead, administrator, clock)


def test_a_sign_in_opens_an_account_once_a_lead_has_accepted(desk: _Desk) -> None:
    """Its code finds nobody after that; parting takes one, and both are entered."""
    code = desk.code()
    order = desk.ask(VISITOR, code.lower(), by=f"practitioner:{desk.administrator}")
    before = desk.opens()
    accepted = desk.answer(order, desk.lead)
    joined, again = desk.opens(), desk.ask(VISITOR, code)
    with unit_of_work(desk.running.portal) as work:
        parted = part(VISITOR, by=f"practitioner:{desk.lead}", staffing=_real(work))

    assert (before, joined, again) == ([], [VISITOR], StaffRefusal.NO_CODE)
    assert isinstance(accepted, Order)
    assert not isinstance(parted, StaffRefusal)
    assert desk.opens() == []
    (entry,) = desk.running.ledger(LedgerEvent.SIGN_IN_JOINED)
    assert entry.fields["also"] == ()
    assert desk.running.ledger(LedgerEvent.SIGN_IN_PARTED)


def test_neither_the_holder_nor_who_asked_nor_another_agencys_lead_accepts(desk: _Desk) -> None:
    """Nor does anybody ask who is no administrator."""
    order = desk.ask(desk.lead, desk.code("of the lead"))
    own = desk.answer(order, desk.lead)
    other = desk.ask(VISITOR, desk.code(), by=f"practitioner:{desk.administrator}")

    assert own is StaffRefusal.OWN
    # They are the only lead: another administrator accepts what is about them.
    assert isinstance(desk.answer(order, OTHER), Order)
    assert desk.answer(other, desk.administrator) is StaffRefusal.NOT_A_LEAD
    assert desk.answer(other, TEACHER) is StaffRefusal.NOT_A_LEAD
    assert desk.ask(VISITOR, desk.code(), by=f"practitioner:{desk.lead}") is StaffRefusal.NOT_THEIRS
    # The school has no lead: another administrator accepts, and not whoever asked.
    of_school = desk.ask(TEACHER, desk.code("t"))
    assert desk.answer(of_school, ONE) is NotTheirs.ASKED_IT
    assert isinstance(desk.answer(of_school, desk.administrator), Order)


def test_nobody_lets_their_own_sign_in_open_somebody_elses_account(desk: _Desk) -> None:
    """Neither as who asks nor as who accepts."""
    desk.joins(desk.administrator, "ada", by=OTHER)
    desk.joins(VISITOR, "priya")

    asked = desk.ask(VISITOR, desk.code("ada"), by=f"practitioner:{desk.administrator}")

    assert asked is StaffRefusal.OWN


def test_an_order_says_what_else_a_sign_in_opens_and_whose_duties_do_not_go_with_it(
    desk: _Desk,
) -> None:
    """One human being has both from then on: one who checks others opens no records beside it."""
    desk.joins(VISITOR)
    with unit_of_work(desk.running.outside) as work:
        officer = a_colleague(work, AGENCY, role=Role.INFORMATION_GOVERNANCE, name="Iris Vane")

    other = desk.ask(TEACHER, desk.code())
    refused = desk.ask(officer, desk.code())
    assert isinstance(other, Order)
    desk.answer(other, desk.administrator)
    moved = somebody_new(AGENCY, Role.SERVICE_MANAGER, practitioner=TEACHER, name="Quite Another")
    with unit_of_work(desk.running.outside) as work:
        as_other = ask_staff(StaffChange(moved, is_move=True), by=ONE, staffing=_real(work))

    assert other.document["also"] == [VISITOR]
    assert refused is as_other is StaffRefusal.TWO_DUTIES
    assert sorted(desk.opens()) == sorted([TEACHER, VISITOR])


def test_a_sign_in_that_came_to_open_more_has_to_be_asked_for_again(desk: _Desk) -> None:
    """Whoever accepts it has read of what it opened then."""
    first = desk.ask(VISITOR, desk.code())
    second = desk.ask(TEACHER, desk.code())

    assert isinstance(desk.answer(second, OTHER), Order)
    assert desk.answer(first, desk.lead) is StaffRefusal.OPENS_MORE


def test_one_human_is_not_both_hands_by_two_accounts(desk: _Desk) -> None:
    """Whoever asked as an administrator does not accept as another, whatever that one is called."""
    with unit_of_work(desk.running.outside) as work:
        again = a_colleague(work, SCHOOL, role=Role.ADMINISTRATOR, name="Quite Another")
    desk.joins(desk.administrator, "ada", by=OTHER)
    desk.joins(again, "ada", by=OTHER)

    order = desk.ask(TEACHER, desk.code("t"), by=f"practitioner:{desk.administrator}")

    assert desk.answer(order, again) is NotTheirs.ASKED_IT


@pytest.mark.parametrize("wrong", ["", "0000", "VT3S C8DV B1X", "VT3S C8DV B1RR", "ÄÖÜ"])
def test_a_typing_error_is_told_and_does_not_count(desk: _Desk, wrong: str) -> None:
    """Nothing is looked up by it."""
    assert desk.ask(VISITOR, wrong) is StaffRefusal.MISTYPED
    assert not desk.running.ledger(LedgerEvent.MEMBERSHIP_REFUSED)


def test_codes_that_are_tried_count_against_whoever_tries(desk: _Desk) -> None:
    """Also right ones; nobody else is kept waiting by that."""
    nobody = "0" * 11
    assert set(nobody) <= set(LETTERS)

    tried = [desk.ask(VISITOR, nobody) for _ in range(CODES_AN_HOUR)]
    right = desk.ask(VISITOR, desk.code())

    assert set(tried) == {StaffRefusal.NO_CODE}
    assert right is StaffRefusal.TOO_MANY
    assert isinstance(desk.ask(VISITOR, desk.code(), by=OTHER), Order)
    assert desk.running.ledger(LedgerEvent.LIMIT_REACHED)


def test_nothing_opens_for_who_is_suspended_until_two_let_them_in(desk: _Desk) -> None:
    """A lead of another agency does not suspend, nobody resumes alone or themselves."""
    with unit_of_work(desk.running.portal) as work:
        foreign = suspend(TEACHER, by=f"practitioner:{desk.lead}", staffing=_real(work))
        done = suspend(VISITOR, by=f"practitioner:{desk.lead}", staffing=_real(work))
        again = suspend(VISITOR, by=ONE, staffing=_real(work))
    gone = desk.is_here(VISITOR)
    with unit_of_work(desk.running.portal) as work:
        moved = StaffChange(somebody_new(practitioner=VISITOR), is_move=True)
        changed = ask_staff(moved, by=ONE, staffing=_real(work))
        order = ask_resume(VISITOR, by=ONE, staffing=_real(work))
    alone = desk.answer(order, ONE)
    accepted = desk.answer(order, desk.lead)

    assert (foreign, again, changed) == (
        StaffRefusal.NOT_THEIRS,
        StaffRefusal.SUSPENDED,
        StaffRefusal.SUSPENDED,
    )
    assert isinstance(done, Membership)
    assert alone is StaffRefusal.NOT_A_LEAD
    assert (gone, isinstance(accepted, Order), desk.is_here(VISITOR)) == (False, True, True)
    assert desk.running.ledger(LedgerEvent.MEMBERSHIP_SUSPENDED)
    assert desk.running.ledger(LedgerEvent.MEMBERSHIP_RESUMED)


def test_an_order_to_resume_does_not_lift_a_later_suspension(desk: _Desk) -> None:
    """Nor does a change that was asked for before it."""
    with unit_of_work(desk.running.portal) as work:
        role = StaffChange(somebody_new(practitioner=VISITOR, name="Visitor"), is_move=True)
        change = ask_staff(role, by=ONE, staffing=_real(work))
        suspend(VISITOR, by=ONE, staffing=_real(work))

    assert desk.answer(change, desk.lead) is StaffRefusal.SUSPENDED


def test_a_suspended_lead_accepts_nothing(desk: _Desk) -> None:
    """Without another one another administrator does."""
    order = desk.ask(VISITOR, desk.code())
    with unit_of_work(desk.running.portal) as work:
        suspend(desk.lead, by=ONE, staffing=_real(work))

    assert desk.answer(order, desk.lead) is StaffRefusal.NOT_A_LEAD
    assert isinstance(desk.answer(order, OTHER), Order)
    assert desk.opens() == [VISITOR]


def _end(desk: _Desk, who: PractitionerId) -> None:
    with unit_of_work(desk.running.portal) as work:
        assert isinstance(end_staff(who, by=ONE, staffing=_real(work)), Membership)


@pytest.mark.parametrize("is_ended", [False, True], ids=["suspended", "ended"])
def test_what_an_administrator_asked_for_who_is_one_no_more_is_not_accepted(
    desk: _Desk, *, is_ended: bool
) -> None:
    """Their word let somebody in after it counted for nothing; it can be declined."""
    order = desk.ask(VISITOR, desk.code(), by=f"practitioner:{desk.administrator}")
    if is_ended:
        _end(desk, desk.administrator)
    else:
        with unit_of_work(desk.running.portal) as work:
            suspend(desk.administrator, by=ONE, staffing=_real(work))

    assert desk.answer(order, desk.lead) is StaffRefusal.ASKED_BY_NONE
    assert desk.opens() == []
    assert isinstance(order, Order)
    with unit_of_work(desk.running.portal) as work:
        by, staffing = f"practitioner:{desk.lead}", _real(work)
        declined = answer_staff_order(order.id, by=by, confirms=False, staffing=staffing)
    assert isinstance(declined, Order)


def test_a_change_does_not_bring_back_whoever_was_taken_out_since(desk: _Desk) -> None:
    """It was asked for of somebody who worked there; asked for anew it can be accepted."""
    with unit_of_work(desk.running.portal) as work:
        told = work.directory.person(VISITOR)
        assert told is not None
        name, title, telephone, purpose = told
        entry = somebody_new(practitioner=VISITOR, name=name)
        details = {"job_title": title, "telephone": telephone, "purpose": purpose}
        change = StaffChange(replace(entry, **details), is_move=True)
        order = ask_staff(change, by=ONE, staffing=_real(work))
    desk.clock.pass_by(timedelta(minutes=1))
    _end(desk, VISITOR)

    assert desk.answer(order, desk.lead) is StaffRefusal.ENDED_SINCE
    desk.clock.pass_by(timedelta(minutes=1))
    with unit_of_work(desk.running.portal) as work:
        again = ask_staff(replace(change, is_move=False), by=ONE, staffing=_real(work))
    assert isinstance(desk.answer(again, desk.lead), Order)
    assert desk.is_here(VISITOR)

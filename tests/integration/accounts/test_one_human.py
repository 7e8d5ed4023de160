"""Accounts that one sign-in opens are one human being: for hands, exclusions, and at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Role
from services.people.governance.orders import Order
from services.people.practitioners.people import SignedInPractitioner
from services.people.relationships import requests
from services.people.relationships.cover import CoverRefusal, WriteCover, write_cover
from services.people.relationships.requests import RequestRefusal
from services.people.relationships.staff import (
    StaffChange,
    StaffRefusal,
    answer_staff,
    ask_staff,
)
from services.people.signing_in.accounts import SignIn, next_account
from services.people.staffing.suspending import suspend
from services.work import Outside, UnitOfWork, unit_of_work
from tests.support.builders import TEACHER, VISITOR
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import AGENCY, InProcess, by_number
from tests.support.people.relating import a_colleague, exclude, relate, works_as
from tests.support.people.staffing import somebody_new

pytestmark = pytest.mark.postgres
A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the visitor, who signs in by the card that opens the teacher's account too."""
    with InProcess.running(outside) as running:
        with unit_of_work(outside) as work:
            sign_in = SignIn("card", b"s" * 32)
            for who in (VISITOR, TEACHER):
                joined = next_account(
                    None, who, sign_in, asked_by="job:test", warranted_by="job:test", at=work.now
                )
                work.sign_in_accounts.add(joined)
        yield running


def _who(work: UnitOfWork, practitioner: PractitionerId) -> SignedInPractitioner:
    found = work.directory.practitioner(practitioner)
    assert found is not None
    return found


def _child(work: UnitOfWork) -> PersonId:
    return work.persons.resolve_or_create(by_number("9990000018"), at=work.now)


def test_a_worker_whom_a_family_has_named_is_kept_out_by_every_account(running: InProcess) -> None:
    """Whichever of them it named, and whatever they are called there."""
    with unit_of_work(running.outside) as work:
        child = _child(work)
        relate(work, TEACHER, child)
        exclude(work, child, VISITOR)
    with unit_of_work(running.portal) as work:
        (exclusion,) = work.protection.exclusions([child])
        opened = work.relationships.may_open(TEACHER, [child])[child]

    assert (exclusion.practitioner, exclusion.also) == (VISITOR, {TEACHER})
    assert exclusion.keeps_out(TEACHER)
    assert opened.is_restricted or not opened.relationships


def test_nobody_gives_themselves_a_family_by_another_account(running: InProcess) -> None:
    """Neither as who is asked nor by offering."""
    with unit_of_work(running.outside) as work:
        child = _child(work)
        relate(work, VISITOR, child)
        visitor, teacher = _who(work, VISITOR), _who(work, TEACHER)
        until = work.now + timedelta(days=7)
        referring = work.referring()
        offered = requests.offer(child, teacher, until, visitor, referring=referring)

    assert offered is RequestRefusal.OWN


def test_nobody_writes_a_rota_for_another_account_of_theirs(running: InProcess) -> None:
    """It is one's own rota."""
    with unit_of_work(running.outside) as work:
        works_as(work, TEACHER, agency=AGENCY)
        colleague = a_colleague(work, AGENCY, name="Somebody Else")
        people = {who: _who(work, who) for who in (VISITOR, TEACHER, colleague)}
        order = WriteCover(
            covered=colleague,
            covering=TEACHER,
            since=work.now,
            until=work.now + timedelta(hours=8),
            is_student=False,
            actor=f"practitioner:{VISITOR}",
        )
        written = write_cover(
            order, people=people, requests=work.requests, ledger=work.ledger, at=work.now
        )

    assert written is CoverRefusal.OWN_ROTA


def test_two_orders_that_are_accepted_at_once_give_a_reference_to_one(
    running: InProcess, clock: StandingClock
) -> None:
    """Also where the one that waited had begun before the other was known."""
    with unit_of_work(running.outside) as work:
        lead = a_colleague(work, AGENCY, role=Role.LEAD_PRACTITIONER, name="Lena Ashby")
    orders = []
    for name in ("Ines Okafor", "Dan Hall", "Zoe Marsh", "Bo Lund"):
        entry = somebody_new(name=name, worker_ref="HV-7")
        with unit_of_work(running.outside) as work:
            staffing = replace(work.staffing(), is_demonstration=False)
            asked = ask_staff(
                StaffChange(entry, is_move=False), by="operator:one", staffing=staffing
            )
        assert isinstance(asked, Order), asked
        orders.append(asked)

    def accept(order: Order, work: UnitOfWork) -> object:
        staffing = replace(work.staffing(), is_demonstration=False)
        by = f"practitioner:{lead}"
        return answer_staff(order.id, by=by, confirms=True, staffing=staffing)

    def accept_alone(order: Order) -> object:
        with unit_of_work(running.portal) as work:
            return accept(order, work)

    with unit_of_work(running.portal) as early:
        assert early.now
        clock.pass_by(A_MINUTE)
        with ThreadPoolExecutor(3) as workers:
            answered = list(workers.map(accept_alone, orders[1:]))
        answered.append(accept(orders[0], early))

    assert sum(isinstance(one, Order) for one in answered) == 1
    assert answered.count(StaffRefusal.REF_TAKEN) == len(orders) - 1
    assert len(running.ledger(LedgerEvent.MEMBERSHIP_CHANGED)) == 1


def test_what_somebody_holds_stays_while_they_are_suspended(
    running: InProcess, clock: StandingClock
) -> None:
    """It opens nothing meanwhile, and all of it once two have let them in again."""
    with unit_of_work(running.outside) as work:
        child = _child(work)
        relate(work, VISITOR, child)
    clock.pass_by(A_MINUTE)

    def grounds() -> int:
        with unit_of_work(running.portal) as work:
            return len(work.relationships.may_open(VISITOR, [child])[child].relationships)

    before = grounds()
    with unit_of_work(running.portal) as work:
        suspend(VISITOR, by="operator:one", staffing=work.staffing())
    meanwhile = grounds()
    clock.pass_by(A_MINUTE)
    with unit_of_work(running.outside) as work:
        newest = work.memberships.newest(VISITOR)
        assert newest is not None
        work.memberships.add(replace(newest, suspended_at=None, state=newest.state + 1))

    assert (before, meanwhile, grounds()) == (1, 0, 1)

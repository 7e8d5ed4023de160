"""Staff by two hands: an administrator asks, a lead of that agency accepts, nobody themselves."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Role
from services.people.governance.orders import NotTheirs, Order, OrderStatus
from services.people.practitioners.postgres_directory import PractitionerEntry
from services.people.practitioners.sessions import STANDARD_LIMITS, session_of, sign_in
from services.people.relationships.model import MayOpen
from services.people.relationships.staff import (
    StaffChange,
    Staffing,
    StaffRefusal,
    answer_staff,
    ask_staff,
    end_staff,
)
from services.portal.front.sign_in.services import sessions_in
from services.work import Outside, UnitOfWork, unit_of_work
from tests.support.builders import TEACHER, VISITOR
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import AGENCY, SCHOOL, InProcess, by_number
from tests.support.people.relating import a_colleague, relate, works_as
from tests.support.people.staffing import somebody_new

pytestmark = pytest.mark.postgres
A_MINUTE = timedelta(minutes=1)
ONE, OTHER = "operator:one", "operator:other"


@dataclass(frozen=True, slots=True)
class _Office:
    """A trust with a lead, a school without one, and a child on the visitor's case-load."""

    running: InProcess
    lead: PractitionerId
    child: PersonId

    def ask(self, entry: PractitionerEntry, *, is_move: bool = False) -> Order | StaffRefusal:
        with unit_of_work(self.running.outside) as work:
            return ask_staff(StaffChange(entry, is_move), by=ONE, staffing=_real(work))

    def answer(
        self, order: Order | StaffRefusal, by: str, *, confirms: bool = True
    ) -> Order | NotTheirs | StaffRefusal:
        assert isinstance(order, Order), order
        with unit_of_work(self.running.outside) as work:
            return answer_staff(order.id, by=by, confirms=confirms, staffing=_real(work))

    def works(self, practitioner: PractitionerId) -> tuple[str, Role] | None:
        with unit_of_work(self.running.portal) as work:
            who = work.directory.practitioner(practitioner)
        return None if who is None else (who.agency_code, who.role)

    def may_open(self) -> MayOpen:
        with unit_of_work(self.running.portal) as work:
            return work.relationships.may_open(VISITOR, [self.child])[self.child]


def _real(work: UnitOfWork) -> Staffing:
    return replace(work.staffing(), is_demonstration=False)


@pytest.fixture
def office(outside: Outside) -> Iterator[_Office]:
    """Give the office before anybody has asked for anything."""
    with InProcess.running(outside) as running:
        with unit_of_work(outside) as work:
            lead = a_colleague(work, AGENCY, role=Role.LEAD_PRACTITIONER)
            works_as(work, VISITOR, worker_ref="HV-1")
            child = work.persons.resolve_or_create(by_number("9990000018"), at=work.now)
            relate(work, VISITOR, child)
        yield _Office(running, lead, child)


def test_somebody_works_there_once_its_lead_has_accepted(office: _Office) -> None:
    """Until then they are nobody; another administrator is not the second hand."""
    somebody = somebody_new(worker_ref="HV-7")

    order = office.ask(somebody)
    before = office.works(somebody.id)
    other = office.answer(order, OTHER)
    accepted = office.answer(order, f"practitioner:{office.lead}")

    assert (before, other) == (None, StaffRefusal.NOT_A_LEAD)
    assert isinstance(accepted, Order)
    assert office.works(somebody.id) == (AGENCY, Role.PRACTITIONER)
    with unit_of_work(office.running.outside) as work:
        found = work.memberships.newest(somebody.id)
    assert found is not None
    assert (found.asked_by, found.warranted_by) == (ONE, f"practitioner:{office.lead}")
    assert office.running.ledger(LedgerEvent.MEMBERSHIP_CHANGED, LedgerEvent.MEMBERSHIP_REFUSED)


def test_the_first_lead_is_accepted_by_another_administrator(office: _Office) -> None:
    """Whoever asked is not another; and until there is a lead nobody else comes."""
    lead = somebody_new(SCHOOL, Role.LEAD_PRACTITIONER)

    worker = office.ask(somebody_new(SCHOOL, name="Somebody Else"))
    order = office.ask(lead)
    own = office.answer(order, ONE)
    accepted = office.answer(order, OTHER)

    assert (worker, own) == (StaffRefusal.NO_LEAD, NotTheirs.ASKED_IT)
    assert isinstance(accepted, Order)
    assert office.works(lead.id) == (SCHOOL, Role.LEAD_PRACTITIONER)


def test_nobody_accepts_for_themselves(office: _Office) -> None:
    """A lead of the agency does not make themselves a manager of it."""
    lead = somebody_new(
        role=Role.SERVICE_MANAGER, name="A colleague", practitioner=office.lead, worker_ref="L-1"
    )
    order = office.ask(lead, is_move=True)

    assert office.answer(order, f"practitioner:{office.lead}") is StaffRefusal.OWN
    assert office.works(office.lead) == (AGENCY, Role.LEAD_PRACTITIONER)


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (somebody_new("XX1"), StaffRefusal.AGENCY_NOT_KNOWN),
        (somebody_new(worker_ref="HV-1"), StaffRefusal.REF_TAKEN),
        (somebody_new(practitioner=VISITOR), StaffRefusal.WORKS_HERE),
        (
            somebody_new(role=Role.INFORMATION_GOVERNANCE, name="a  WORKER"),
            StaffRefusal.TWO_DUTIES,
        ),
    ],
    ids=["agency", "reference", "account", "two duties"],
)
def test_what_cannot_be_is_refused_and_entered(
    office: _Office, entry: PractitionerEntry, why: StaffRefusal
) -> None:
    """Who checks the others has no account that opens records, whoever it is written as."""
    refused = office.ask(entry)

    assert refused is why
    (entered,) = office.running.ledger(LedgerEvent.MEMBERSHIP_REFUSED)
    assert entered.fields["because"] == why.value


def test_whoever_moves_takes_nothing_along_and_finds_nothing_on_coming_back(
    office: _Office, clock: StandingClock
) -> None:
    """What they held by name ended with their membership, and says so."""
    before = office.may_open()
    clock.pass_by(A_MINUTE)
    with unit_of_work(office.running.outside) as work:
        in_school = replace(somebody_new(SCHOOL, practitioner=VISITOR), name="A worker")
        staffing = work.staffing()
        works_as(work, TEACHER, role=Role.LEAD_PRACTITIONER)
        order = ask_staff(StaffChange(in_school, is_move=True), by=ONE, staffing=_real(work))
        assert isinstance(order, Order)
        answer_staff(order.id, by=f"practitioner:{TEACHER}", confirms=True, staffing=staffing)
    away = office.may_open()
    clock.pass_by(A_MINUTE)
    back = office.ask(replace(in_school, agency_code=AGENCY), is_move=True)
    office.answer(back, f"practitioner:{office.lead}")

    assert before.relationships
    assert office.works(VISITOR) == (AGENCY, Role.PRACTITIONER)
    assert away == office.may_open() == MayOpen()
    assert office.running.ledger(LedgerEvent.RELATIONSHIP_ENDED)


def test_who_is_taken_out_is_out_at_once(office: _Office) -> None:
    """One hand narrows; no session goes on, and a second time there is nobody to take out."""
    with unit_of_work(office.running.portal) as work:
        secret = sign_in(VISITOR, sessions=sessions_in(work, STANDARD_LIMITS))
    assert secret is not None
    with unit_of_work(office.running.outside) as work:
        ended = end_staff(VISITOR, by=ONE, staffing=work.staffing())
        again = end_staff(VISITOR, by=ONE, staffing=work.staffing())
    with unit_of_work(office.running.portal) as work:
        session = session_of(secret, sessions=sessions_in(work, STANDARD_LIMITS))

    assert not isinstance(ended, StaffRefusal)
    assert (again, session, office.works(VISITOR)) == (StaffRefusal.WORKS_NOWHERE, None, None)
    assert office.may_open() == MayOpen()


def test_where_families_are_invented_one_command_is_both_hands(office: _Office) -> None:
    """And says so in the order."""
    somebody = somebody_new()
    with unit_of_work(office.running.outside) as work:
        staffing = replace(work.staffing(), is_demonstration=True)
        order = ask_staff(StaffChange(somebody, is_move=False), by=ONE, staffing=staffing)

    assert isinstance(order, Order)
    assert order.status is OrderStatus.CONFIRMED
    assert office.works(somebody.id) == (AGENCY, Role.PRACTITIONER)

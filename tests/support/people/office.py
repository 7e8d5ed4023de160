"""An office whose people answer what others have asked for: a lead, and two officers."""

from dataclasses import dataclass, replace

from fastapi import FastAPI

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Role
from services.audit.integrity.postgres_looking import Watched
from services.interfaces.subject_access.held import GivenTo
from services.people.governance.orders import Order, OrderStatus, ask
from services.people.governance.reports import KIND as REPORT
from services.people.relationships.staff import StaffChange, ask_staff
from services.portal.app import create_app
from services.portal.frame.settings import PortalSettings
from services.portal.services import PortalOnDatabase
from services.work import unit_of_work
from tests.support.audit.watching import WATCHED
from tests.support.clock import StandingClock
from tests.support.consents.issuing import AN_ISSUER
from tests.support.fakes.in_process import AGENCY, InProcess
from tests.support.messages.source_messages import a_message, a_record, the_child
from tests.support.ordering import ONE, Orders
from tests.support.people.relating import a_colleague
from tests.support.people.staffing import somebody_new
from tests.support.portal.pages import PageClient


@dataclass(frozen=True, slots=True)
class Office:
    """A trust with a lead, the council's officers, and a child of whom something is stored."""

    running: InProcess
    orders: Orders
    lead: PractitionerId
    governance: PractitionerId
    administrator: PractitionerId
    watched: Watched = WATCHED

    def portal(self) -> FastAPI:
        """The portal over it."""
        services = PortalOnDatabase(
            self.running.portal, demonstration=True, receipts=AN_ISSUER, watched=self.watched
        )
        settings = PortalSettings("Exbury Council", "demonstration", cookie_secure=False)
        return create_app(services, settings)

    def child(self) -> PersonId:
        """Store something of a child."""
        (person,) = self.running.decide(the_child()).decision.subjects
        self.running.receive(a_message("m1", a_record("r1")))
        self.running.settle()
        return person

    def browser(self, who: PractitionerId) -> PageClient:
        """Sign somebody in."""
        client = PageClient(self.portal())
        client.sign_in(who)
        return client

    def asks_for(self, role: Role = Role.PRACTITIONER, agency: str = AGENCY) -> Order:
        """Ask for somebody new, as an administrator by command."""
        entry = somebody_new(agency, role, name="Ines Okafor", worker_ref="HV-7")
        with unit_of_work(self.running.outside) as work:
            staffing = replace(work.staffing(), is_demonstration=False)
            order = ask_staff(StaffChange(entry, is_move=False), by=ONE, staffing=staffing)
        assert isinstance(order, Order), order
        return order

    def asks_for_report(self, child: PersonId) -> Order:
        """Ask for a report for the mother, as an officer by command."""
        document = {
            "person": child,
            "given_to": GivenTo.PARENT.value,
            "held_as": "mother",
            "contact": "mobile",
        }
        with unit_of_work(self.running.outside) as work:
            ports = {"orders": work.orders, "ledger": work.ledger, "at": work.now}
            return ask(REPORT, document, by=ONE, **ports)  # type: ignore[arg-type] # by name

    def stands(self, order: Order) -> OrderStatus | None:
        """What has become of an order."""
        with unit_of_work(self.running.outside) as work:
            found = work.orders.find(order.id)
        return None if found is None else found.status

    def refusals(self) -> list[tuple[str, object]]:
        """Who was refused what, as it is entered."""
        events = (
            LedgerEvent.ORDER_ANSWER_REFUSED,
            LedgerEvent.MEMBERSHIP_REFUSED,
            LedgerEvent.PAGE_REFUSED,
        )
        entries = self.running.ledger(*events)
        return [(e.actor, e.fields.get("because") or e.fields["permission"]) for e in entries]


def an_office(running: InProcess, clock: StandingClock) -> Office:
    """Enter the three of them."""
    with unit_of_work(running.outside) as work:
        found = [
            a_colleague(work, AGENCY, role=role, name=name)
            for role, name in (
                (Role.LEAD_PRACTITIONER, "Lena Ashby"),
                (Role.INFORMATION_GOVERNANCE, "Iris Vane"),
                (Role.ADMINISTRATOR, "Ada Orr"),
            )
        ]
    lead, governance, administrator = found
    return Office(running, Orders(running.outside, clock), lead, governance, administrator)

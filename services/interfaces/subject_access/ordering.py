"""Reports as orders of two: one officer asks, another confirms, and one of both makes it.

It is made for whoever is reached by a contact that a source holds for that person, never by one
that comes with the request: whoever asks for somebody else's report does not get it by that.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from consent.ledger import new_entry_id
from consent.ports import Ledger
from schemas.identifiers import PersonId, PractitionerId
from services.interfaces.subject_access.held import GivenTo, SubjectAccess
from services.interfaces.subject_access.reporting import (
    MakeReport,
    Reporting,
    ReportRefused,
    WhyNoReport,
    make_report,
    refuse_report,
)
from services.people.family_access.keeping.copies import lay_ready
from services.people.family_access.keeping.postgres_copies import FamilyCopy, PostgresFamilyCopies
from services.people.governance.orders import (
    NotTheirs,
    Order,
    Orders,
    OrderStatus,
    ask_by_two,
    carried_out,
    refuse,
)
from services.people.governance.reports import KIND, ReportOfficer, may_be_made
from services.people.presence.contacts import HELD_FOR, HeldContact, Unusable
from services.people.presence.model import WithWhom
from services.platform.keys.sealing import JweSealer
from services.platform.messages.ports import Message, MessageChannel
from services.work import UnitOfWork

MADE_WITHIN = timedelta(days=30)
"""How long after it would have lapsed, had nobody confirmed it, a report may still be made."""

_NOBODY = PractitionerId("")
_SENT_WITHIN = timedelta(days=3)
_READY = (
    "The report of what is held that you asked the council for is ready. Ask for it where you "
    "asked, and bring something that shows who you are. We never ring about it."
)


class Contacts(Protocol):
    """The contacts that sources hold."""

    def of(self, person: PersonId | None) -> Sequence[HeldContact]:
        """Those of a person, opened; those held longest first."""

    def unusable(self, held: Sequence[HeldContact], practitioner: PractitionerId) -> Unusable:
        """Which of these were marked, or are of somebody who works here."""


class ReportOrders(Orders, Protocol):
    """Orders, which can be listed by their kind."""

    def of_kinds(self, *kinds: str) -> Sequence[Order]:
        """All orders of these kinds as they stand, the oldest first."""


class MessagesOut(Protocol):
    """What is to be sent to people outside."""

    def queue(
        self, message_id: str, message: Message | None, *, now: datetime, expires_at: datetime
    ) -> None:
        """Send it once this transaction is committed."""


@dataclass(frozen=True, slots=True)
class ReportOrdering:
    """What reports are ordered with; every port joins one transaction of the owner's."""

    reporting: Reporting
    orders: ReportOrders
    contacts: Contacts
    channels: Collection[MessageChannel]
    messages: MessagesOut
    at: datetime
    is_demonstration: bool = False

    @property
    def ledger(self) -> Ledger:
        """Where everything is entered."""
        return self.reporting.ledger


@dataclass(frozen=True, slots=True)
class AskReport:
    """Order: a report about this person, for them or for that parent.

    `parent` is who a parent is to the child; where families are invented nobody has to say. `copy`
    is which copy it is, of those that people asked for on pages of their own.
    """

    person: PersonId
    given_to: GivenTo
    parent: WithWhom | None = None
    copy: str | None = None

    @property
    def held_as(self) -> str | None:
        """As whose a contact has to be held, in the words of sources."""
        return WithWhom.THEMSELVES.value if self.given_to is GivenTo.PERSON else self.parent


def ask_report(
    command: AskReport, *, by: ReportOfficer, ordering: ReportOrdering
) -> Order | ReportRefused:
    """Ask for a report; the order says of which kind the contact is, and not which it is."""
    wanted = MakeReport(command.person, by.actor, command.given_to, None)
    if not by.may_report:
        return refuse_report(wanted, WhyNoReport.ROLE, ordering.reporting)
    if not ordering.reporting.holdings.known_by(command.person):
        return refuse_report(wanted, WhyNoReport.NOBODY, ordering.reporting)
    contact = _contact(command.person, command.held_as, ordering)
    if contact is None and not ordering.is_demonstration:
        return refuse_report(wanted, WhyNoReport.NO_CONTACT, ordering.reporting)
    document = {
        "person": command.person,
        "given_to": command.given_to.value,
        "held_as": command.held_as,
        "contact": None if contact is None else contact.contact.kind.value,
    }
    if command.copy is not None:
        document["copy"] = command.copy
    return ask_by_two(KIND, document, by=by.actor, hands=ordering, carry_out=may_be_made)


def make_ordered(
    order_id: str, *, by: ReportOfficer, ordering: ReportOrdering
) -> SubjectAccess | ReportRefused | NotTheirs:
    """Make it, and tell them by the contact held that it is ready; again tells them nothing more.

    Whoever's file was lost makes it again, which is entered like the first time.
    """
    order = ordering.orders.find(order_id)
    why_not = _why_not(order, by, ordering)
    if order is None or why_not is not None:
        return _refuse(order, why_not or NotTheirs.NOT_THERE, by, ordering)
    person, given_to = PersonId(order.document["person"]), GivenTo(order.document["given_to"])
    wanted = MakeReport(person, by.actor, given_to, order.id, by.practitioner, by.agency)
    contact = _contact(person, order.document["held_as"], ordering)
    if contact is None and not ordering.is_demonstration:
        return refuse_report(wanted, WhyNoReport.NO_CONTACT, ordering.reporting)
    made = make_report(wanted, reporting=ordering.reporting)
    if isinstance(made, SubjectAccess) and order.status is OrderStatus.CONFIRMED:
        _tell(contact, ordering)
        ledger = ordering.ledger
        carried_out(order, by=by.actor, orders=ordering.orders, ledger=ledger, at=ordering.at)
    return made


def list_reports(*, by: ReportOfficer, ordering: ReportOrdering) -> Sequence[Order] | NotTheirs:
    """What waits to be confirmed or made."""
    if not by.may_report:
        return _refuse(None, NotTheirs.NOT_THERE, by, ordering)
    return [
        order
        for order in ordering.orders.of_kinds(KIND)
        if (order.status is OrderStatus.ASKED and ordering.at < order.lapses_at)
        or (order.status is OrderStatus.CONFIRMED and not _is_over(order, ordering.at))
    ]


def _why_not(order: Order | None, by: ReportOfficer, ordering: ReportOrdering) -> NotTheirs | None:
    if order is None or order.kind != KIND or not by.may_report:
        return NotTheirs.NOT_THERE
    if order.status not in {OrderStatus.CONFIRMED, OrderStatus.CARRIED_OUT}:
        return NotTheirs.NOT_CONFIRMED
    if by.actor not in {order.asked_by, order.answered_by}:
        return NotTheirs.NEITHER
    return NotTheirs.LAPSED if _is_over(order, ordering.at) else None


def _is_over(order: Order, at: datetime) -> bool:
    return at >= order.lapses_at + MADE_WITHIN


def _contact(person: PersonId, held_as: str | None, ordering: ReportOrdering) -> HeldContact | None:
    """The contact held longest, of whose it has to be, to which something carries messages.

    Held for 28 days, not shared, not marked, and of nobody who works here.
    """
    held = ordering.contacts.of(person)
    unusable = ordering.contacts.unusable(held, _NOBODY)
    bad = unusable.marked | unusable.of_the_asker
    usable = [
        one
        for one in held
        if one.held_as == held_as
        and ordering.at - one.first_at >= HELD_FOR
        and not one.is_shared
        and one.digest not in bad
        and one.contact.kind.channel in ordering.channels
    ]
    return min(usable, key=lambda one: (one.first_at, one.digest), default=None)


def _tell(contact: HeldContact | None, ordering: ReportOrdering) -> None:
    channel = None if contact is None else contact.contact.kind.channel
    if contact is None or channel is None:
        return
    ordering.messages.queue(
        str(new_entry_id(ordering.at)),
        Message(channel, contact.contact.value, _READY),
        now=ordering.at,
        expires_at=ordering.at + _SENT_WITHIN,
    )


def _refuse(
    order: Order | None, why: NotTheirs, by: ReportOfficer, ordering: ReportOrdering
) -> NotTheirs:
    found = order if order is not None and order.kind == KIND else None
    return refuse(found, why, by=by.actor, ledger=ordering.ledger, at=ordering.at)


# Of copies that people asked for on pages of their own: to whom, and laid ready there. To whom one
# is given is not the officers' to say; it is laid ready for who asked, and for nobody else.


def asked_on_page(
    copy_id: str, person: PersonId, parent: WithWhom | None, *, work: UnitOfWork
) -> AskReport | None:
    """The order for a copy that somebody waits for; None where nobody does, or of somebody else."""
    copy = _waiting(copy_id, work)
    if copy is None or not _are_one(copy.about, person, work):
        return None
    is_own = _are_one(copy.about, copy.asker, work)
    if not is_own and parent is None:
        return None
    given_to = GivenTo.PERSON if is_own else GivenTo.PARENT
    return AskReport(person, given_to, None if is_own else parent, copy_id)


def lay_on_page(
    order: Order,
    made: SubjectAccess,
    *,
    by: str,
    page: Callable[[SubjectAccess], str],
    work: UnitOfWork,
) -> bool:
    """Lay what was made ready where it was asked for on a page; whether it was."""
    copy_id = order.document.get("copy")
    copies = PostgresFamilyCopies(work.connection)
    copy = None if copy_id is None else copies.find(copy_id)
    if copy is None or not _are_one(copy.about, made.person, work):
        return False
    sealer = JweSealer(work.keys.data_key)
    written, door = page(made).encode(), work.family_door()
    lay_ready(copy, written, order=order.id, by=by, door=door, copies=copies, sealer=sealer)
    return True


def _waiting(copy_id: str, work: UnitOfWork) -> FamilyCopy | None:
    found = PostgresFamilyCopies(work.connection).find(copy_id)
    return found if found is not None and found.is_waiting(work.now) else None


def _are_one(one: PersonId, other: PersonId, work: UnitOfWork) -> bool:
    return other in work.clusters.all_of([one])

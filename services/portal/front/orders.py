"""Which orders of two wait for whom, and answering them: handed on to the rule of each kind.

Each call is one transaction, entered also where it refuses.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Protocol

from consent.ledger import FieldValue, ledger_entry
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import LabelledCode, Role
from services.decisions.protection import changing, ending, taking_off
from services.decisions.protection.excluding import MANY, ExclusionRefused, name_typed
from services.decisions.protection.hands import Hand, is_another_hand
from services.decisions.protection.restricting import RestrictionRefused
from services.lifecycle.erasure import ordering as erasures
from services.people.governance import reports
from services.people.governance.orders import (
    NotTheirs,
    Order,
    OrderPorts,
    OrderStatus,
    refuse,
)
from services.people.practitioners.people import SignedInPractitioner
from services.people.practitioners.permissions import Permission, entry_of_refusal
from services.people.relationships import staff
from services.people.staffing.answering import STAFF_KINDS, answer_staff_order
from services.people.staffing.joining import JOIN
from services.work import Outside, UnitOfWork, unit_of_work

MOST_LISTED = 50
ASK_WHO_ONE_IS = frozenset(
    {reports.KIND, changing.KIND, ending.ENDING, MANY, erasures.KIND, taking_off.KIND},
)
"""Kinds that nobody confirms but who has shown who they are within the last minutes."""


class OrderAnswer(LabelledCode):
    """What can be said to an order."""

    CONFIRM = "confirm", "Confirm"
    DECLINE = "decline", "Decline"
    STOP = "stop", "Stop"


@dataclass(frozen=True, slots=True, repr=False)
class Worker:
    """Who is to work somewhere, as what, and where they work now, if anywhere."""

    name: str
    job_title: str
    agency: str
    works_now: str | None


@dataclass(frozen=True, slots=True, repr=False)
class OrderTold:
    """An order as it stands, who asked and who answered by name, and what `who` can say to it.

    `worker` is whom an order of staff is about; `is_over` that nobody answered it in time.
    `people` are whom a restriction is to let in, whom a family has named, or whose accounts a
    sign-in opens besides; `person` is whom it is about, where that stands beside the order.
    """

    order: Order
    asked_by: str
    answered_by: str | None
    answers: tuple[OrderAnswer, ...]
    worker: Worker | None = None
    is_over: bool = False
    person: PersonId | None = None
    people: tuple[str, ...] = ()


class OrderServices(Protocol):
    """Orders that wait for a second hand; a part of services.portal.ports.PortalServices.

    One that there is not and one that is not theirs to know of are one answer, and entered.
    """

    def waiting(self, who: SignedInPractitioner) -> Sequence[OrderTold]:
        """What this practitioner may answer or stop, the MOST_LISTED that are soonest over."""

    def one(self, who: SignedInPractitioner, order: str) -> OrderTold | None:
        """One of them, whatever has become of it."""

    def answer(
        self, who: SignedInPractitioner, order: str, answer: OrderAnswer
    ) -> Order | StrEnum | None:
        """Say that to it; the order as it stands then, why not, or that there is none."""


class OrdersOnDatabase:
    """OrderServices on PostgreSQL."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def waiting(self, who: SignedInPractitioner) -> Sequence[OrderTold]:
        """What this practitioner may answer or stop."""
        kinds = [name for name, kind in _KINDS.items() if who.role in kind.roles]
        with self._work() as work:
            may_be_theirs = _may_be_for(who, work)
            all_of_them = filter(may_be_theirs, work.orders.of_kinds(*kinds))
            found = (
                one
                for one in sorted(all_of_them, key=lambda one: one.lapses_at)
                if _answers(one, who, work) and _may_know(one, who, work)
            )
            told = [_told(one, who, work) for one in islice(found, MOST_LISTED)]
            _enter_look(told, who, work)
            return told

    def one(self, who: SignedInPractitioner, order: str) -> OrderTold | None:
        """One of them."""
        with self._work() as work:
            found = work.orders.find(order)
            if found is None or not _may_know(found, who, work):
                refused = entry_of_refusal(Permission.SECOND_HAND, who, at=work.now)
                work.ledger.append([refused])
                return None
            told = _told(found, who, work)
            _enter_look([told], who, work)
            return told

    def answer(
        self, who: SignedInPractitioner, order: str, answer: OrderAnswer
    ) -> Order | StrEnum | None:
        """Say that to it."""
        with self._work() as work:
            found = work.orders.find(order)
            if found is None or not _may_know(found, who, work):
                refuse(None, NotTheirs.NOT_THERE, by=who.actor, ledger=work.ledger, at=work.now)
                return None
            confirms = answer is OrderAnswer.CONFIRM
            if confirms and not is_another_hand(found.asked_by, Hand.of(who), work.directory):
                why = NotTheirs.ASKED_IT
                return refuse(found, why, by=who.actor, ledger=work.ledger, at=work.now)
            answered = _KINDS[found.kind].answer(found, who, answer, work)
            return None if answered in _NOT_THERE else answered

    def _work(self) -> AbstractContextManager[UnitOfWork]:
        return unit_of_work(self._outside)


_NOT_THERE = (RestrictionRefused.NOT_THERE, ExclusionRefused.NOT_THERE)
"""Entered by whose rule it is, and told like an order that there is not."""


# The kinds, and whose each is.


def _answer_staff(
    order: Order, who: SignedInPractitioner, answer: OrderAnswer, work: UnitOfWork
) -> Order | StrEnum:
    confirms = answer is OrderAnswer.CONFIRM
    return answer_staff_order(order.id, by=who.actor, confirms=confirms, staffing=work.staffing())


def _answer_erasure(
    order: Order, who: SignedInPractitioner, answer: OrderAnswer, work: UnitOfWork
) -> Order | StrEnum:
    """Declining and stopping are one act: what is confirmed either of both may stop."""
    officer = erasures.Officer(who.actor, who.role)
    ports = erasures.AnsweringOnly(work.orders, work.ledger, work.now)
    if answer is OrderAnswer.CONFIRM:
        return erasures.confirm_erasure(order.id, by=officer, ordering=ports)
    return erasures.stop_erasure(order.id, by=officer, ordering=ports)


def _answer_report(
    order: Order, who: SignedInPractitioner, answer: OrderAnswer, work: UnitOfWork
) -> Order | StrEnum:
    officer = reports.ReportOfficer(who.actor, who.role, who.id, who.agency_kind)
    confirms = answer is OrderAnswer.CONFIRM
    ports = OrderPorts(work.orders, work.ledger, work.now)
    return reports.answer_report(order.id, by=officer, confirms=confirms, hands=ports)


def _answer_restriction(
    order: Order, who: SignedInPractitioner, answer: OrderAnswer, work: UnitOfWork
) -> Order | StrEnum:
    hand, ports = Hand.of(who), work.restricting()
    confirms = answer is OrderAnswer.CONFIRM
    return changing.answer_change(order.id, hand, confirms=confirms, restricting=ports)


def _answer_exclusion(
    order: Order, who: SignedInPractitioner, answer: OrderAnswer, work: UnitOfWork
) -> Order | StrEnum:
    hand, confirms = Hand.of(who), answer is OrderAnswer.CONFIRM
    return ending.answer(order.id, hand, confirms=confirms, excluding=work.excluding())


def _answer_taking(
    order: Order, who: SignedInPractitioner, answer: OrderAnswer, work: UnitOfWork
) -> Order | StrEnum:
    hand, confirms = Hand.of(who), answer is OrderAnswer.CONFIRM
    return taking_off.answer_taking(order.id, hand, confirms=confirms, taking=work.taking())


def _knows_taking(order: Order, who: SignedInPractitioner, work: UnitOfWork) -> bool:
    return taking_off.why_not_second(order, Hand.of(who), taking=work.taking()) is None


def _knows_restriction(order: Order, who: SignedInPractitioner, work: UnitOfWork) -> bool:
    return changing.restriction_of(order, Hand.of(who), work.restricting()) is not None


def _knows_exclusion(order: Order, who: SignedInPractitioner, work: UnitOfWork) -> bool:
    return bool(ending.exclusions_of(order, Hand.of(who), work.excluding()))


def _accepts(order: Order, who: SignedInPractitioner, work: UnitOfWork) -> bool:
    return staff.why_not_accepted_by(who.actor, order, work.staffing()) is None


def _always(order: Order, who: SignedInPractitioner, work: UnitOfWork) -> bool:
    del order, who, work
    return True


@dataclass(frozen=True, slots=True)
class _Kind:
    """Whose roles a kind of order is, which of those may know of one, and how it is answered."""

    roles: frozenset[Role]
    answer: Callable[[Order, SignedInPractitioner, OrderAnswer, UnitOfWork], Order | StrEnum]
    is_theirs: Callable[[Order, SignedInPractitioner, UnitOfWork], bool] = _always


_GOVERNANCE = frozenset({Role.INFORMATION_GOVERNANCE})
_KINDS: Mapping[str, _Kind] = {
    **dict.fromkeys(
        STAFF_KINDS,
        _Kind(frozenset({Role.LEAD_PRACTITIONER, Role.ADMINISTRATOR}), _answer_staff, _accepts),
    ),
    erasures.KIND: _Kind(erasures.MAY_ERASE, _answer_erasure),
    reports.KIND: _Kind(_GOVERNANCE, _answer_report),
    changing.KIND: _Kind(_GOVERNANCE, _answer_restriction, _knows_restriction),
    **dict.fromkeys(
        (ending.ENDING, MANY),
        _Kind(_GOVERNANCE | {Role.LEAD_PRACTITIONER}, _answer_exclusion, _knows_exclusion),
    ),
    taking_off.KIND: _Kind(frozenset({Role.CONFIRMING_OFFICER}), _answer_taking, _knows_taking),
}


def _may_be_for(who: SignedInPractitioner, work: UnitOfWork) -> Callable[[Order], bool]:
    """Whether an order may be theirs to answer, found without asking about each.

    A list of staff asks for thousands, which wait for the leads of many agencies.
    """
    if who.role is not Role.ADMINISTRATOR:
        return lambda one: (
            _is_open(one, work)
            and (one.kind not in STAFF_KINDS or one.document["agency"] == who.agency_code)
        )
    # Each lead with the other accounts of theirs: what is about one of those another accepts.
    leads: dict[str, list[set[str]]] = {}
    for lead in work.memberships.in_role(Role.LEAD_PRACTITIONER):
        also = work.sign_in_accounts.one_human(lead.practitioner)
        leads.setdefault(lead.agency, []).append({lead.practitioner, *also})
    administrators = {one.practitioner for one in work.memberships.in_role(Role.ADMINISTRATOR)}

    def may_be(one: Order) -> bool:
        if not _is_open(one, work) or one.kind not in STAFF_KINDS:
            return _is_open(one, work)
        about = one.document["practitioner"]
        has_another_lead = any(about not in lead for lead in leads.get(one.document["agency"], ()))
        makes_one = one.document.get("role") == Role.ADMINISTRATOR
        return makes_one or about in administrators or not has_another_lead

    return may_be


def _is_open(order: Order, work: UnitOfWork) -> bool:
    """What waits, and what is confirmed and can still be stopped."""
    is_begun = order.kind == erasures.KIND and order.status is OrderStatus.CONFIRMED
    return is_begun or order.is_waiting(work.now)


def _may_know(order: Order, who: SignedInPractitioner, work: UnitOfWork) -> bool:
    """One that was theirs to answer stays theirs to know of once they have."""
    kind = _KINDS.get(order.kind)
    if kind is None or who.role not in kind.roles:
        return False
    return who.actor in {order.asked_by, order.answered_by} or kind.is_theirs(order, who, work)


# What is told of one.


def _told(order: Order, who: SignedInPractitioner, work: UnitOfWork) -> OrderTold:
    person, people = _about(order, who, work)
    asked_for = order.document.get("asked_for")
    return OrderTold(
        order,
        _called(f"practitioner:{asked_for}" if asked_for else order.asked_by, work),
        None if order.answered_by is None else _called(order.answered_by, work),
        _answers(order, who, work),
        _worker(order, work) if order.kind in STAFF_KINDS else None,
        is_over=order.status is OrderStatus.ASKED and not order.is_waiting(work.now),
        person=person,
        people=people,
    )


def _about(
    order: Order, who: SignedInPractitioner, work: UnitOfWork
) -> tuple[PersonId | None, tuple[str, ...]]:
    """Whom it is about and whom it names, of an order about protection; while it is in force."""
    if order.kind == changing.KIND:
        current = changing.restriction_of(order, Hand.of(who), work.restricting())
        allowed = order.document["allowed"] or ()
        people = tuple(_called(f"practitioner:{one}", work) for one in allowed)
        return None if current is None else current.subject, people
    if order.kind == JOIN:
        also = order.document["also"]
        return None, tuple(_called(f"practitioner:{one}", work) for one in also)
    if order.kind == taking_off.KIND:
        name = taking_off.named_in(order, taking=work.taking())
        return PersonId(order.document["child"]), () if name is None else (name,)
    if order.kind not in {ending.ENDING, MANY}:
        return None, ()
    ports = work.excluding()
    found = ending.exclusions_of(order, Hand.of(who), ports)
    names = dict.fromkeys(name_typed(one, excluding=ports) for one in found)
    return next((one.person for one in found), None), tuple(names)


def _enter_look(told: Sequence[OrderTold], who: SignedInPractitioner, work: UnitOfWork) -> None:
    """Enter that somebody was told what protects these, like any other list of it."""
    for event, named, kinds in (
        (LedgerEvent.RESTRICTIONS_LISTED, "restrictions", {changing.KIND}),
        (LedgerEvent.EXCLUSIONS_LISTED, "exclusions", {ending.ENDING, MANY}),
    ):
        about = Counter(one.person for one in told if one.person and one.order.kind in kinds)
        for person, count in sorted(about.items()):
            subject = person if event is LedgerEvent.RESTRICTIONS_LISTED else [person]
            fields: dict[str, FieldValue] = {"subject": subject, named: count}
            work.ledger.append([ledger_entry(event, fields, at=work.now, actor=who.actor)])
    for one in told:
        if one.order.kind == taking_off.KIND and one.person is not None:
            shown: dict[str, FieldValue] = {"subjects": [one.person], "people": len(one.people)}
            listed = LedgerEvent.FAMILY_TAKINGS_LISTED
            work.ledger.append([ledger_entry(listed, shown, at=work.now, actor=who.actor)])


def _answers(order: Order, who: SignedInPractitioner, work: UnitOfWork) -> tuple[OrderAnswer, ...]:
    if order.is_waiting(work.now):
        is_other = is_another_hand(order.asked_by, Hand.of(who), work.directory)
        return (OrderAnswer.CONFIRM, OrderAnswer.DECLINE) if is_other else (OrderAnswer.DECLINE,)
    is_begun = order.kind == erasures.KIND and order.status is OrderStatus.CONFIRMED
    is_one_of_both = who.actor in {order.asked_by, order.answered_by}
    return (OrderAnswer.STOP,) if is_begun and is_one_of_both else ()


def _called(actor: str, work: UnitOfWork) -> str:
    return work.directory.called_by_actor(actor)


def _worker(order: Order, work: UnitOfWork) -> Worker | None:
    practitioner = PractitionerId(order.document["practitioner"])
    found = work.directory.person(practitioner)
    if found is None:
        return None
    now = work.directory.practitioner(practitioner)
    name, job_title, *_ = found
    works_now = None if now is None else f"{now.role.label}, {now.agency_name}"
    agency = work.directory.agency_name(order.document["agency"]) or order.document["agency"]
    return Worker(name, job_title, agency, works_now)

"""Erasures as orders of two: one officer asks, another confirms, both may stop it for seven days.

Asked for, confirmed, carried out: each is one transaction, entered in it. Whether there is an
order about somebody is told to officers alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from consent.ports import Ledger
from schemas.identifiers import PersonId
from schemas.vocabulary import Role
from services.lifecycle.erasure.erasing import (
    ErasePerson,
    Erasing,
    Erasure,
    ErasureGround,
    ErasureRefusal,
    enter_refusal,
    order_erasure,
    why_not_erased,
)
from services.lifecycle.erasure.waiting import ErasureWaits, begin_to_wait, measure
from services.people.governance.orders import (
    NotTheirs,
    Order,
    OrderPorts,
    Orders,
    OrderStatus,
    TwoHands,
    answer_by_two,
    anybody_else,
    ask_by_two,
    carried_out,
    refuse,
    stop,
)
from services.platform.clock import BootTime

KIND = "erasure"
JOB = "job:erasure"

MAY_ERASE = frozenset({Role.INFORMATION_GOVERNANCE, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class Officer:
    """Who orders, as the ledger names them; a system account has no role and needs none."""

    actor: str
    role: Role | None = None

    @property
    def may_erase(self) -> bool:
        """Whether they are of those who may order an erasure at all."""
        return self.actor.startswith("operator:") or self.role in MAY_ERASE


class ErasureOrders(Orders, Protocol):
    """Orders, which can be listed by their kind."""

    def of_kinds(self, *kinds: str) -> Sequence[Order]:
        """All orders of these kinds as they stand, the oldest first."""


class AnsweringErasure(TwoHands, Protocol):
    """What an order of erasure is answered with, in one transaction."""

    def confirmed(self, order: Order) -> Order:
        """Do what comes at once of one that is confirmed."""


@dataclass(frozen=True, slots=True)
class AnsweringOnly(OrderPorts):
    """What one is answered with by a process that measures nothing, and could not erase anybody.

    The owner's job begins to measure when it next looks: that makes the waiting longer, never
    shorter.
    """

    def confirmed(self, order: Order) -> Order:
        """Nothing comes of it here."""
        return order


@dataclass(frozen=True, slots=True)
class Ordering:
    """What erasures are ordered with; every port joins one transaction of the owner's."""

    erasing: Erasing
    orders: ErasureOrders
    waits: ErasureWaits
    at: datetime
    boot_time: BootTime
    is_demonstration: bool = False

    @property
    def ledger(self) -> Ledger:
        """Where everything is entered."""
        return self.erasing.ledger

    def confirmed(self, order: Order) -> Order:
        """Begin to measure how long it waits."""
        by = order.answered_by or order.asked_by
        begin_to_wait(order.id, self.boot_time, at=self.at, by=by, waits=self.waits)
        return order


@dataclass(frozen=True, slots=True)
class StillWaiting:
    """It is not due yet: so much is left, if it is measured on from now."""

    left: timedelta


@dataclass(frozen=True, slots=True)
class WaitingErasure:
    """An order that was asked for or confirmed, and how long it still has to wait from then on."""

    order: Order
    person: PersonId
    left: timedelta | None


def ask_erasure(
    person: PersonId,
    because: ErasureGround,
    also: frozenset[PersonId],
    *,
    by: Officer,
    ordering: Ordering,
) -> Order | ErasureRefusal:
    """Ask for an erasure. Refused where it could not be carried out as things stand."""
    command = ErasePerson(person, because, by.actor, None, also)
    why = None if by.may_erase else ErasureRefusal.NOT_ALLOWED
    if because is ErasureGround.RESTORED_BACKUP:  # takes no order, and is held up by less
        why = ErasureRefusal.NOT_ORDERED
    why = why or why_not_erased(command, _everybody(person, ordering), ordering.erasing)
    if why is not None:
        enter_refusal(command, why, ordering.erasing)
        return why
    document = {"person": person, "because": because.value, "also": sorted(also)}
    return ask_by_two(KIND, document, by=by.actor, hands=ordering, carry_out=ordering.confirmed)


def confirm_erasure(order_id: str, *, by: Officer, ordering: AnsweringErasure) -> Order | NotTheirs:
    """Confirm what somebody else asked for: from now on it waits."""
    if not by.may_erase:
        return _refuse(None, NotTheirs.NOT_THERE, by, ordering)
    return _answer(order_id, by, ordering, confirms=True)


def stop_erasure(order_id: str, *, by: Officer, ordering: AnsweringErasure) -> Order | NotTheirs:
    """Let it not be carried out.

    Any officer may decline what waits to be confirmed; what was confirmed, whoever asked for it or
    confirmed it may stop until it is done.
    """
    order = ordering.orders.find(order_id)
    if not by.may_erase or order is None or order.kind != KIND:
        return _refuse(None, NotTheirs.NOT_THERE, by, ordering)
    if order.status is OrderStatus.ASKED:
        return _answer(order_id, by, ordering, confirms=False)
    if order.status is not OrderStatus.CONFIRMED:
        return _refuse(order, NotTheirs.ANSWERED, by, ordering)
    if by.actor not in {order.asked_by, order.answered_by}:
        return _refuse(order, NotTheirs.NEITHER, by, ordering)
    return stop(order, by=by.actor, orders=ordering.orders, ledger=ordering.ledger, at=ordering.at)


def carry_out(
    order_id: str, *, by: str, ordering: Ordering, is_at_once: bool = False
) -> Erasure | ErasureRefusal | StillWaiting | NotTheirs:
    """Erase, if it was confirmed and has waited; what forbids it now stops the order.

    `is_at_once` does without waiting, where families are invented. What was carried out before
    gives that erasure. A failed attempt is entered.
    """
    order = ordering.orders.find(order_id)
    actor = Officer(by)
    if order is None or order.kind != KIND:
        return _refuse(None, NotTheirs.NOT_THERE, actor, ordering)
    command = _command(order)
    if order.status is OrderStatus.CARRIED_OUT:
        return ordering.erasing.erasures.find(command.person) or ErasureRefusal.UNKNOWN_PERSON
    if order.status is not OrderStatus.CONFIRMED:
        return _refuse(order, NotTheirs.ANSWERED, actor, ordering)
    at_once = is_at_once and ordering.is_demonstration
    left = timedelta(0) if at_once else _measure(order, by, ordering)
    if left:
        _refuse(order, NotTheirs.WAITS, actor, ordering)
        return StillWaiting(left)
    return _erase(order, command, by, ordering)


def due_erasures(*, ordering: Ordering) -> Sequence[str]:
    """Measure how long every confirmed order has waited; gives those that are due."""
    confirmed = [order for order in _all(ordering) if order.status is OrderStatus.CONFIRMED]
    return [order.id for order in confirmed if not _measure(order, JOB, ordering)]


def list_erasures(*, by: Officer, ordering: Ordering) -> Sequence[WaitingErasure] | ErasureRefusal:
    """What waits to be confirmed or to be carried out."""
    if not by.may_erase:
        _refuse(None, NotTheirs.NOT_THERE, by, ordering)
        return ErasureRefusal.NOT_ALLOWED
    return [
        WaitingErasure(order, PersonId(order.document["person"]), _left(order, ordering))
        for order in _all(ordering)
        if order.status is OrderStatus.CONFIRMED or order.is_waiting(ordering.at)
    ]


def _erase(
    order: Order, command: ErasePerson, by: str, ordering: Ordering
) -> Erasure | ErasureRefusal:
    answer = order_erasure(command, erasing=ordering.erasing)
    orders, ledger, at = ordering.orders, ordering.ledger, ordering.at
    if isinstance(answer, ErasureRefusal):
        stop(order, by=JOB, orders=orders, ledger=ledger, at=at)
    else:
        carried_out(order, by=by, orders=orders, ledger=ledger, at=at)
    return answer


def _command(order: Order) -> ErasePerson:
    told = order.document
    return ErasePerson(
        PersonId(told["person"]),
        ErasureGround(told["because"]),
        order.asked_by,
        order.id,
        frozenset(map(PersonId, told["also"])),
    )


def _everybody(person: PersonId, ordering: Ordering) -> Sequence[PersonId]:
    return ordering.erasing.erasures.lock(person)


def _answer(
    order_id: str, by: Officer, ordering: AnsweringErasure, *, confirms: bool
) -> Order | NotTheirs:
    return answer_by_two(
        {KIND},
        order_id,
        by=by.actor,
        confirms=confirms,
        hands=ordering,
        why_not=anybody_else,
        carry_out=ordering.confirmed,
    )


def _measure(order: Order, by: str, ordering: Ordering) -> timedelta:
    """One that was confirmed where nothing is measured begins to wait when it is looked at."""
    now, at, waits = ordering.boot_time, ordering.at, ordering.waits
    if not waits.has_begun(order.id):
        begin_to_wait(order.id, now, at=at, by=by, waits=waits)
    return measure(order.id, now, at=at, by=by, waits=waits)


def _left(order: Order, ordering: Ordering) -> timedelta | None:
    is_waiting = order.status is OrderStatus.CONFIRMED
    return _measure(order, JOB, ordering) if is_waiting else None


def _all(ordering: Ordering) -> Sequence[Order]:
    return ordering.orders.of_kinds(KIND)


def _refuse(
    order: Order | None, why: NotTheirs, by: Officer, ordering: AnsweringErasure
) -> NotTheirs:
    return refuse(order, why, by=by.actor, ledger=ordering.ledger, at=ordering.at)

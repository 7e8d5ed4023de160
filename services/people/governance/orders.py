"""Orders of two hands: one asks, another one answers, and only then it is carried out.

What is asked for stands in the order's document: codes and opaque ids, never content. Who may be
the second hand beyond "somebody else" is for each kind of order to say. `ask_by_two` and
`answer_by_two` are the step that kinds share; what an order does, they are told.
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from consent.ledger import FieldValue, LedgerEntry, ledger_entry, new_entry_id
from consent.ledger.events import LedgerEvent
from consent.ports import Ledger

LAPSES_AFTER = timedelta(days=14)

Done = TypeVar("Done")
Why = TypeVar("Why")


class OrderStatus(StrEnum):
    """What has become of an order."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    STOPPED = "stopped"
    CARRIED_OUT = "carried-out"


class NotTheirs(StrEnum):
    """Why somebody may not be the second hand of an order."""

    NOT_THERE = "is-not-there"
    ANSWERED = "is-answered"
    LAPSED = "has-lapsed"
    ASKED_IT = "asked-for-it"
    NEITHER = "neither-asked-nor-confirmed"
    WAITS = "still-has-to-wait"
    NOT_CONFIRMED = "is-not-confirmed"
    CANNOT_BE = "cannot-be-carried-out-now"


@dataclass(frozen=True, slots=True)
class Order:
    """One order as it stands; `asked_by` and `answered_by` are actors as the ledger names them.

    `known_at` is since when it stands so, of one that was kept.
    """

    id: str
    kind: str
    document: Mapping[str, Any]
    asked_by: str
    lapses_at: datetime
    status: OrderStatus = OrderStatus.ASKED
    answered_by: str | None = None
    state: int = 1
    known_at: datetime | None = None

    def is_waiting(self, at: datetime) -> bool:
        """Whether it waits to be answered, and still can be."""
        return self.status is OrderStatus.ASKED and at < self.lapses_at


class Orders(Protocol):
    """Where orders are kept: history that only grows, in the caller's transaction."""

    def find(self, order: str) -> Order | None:
        """One order as it stands, locked until commit against another answer."""

    def add(self, order: Order, *, at: datetime) -> None:
        """Write an order, or its next state."""

    def are_one(self, one: str, other: str) -> bool:
        """Whether two actors, as the ledger names them, are one account, or one human being's."""


class TwoHands(Protocol):
    """What a kind of order is asked for and answered with; every port joins one transaction."""

    @property
    def orders(self) -> Orders:
        """Where orders are kept."""

    @property
    def ledger(self) -> Ledger:
        """Where everything is entered."""

    @property
    def at(self) -> datetime:
        """The one moment of it."""

    @property
    def is_demonstration(self) -> bool:
        """Whether one command is both hands."""


@dataclass(frozen=True, slots=True)
class OrderPorts:
    """TwoHands for whoever answers orders, and needs nothing else for it."""

    orders: Orders
    ledger: Ledger
    at: datetime
    is_demonstration: bool = False


def ask_by_two(
    kind: str,
    document: Mapping[str, Any],
    *,
    by: str,
    hands: TwoHands,
    carry_out: Callable[[Order], Done],
) -> Order | Done:
    """Ask for something that takes two; gives the order.

    Where families are invented it is carried out with that, and what `carry_out` gives is given.
    """
    order = ask(
        kind,
        document,
        by=by,
        orders=hands.orders,
        ledger=hands.ledger,
        at=hands.at,
        is_demonstration=hands.is_demonstration,
    )
    return carry_out(order) if order.status is OrderStatus.CONFIRMED else order


def answer_by_two(
    kinds: Collection[str],
    order_id: str,
    *,
    by: str,
    confirms: bool,
    hands: TwoHands,
    why_not: Callable[[Order], Why | None],
    carry_out: Callable[[Order], Done],
) -> Order | Done | NotTheirs | Why:
    """Confirm or decline an order of one of these kinds; confirmed it is carried out.

    `why_not` says why `by` may not be the second hand of this one, by rules of its kind; it has
    entered that by then. NotTheirs.NOT_THERE from it hides the order: it is entered here, like
    any other that is not there for `by`.
    """
    found = hands.orders.find(order_id)
    is_there = found is not None and found.kind in kinds
    why = why_not(found) if found is not None and is_there else None
    if why is not None and why is not NotTheirs.NOT_THERE:
        return why
    answered = answer(
        order_id if is_there and why is None else "",
        by=by,
        confirms=confirms,
        orders=hands.orders,
        ledger=hands.ledger,
        at=hands.at,
    )
    if isinstance(answered, Order) and answered.status is OrderStatus.CONFIRMED:
        return carry_out(answered)
    return answered


def anybody_else(order: Order) -> None:
    """No rule of its own: anybody but who asked may be the second hand."""
    del order


def ask(
    kind: str,
    document: Mapping[str, Any],
    *,
    by: str,
    orders: Orders,
    ledger: Ledger,
    at: datetime,
    is_demonstration: bool = False,
    lapses_after: timedelta = LAPSES_AFTER,
) -> Order:
    """Ask for something that takes two. Where families are invented one command is both hands.

    There it comes back confirmed, and the entry says so; everywhere else it waits, and lapses.
    """
    order = Order(str(new_entry_id(at)), kind, document, by, at + lapses_after, known_at=at)
    orders.add(order, at=at)
    ledger.append([_entry(LedgerEvent.ORDER_ASKED, order, by, at)])
    if not is_demonstration:
        return order
    both = _next(order, OrderStatus.CONFIRMED, at, answered_by="job:demonstration")
    orders.add(both, at=at)
    ledger.append([_entry(LedgerEvent.ORDER_CONFIRMED, both, "job:demonstration", at)])
    return both


def answer(
    order_id: str, *, by: str, confirms: bool, orders: Orders, ledger: Ledger, at: datetime
) -> Order | NotTheirs:
    """Confirm or decline an order; gives it as it stands then, or why that is not for `by`.

    The caller carries it out in the same transaction. A failed attempt is entered.
    """
    order = orders.find(order_id)
    why_not = why_not_theirs(order, by, confirms=confirms, orders=orders, at=at)
    if why_not is not None or order is None:
        why = why_not or NotTheirs.NOT_THERE
        ledger.append([_refusal(order_id if order else None, why, by, at)])
        return why
    status = OrderStatus.CONFIRMED if confirms else OrderStatus.DECLINED
    event = LedgerEvent.ORDER_CONFIRMED if confirms else LedgerEvent.ORDER_DECLINED
    answered = _next(order, status, at, answered_by=by)
    orders.add(answered, at=at)
    ledger.append([_entry(event, answered, by, at)])
    return answered


def answer_of_kind(
    kind: str,
    order_id: str,
    *,
    by: str,
    confirms: bool,
    orders: Orders,
    ledger: Ledger,
    at: datetime,
) -> Order | NotTheirs:
    """Answer an order, if it is one of this kind: what else there is, is not there for `by`."""
    found = orders.find(order_id)
    known = order_id if found is not None and found.kind == kind else ""
    return answer(known, by=by, confirms=confirms, orders=orders, ledger=ledger, at=at)


def why_not_theirs(
    order: Order | None, by: str, *, confirms: bool, orders: Orders, at: datetime
) -> NotTheirs | None:
    """Why this actor may not answer this order; whoever asked may only take it back."""
    if order is None:
        return NotTheirs.NOT_THERE
    if order.status is not OrderStatus.ASKED:
        return NotTheirs.ANSWERED
    if at >= order.lapses_at:
        return NotTheirs.LAPSED
    return NotTheirs.ASKED_IT if confirms and orders.are_one(order.asked_by, by) else None


def stop(order: Order, *, by: str, orders: Orders, ledger: Ledger, at: datetime) -> Order:
    """Let what was confirmed not be carried out; who may, its kind has to say."""
    stopped = _next(order, OrderStatus.STOPPED, at, answered_by=by)
    orders.add(stopped, at=at)
    ledger.append([_entry(LedgerEvent.ORDER_STOPPED, stopped, by, at)])
    return stopped


def carried_out(order: Order, *, by: str, orders: Orders, ledger: Ledger, at: datetime) -> Order:
    """Say of what was confirmed that it is done, in the transaction that does it."""
    done = _next(order, OrderStatus.CARRIED_OUT, at, answered_by=order.answered_by)
    orders.add(done, at=at)
    ledger.append([_entry(LedgerEvent.ORDER_CARRIED_OUT, done, by, at)])
    return done


def refuse(
    order: Order | None, why: NotTheirs, *, by: str, ledger: Ledger, at: datetime
) -> NotTheirs:
    """Enter an attempt that was not for `by`; gives why."""
    ledger.append([_refusal(None if order is None else order.id, why, by, at)])
    return why


def _next(order: Order, status: OrderStatus, at: datetime, *, answered_by: str | None) -> Order:
    state = order.state + 1
    return replace(order, status=status, answered_by=answered_by, state=state, known_at=at)


def document_bytes(order: Order) -> bytes:
    """What is asked for, as it is kept: JSON with sorted names."""
    return json.dumps(order.document, sort_keys=True, separators=(",", ":")).encode()


def _entry(event: LedgerEvent, order: Order, actor: str, at: datetime) -> LedgerEntry:
    return ledger_entry(event, {"order": order.id, "kind": order.kind}, at=at, actor=actor)


def _refusal(order: str | None, why: NotTheirs, actor: str, at: datetime) -> LedgerEntry:
    fields: dict[str, FieldValue] = {"order": [] if order is None else [order], "because": why}
    return ledger_entry(LedgerEvent.ORDER_ANSWER_REFUSED, fields, at=at, actor=actor)

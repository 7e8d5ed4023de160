"""Adopting an agreement takes two officers: one asks, another brings the same file and confirms.

It is an order of two hands. What is asked for is known by the hash of its file, so that whoever
confirms says yes to what they themselves hold, not to what lies in the database.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from consent.agreements.adopting import (
    AdoptAgreement,
    Adopted,
    Adopting,
    adopt_agreement,
    would_adopt,
)
from consent.ledger import ledger_entry
from consent.ledger.events import LedgerEvent
from services.people.governance.orders import (
    NotTheirs,
    Order,
    Orders,
    OrderStatus,
    answer_of_kind,
    ask,
)

KIND = "agreement-adoption"
Tell = Callable[[int], None]


class WhyNotAdopted(StrEnum):
    """Why an adoption that was asked for is not confirmed."""

    ANOTHER_FILE = "file-is-not-what-was-asked-for"


@dataclass(frozen=True, slots=True)
class AdoptingByTwo:
    """What agreements are adopted with by two; every port joins one transaction of the owner's."""

    adopting: Adopting
    orders: Orders
    at: datetime
    is_demonstration: bool = False


def ask_adoption(
    command: AdoptAgreement, *, by_two: AdoptingByTwo, tell: Tell | None = None
) -> Order | Adopted:
    """Ask to adopt an agreement. Where families are invented it is adopted at once.

    What could not be adopted is not asked for: raises AgreementInvalidError. What is adopted
    already is neither asked for nor adopted again.
    """
    already = would_adopt(command, adopting=by_two.adopting)
    if already is not None:
        return already
    order = ask(
        KIND,
        {
            "sha256": sha256(command.document).hexdigest(),
            "although_not_valid": command.although_not_valid,
        },
        by=command.actor,
        orders=by_two.orders,
        ledger=by_two.adopting.ledger,
        at=by_two.at,
        is_demonstration=by_two.is_demonstration,
    )
    if order.status is not OrderStatus.CONFIRMED:
        return order
    return adopt_agreement(command, adopting=by_two.adopting, tell=tell)


def confirm_adoption(
    order_id: str, document: bytes, *, by: str, by_two: AdoptingByTwo, tell: Tell | None = None
) -> Adopted | NotTheirs | WhyNotAdopted:
    """Confirm what another asked for, by the same file; it is adopted in the same transaction."""
    found = by_two.orders.find(order_id)
    digest = sha256(document).hexdigest()
    if found is not None and found.kind == KIND and found.document["sha256"] != digest:
        return _refused(found, WhyNotAdopted.ANOTHER_FILE, by, by_two)
    answered = _answer(order_id, by=by, confirms=True, by_two=by_two)
    if isinstance(answered, NotTheirs):
        return answered
    told: Any = answered.document
    command = AdoptAgreement(document, by, although_not_valid=told["although_not_valid"])
    return adopt_agreement(command, adopting=by_two.adopting, tell=tell)


def decline_adoption(order_id: str, *, by: str, by_two: AdoptingByTwo) -> Order | NotTheirs:
    """Say no to what another asked for, or take back what one asked for oneself."""
    return _answer(order_id, by=by, confirms=False, by_two=by_two)


def _answer(order_id: str, *, by: str, confirms: bool, by_two: AdoptingByTwo) -> Order | NotTheirs:
    return answer_of_kind(
        KIND,
        order_id,
        by=by,
        confirms=confirms,
        orders=by_two.orders,
        ledger=by_two.adopting.ledger,
        at=by_two.at,
    )


def _refused(order: Order, why: WhyNotAdopted, by: str, by_two: AdoptingByTwo) -> WhyNotAdopted:
    fields = {"order": [order.id], "because": why}
    entry = ledger_entry(LedgerEvent.ORDER_ANSWER_REFUSED, fields, at=by_two.at, actor=by)
    by_two.adopting.ledger.append([entry])
    return why

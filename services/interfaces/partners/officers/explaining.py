"""Which partners are told why something may not be seen: two officers grant it, one may end it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from consent.ledger import FieldValue, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.ports import Ledger
from services.interfaces.partners.errors import OnboardingError
from services.interfaces.partners.onboarding import ASKS_FOR
from services.interfaces.partners.ports import PartnerId, Scope
from services.interfaces.partners.postgres_registry import PostgresPartnerRegistry
from services.people.governance.orders import (
    NotTheirs,
    Order,
    OrderStatus,
    answer_by_two,
    anybody_else,
    ask_by_two,
)
from services.people.governance.postgres import PostgresOrders
from services.work import UnitOfWork

KIND = "partner-explaining"


@dataclass(frozen=True, slots=True)
class Explaining:
    """What it is granted and ended with; every port joins one transaction."""

    registry: PostgresPartnerRegistry
    orders: PostgresOrders
    ledger: Ledger
    at: datetime
    is_demonstration: bool


def explaining(work: UnitOfWork) -> Explaining:
    """The ports of this transaction, which has to be the owner's."""
    registry = PostgresPartnerRegistry(work.connection)
    return Explaining(registry, work.orders, work.ledger, work.now, work.is_demonstration)


def ask_to_explain(partner: PartnerId, *, by: str, explaining: Explaining) -> Order:
    """Ask that a partner be told reasons. Raises OnboardingError for one that never asks.

    Where families are invented it is granted with that; elsewhere it waits for another officer.
    """
    found = explaining.registry.find(partner)
    if found is None:
        raise OnboardingError("name", "is-not-known: tell-once partner list shows who is")
    if ASKS_FOR.isdisjoint(found.partner.scopes):
        raise OnboardingError("scope", f"is-none-of: {', '.join(sorted(ASKS_FOR))}")
    grant = partial(_grant, explaining=explaining)
    return ask_by_two(KIND, {"partner": partner}, by=by, hands=explaining, carry_out=grant)


def confirm_explaining(partner: PartnerId, *, by: str, explaining: Explaining) -> Order | NotTheirs:
    """Grant what another officer asked for, or say why that is not for `by`, which is entered."""
    waiting = _waiting(partner, explaining.orders.of_kinds(KIND), explaining.at)
    return answer_by_two(
        {KIND},
        waiting.id if waiting else "",
        by=by,
        confirms=True,
        hands=explaining,
        why_not=anybody_else,
        carry_out=partial(_grant, explaining=explaining),
    )


def end_explaining(partner: PartnerId, *, by: str, explaining: Explaining) -> bool:
    """Tell the partner no reasons any more, from its next question on; false where it was so."""
    found = explaining.registry.find(partner)
    if found is None:
        raise OnboardingError("name", "is-not-known: tell-once partner list shows who is")
    if Scope.ACCESS_EXPLAIN not in found.partner.scopes:
        return False
    explaining.registry.tell_why(partner, is_granted=False, order=None, by=by, at=explaining.at)
    _enter(LedgerEvent.PARTNER_EXPLAINING_ENDED, {"partner": partner}, by, explaining)
    return True


def _waiting(partner: PartnerId, orders: Sequence[Order], at: datetime) -> Order | None:
    """The last that was asked for and not answered, also one that has lapsed: it says so."""
    asked = [
        order
        for order in orders
        if order.document == {"partner": partner} and order.status is OrderStatus.ASKED
    ]
    return max(asked, key=lambda order: (at < order.lapses_at, order.id), default=None)


def _grant(order: Order, explaining: Explaining) -> Order:
    """By the order: what it is about was written when it was asked for."""
    partner, by = PartnerId(order.document["partner"]), order.answered_by or order.asked_by
    explaining.registry.tell_why(partner, is_granted=True, order=order.id, by=by, at=explaining.at)
    granted: dict[str, FieldValue] = {"partner": partner, "order": order.id}
    _enter(LedgerEvent.PARTNER_EXPLAINING_GRANTED, granted, by, explaining)
    return order


def _enter(
    event: LedgerEvent, fields: dict[str, FieldValue], by: str, explaining: Explaining
) -> None:
    explaining.ledger.append([ledger_entry(event, fields, at=explaining.at, actor=by)])

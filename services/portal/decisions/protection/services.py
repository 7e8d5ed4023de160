"""What the page of protection asks, each call one transaction: handed on to whose rule it is."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from consent.decisions.restrictions import Change
from consent.model import Restriction, RestrictionScope
from schemas.identifiers import PersonId
from services.decisions import at_the_desk
from services.decisions.protection.changing import answer_change, ask_change, orders_about
from services.decisions.protection.hands import Hand
from services.decisions.protection.restricting import (
    RestrictionRefused,
    Why,
    place,
    restrictions_told,
)
from services.people.governance.orders import Order
from services.people.practitioners.people import SignedInPractitioner
from services.profile.model import ProfileRefused
from services.work import Outside, UnitOfWork, unit_of_work


@dataclass(frozen=True, slots=True)
class ProtectionTold:
    """A restriction in force that lets the practitioner in, and what waits about it."""

    restriction: Restriction
    orders: tuple[Order, ...]


class ProtectionServices(Protocol):
    """Protecting a person; a part of services.portal.ports.PortalServices.

    What is refused is entered, and answered with why; a person, a restriction or an order that
    there is not, and one that is not theirs to know of, are one answer.
    """

    def told(
        self, who: SignedInPractitioner, person: PersonId
    ) -> Sequence[ProtectionTold] | ProfileRefused:
        """What protects the person, as far as the practitioner may know; the look is recorded."""

    def place(
        self, who: SignedInPractitioner, person: PersonId, scope: RestrictionScope
    ) -> Restriction | RestrictionRefused:
        """Protect the person at once, until two hands have answered."""

    def ask(
        self, who: SignedInPractitioner, restriction: str, *, lifts: bool, asked_safely: bool
    ) -> Order | Why:
        """Ask that it lasts as it is, or ends."""

    def answer(self, who: SignedInPractitioner, order: str, *, confirms: bool) -> Order | Why:
        """Be the second hand, or decline."""


class ProtectionOnDatabase:
    """ProtectionServices on PostgreSQL."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def told(
        self, who: SignedInPractitioner, person: PersonId
    ) -> Sequence[ProtectionTold] | ProfileRefused:
        """What protects the person."""
        with self._work() as work:
            refused = at_the_desk.refusal_about([person], who, desk=work.desk())
            if refused is not None:
                return refused
            restricting = work.restricting()
            found = restrictions_told(
                person,
                who,
                decisions=work.decisions,
                ledger=work.ledger,
                clock=work.outside.clock,
            )
            orders = orders_about([r.id for r in found], restricting=restricting)
            return [ProtectionTold(r, tuple(orders[r.id])) for r in found]

    def place(
        self, who: SignedInPractitioner, person: PersonId, scope: RestrictionScope
    ) -> Restriction | RestrictionRefused:
        """Protect the person at once."""
        with self._work() as work:
            return place(person, scope, Hand.of(who), restricting=work.restricting())

    def ask(
        self, who: SignedInPractitioner, restriction: str, *, lifts: bool, asked_safely: bool
    ) -> Order | Why:
        """Ask that it lasts as it is, or ends."""
        with self._work() as work:
            current = work.decisions.find_restriction(restriction)
            scope = RestrictionScope.PERSON if current is None else current.scope
            allowed = None if lifts or current is None else current.allowed
            change, hand = Change(allowed, scope, asked_safely), Hand.of(who)
            return ask_change(restriction, change, hand, restricting=work.restricting())

    def answer(self, who: SignedInPractitioner, order: str, *, confirms: bool) -> Order | Why:
        """Be the second hand, or decline."""
        with self._work() as work:
            hand, restricting = Hand.of(who), work.restricting()
            return answer_change(order, hand, confirms=confirms, restricting=restricting)

    def _work(self) -> AbstractContextManager[UnitOfWork]:
        return unit_of_work(self._outside)

"""An agency's safeguarding leads: who holds the cases for which its feeds name nobody.

Two people put somebody on the list; one is enough to take them off.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Protocol

from consent.ledger import FieldValue, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.ports import Ledger
from schemas.identifiers import PractitionerId
from services.people.governance.orders import (
    NotTheirs,
    Order,
    Orders,
    answer_by_two,
    ask_by_two,
)

KIND = "safeguarding-lead"


class WhyNoLead(StrEnum):
    """Why somebody is not put on the list, or not taken off it."""

    NOT_OF_THE_AGENCY = "is-not-of-the-agency"
    OPENS_NO_RECORDS = "role-opens-no-records"
    NOT_LISTED = "is-not-listed"


@dataclass(frozen=True, slots=True)
class SafeguardingLead:
    """One practitioner on an agency's list, as it stands."""

    agency: str
    practitioner: PractitionerId
    since: datetime
    asked_by: str
    warranted_by: str
    until: datetime | None = None
    state: int = 1


class Leads(Protocol):
    """The lists: history that only grows, in the caller's transaction."""

    def find(self, agency: str, practitioner: PractitionerId) -> SafeguardingLead | None:
        """One practitioner of a list as it stands, whether or not they still are on it."""

    def of(self, agency: str) -> Sequence[SafeguardingLead]:
        """Who is on the list now."""

    def add(self, lead: SafeguardingLead) -> None:
        """Write a state."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What leads are listed with; every port joins one transaction.

    `why_not` tells what keeps a practitioner from being the lead of an agency, if anything does.
    """

    leads: Leads
    why_not: Callable[[str, PractitionerId], WhyNoLead | None]
    orders: Orders
    ledger: Ledger
    at: datetime
    is_demonstration: bool = False


def ask_lead(
    agency: str, practitioner: PractitionerId, *, by: str, listing: Listing
) -> Order | WhyNoLead:
    """Ask to put somebody on the list. Where families are invented they are on it at once."""
    why_not = listing.why_not(agency, practitioner)
    if why_not is not None:
        return _refused(why_not, by, listing)
    document = {"agency": agency, "practitioner": practitioner}
    put = partial(_list, listing=listing)
    return ask_by_two(KIND, document, by=by, hands=listing, carry_out=put)


def answer_lead(order_id: str, *, by: str, confirms: bool, listing: Listing) -> Order | NotTheirs:
    """Confirm or decline; nobody confirms that they are one themselves."""

    def why_not(order: Order) -> NotTheirs | None:
        whose = f"practitioner:{order.document['practitioner']}"
        is_own = listing.orders.are_one(by, whose)
        return NotTheirs.NOT_THERE if is_own else None

    return answer_by_two(
        {KIND},
        order_id,
        by=by,
        confirms=confirms,
        hands=listing,
        why_not=why_not,
        carry_out=partial(_list, listing=listing),
    )


def remove_lead(
    agency: str, practitioner: PractitionerId, *, by: str, listing: Listing
) -> SafeguardingLead | WhyNoLead:
    """Take somebody off the list, at once."""
    found = listing.leads.find(agency, practitioner)
    if found is None or (found.until is not None and found.until <= listing.at):
        return _refused(WhyNoLead.NOT_LISTED, by, listing)
    removed = replace(found, until=listing.at, asked_by=by, warranted_by=by, state=found.state + 1)
    listing.leads.add(removed)
    _enter(LedgerEvent.LEAD_REMOVED, {"practitioner": practitioner}, by, listing)
    return removed


def _list(order: Order, listing: Listing) -> Order:
    agency = order.document["agency"]
    practitioner = PractitionerId(order.document["practitioner"])
    before = listing.leads.find(agency, practitioner)
    by = order.answered_by or order.asked_by
    state = 1 if before is None else before.state + 1
    listing.leads.add(
        SafeguardingLead(agency, practitioner, listing.at, order.asked_by, by, state=state)
    )
    fields: dict[str, FieldValue] = {"practitioner": practitioner, "order": order.id}
    _enter(LedgerEvent.LEAD_ADDED, fields, by, listing)
    return order


def _refused(why: WhyNoLead, by: str, listing: Listing) -> WhyNoLead:
    _enter(LedgerEvent.LEAD_REFUSED, {"because": why}, by, listing)
    return why


def _enter(event: LedgerEvent, fields: dict[str, FieldValue], by: str, listing: Listing) -> None:
    listing.ledger.append([ledger_entry(event, fields, at=listing.at, actor=by)])

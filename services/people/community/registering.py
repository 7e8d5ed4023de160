"""Registering a partner, by two hands, and confirming it each year, by two hands as well.

Whoever says alone to which number a code goes reads what families agreed to send to somebody else.
So one asks and another one confirms, for a new partner, for every change and every year. What is
asked for waits sealed, and the order has its keyed hash: what is confirmed is what was asked for.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Final, TypeVar

from consent.ledger import FieldValue, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.ports import Ledger
from schemas.uk_time import uk_day
from schemas.vocabulary import LabelledCode
from services.people.community.model import (
    PartnerRegistration,
    PartnerStanding,
    RegistrationFault,
    keeping_ids,
)
from services.people.community.postgres import PostgresCommunity
from services.people.governance.orders import (
    NotTheirs,
    Order,
    answer_by_two,
    ask_by_two,
)
from services.people.governance.postgres import PostgresOrders
from services.people.presence.contacts import Contact
from services.platform.keys.hashing import KeyedHasher

KIND: Final = "community-partner"
PARTNER_CODE: Final = r"(?!.*[0-9]{6})[a-z][a-z0-9._-]{0,47}"
"""What a partner is called where it answers: the ledger names it so, and holds no other words."""
AT_ONCE: Final = "at-once"
"""In the place of an order where there was none."""
_ID_BYTES: Final = 16

Why = TypeVar("Why", "RegistrationRefusal", RegistrationFault)


class RegistrationRefusal(LabelledCode):
    """Why a partner is not registered."""

    NOT_LISTED = "partner-is-not-listed", "No partner is listed by this code: services add-partner"
    NEVER_WAS = "partner-was-never-registered", "There is nothing to confirm: register it"
    CHANGED = "changed-since", "It was changed since this was asked for: ask again"
    GONE = "is-not-as-it-was-asked-for", "What was asked for is not what stands there now"
    WAITS = "waits-already", "It was asked for already, and waits for somebody else to confirm it"
    OWN = "works-for-the-partner", "Somebody who works for this partner cannot confirm it"


@dataclass(frozen=True, slots=True, repr=False)
class RegisterPartner:
    """Order: from now on these people answer for a partner, each by mailbox and second way."""

    partner: str
    people: Sequence[tuple[Contact, Contact]]
    safeguarding_lead: str
    insured_until: date
    is_commissioned: bool


@dataclass(frozen=True, slots=True)
class CommunityDesk:
    """What partners are registered with, in one transaction. TwoHands."""

    rows: PostgresCommunity
    orders: PostgresOrders
    ledger: Ledger
    hasher: KeyedHasher
    at: datetime
    is_demonstration: bool = False

    def opaque(self, partner: str) -> str:
        """How the ledger names a partner, as it does in the directory."""
        return self.hasher.opaque("directory-partner", partner)


Asked = Order | RegistrationRefusal | RegistrationFault


def ask_to_register(command: RegisterPartner, *, by: str, desk: CommunityDesk) -> Asked:
    """Ask that a partner be registered, or be reached otherwise from now on."""
    if not re.fullmatch(PARTNER_CODE, command.partner) or not desk.rows.is_listed(command.partner):
        return _refuse(RegistrationRefusal.NOT_LISTED, command.partner, by, desk)
    before = desk.rows.standing(command.partner)
    known = () if before is None else before.registration.people
    fresh = [secrets.token_hex(_ID_BYTES) for _ in command.people]
    wanted = PartnerRegistration(
        keeping_ids(command.people, known, fresh),
        command.safeguarding_lead,
        command.insured_until,
        command.is_commissioned,
    )
    return _ask(wanted, command.partner, before, by, desk)


def ask_to_confirm(partner: str, insured_until: date, *, by: str, desk: CommunityDesk) -> Asked:
    """Ask that all of it be confirmed for another year, with the day to which it is insured."""
    before = desk.rows.standing(partner)
    if before is None:
        return _refuse(RegistrationRefusal.NEVER_WAS, partner, by, desk)
    wanted = replace(before.registration, insured_until=insured_until)
    return _ask(wanted, partner, before, by, desk)


def confirm_by_itself(
    partner: str, person: str, insured_until: date, *, by: str, desk: CommunityDesk
) -> Asked:
    """Ask, as one of those who answer for a partner, that all of it stand for another year.

    They are the first hand and gain by it, so that somebody of ours is the second. What was asked
    for already is not asked for again: each of its people is asked to confirm.
    """
    before = desk.rows.standing(partner)
    if before is None or before.person(person) is None:
        return _refuse(RegistrationRefusal.NEVER_WAS, partner, by, desk)
    asked, state = desk.opaque(partner), before.state
    if any((o.document["partner"], o.document["state"]) == (asked, state) for o in waiting(desk)):
        return _refuse(RegistrationRefusal.WAITS, partner, by, desk)
    return ask_to_confirm(partner, insured_until, by=by, desk=desk)


def waiting(desk: CommunityDesk) -> Sequence[Order]:
    """What waits for a second hand, of whichever partner, the oldest first."""
    return [order for order in desk.orders.of_kinds(KIND) if order.is_waiting(desk.at)]


def end_partner(
    partner: str, *, by: str, desk: CommunityDesk
) -> PartnerStanding | RegistrationRefusal:
    """Have nobody answer for a partner any more: at once, as it only narrows.

    Links and sessions shut with it, whoever had asked is told that nobody is reached, and it is
    offered to no family. To register it again takes two.
    """
    desk.rows.lock(partner)
    before = desk.rows.standing(partner)
    if before is None or before.is_ended:
        return _refuse(RegistrationRefusal.NEVER_WAS, partner, by, desk)
    gone = [one.id for one in before.registration.people]
    nobody = replace(before.registration, people=(), safeguarding_lead="")
    ended = PartnerStanding(partner, before.state + 1, nobody, by, by, AT_ONCE, desk.at)
    desk.rows.add(ended, by=by)
    fields: dict[str, FieldValue] = {"partner": desk.opaque(partner), "people": gone}
    event = LedgerEvent.COMMUNITY_PARTNER_ENDED
    desk.ledger.append([ledger_entry(event, fields, at=desk.at, actor=by)])
    return ended


def answer_registration(
    order_id: str, *, by: str, confirms: bool, desk: CommunityDesk, agency: str | None = None
) -> Order | NotTheirs | RegistrationRefusal:
    """Confirm what another asked for, or decline; confirmed it is in force at once.

    `agency` is where whoever answers works: nobody confirms a partner that is their own agency.
    """
    done = answer_by_two(
        {KIND},
        order_id,
        by=by,
        confirms=confirms,
        hands=desk,
        why_not=lambda order: _why_not(order, by, agency, desk) if confirms else None,
        carry_out=partial(_carry_out, desk=desk),
    )
    if isinstance(done, Order) and not confirms:
        desk.rows.forget_proposal(done.document["proposal"])
    return done


def _ask(
    wanted: PartnerRegistration,
    partner: str,
    before: PartnerStanding | None,
    by: str,
    desk: CommunityDesk,
) -> Asked:
    fault = wanted.fault(uk_day(desk.at))
    if fault is not None:
        return _refuse(fault, partner, by, desk)
    content, proposal = wanted.as_bytes(), secrets.token_hex(_ID_BYTES)
    desk.rows.propose(proposal, partner, content, at=desk.at)
    document = {
        "partner": desk.opaque(partner),
        "proposal": proposal,
        "state": 0 if before is None else before.state,
        "digest": desk.rows.digest(content).hex(),
    }
    carry_out = partial(_carry_out, desk=desk)
    return ask_by_two(KIND, document, by=by, hands=desk, carry_out=carry_out)


def _why_not(
    order: Order, by: str, agency: str | None, desk: CommunityDesk
) -> RegistrationRefusal | None:
    """(1) What waits is what was asked for; (2) nothing came in between; (3) they gain nothing."""
    found = desk.rows.proposal(order.document["proposal"])
    if found is None or desk.rows.digest(found[1]).hex() != order.document["digest"]:  # (1)
        return _refuse(RegistrationRefusal.GONE, "" if found is None else found[0], by, desk)
    partner, _ = found
    desk.rows.lock(partner)
    before = desk.rows.standing(partner)
    if (0 if before is None else before.state) != order.document["state"]:  # (2)
        return _refuse(RegistrationRefusal.CHANGED, partner, by, desk)
    if agency is not None and desk.rows.agency_of(partner) == agency:  # (3)
        return _refuse(RegistrationRefusal.OWN, partner, by, desk)
    return None


def _carry_out(order: Order, *, desk: CommunityDesk) -> Order:
    found = desk.rows.proposal(order.document["proposal"])
    if found is None:
        raise AssertionError("what is carried out was looked at in this transaction")
    partner, content = found
    registration = PartnerRegistration.from_bytes(content)
    state = int(order.document["state"]) + 1
    by = order.answered_by or order.asked_by
    standing = PartnerStanding(partner, state, registration, order.asked_by, by, order.id, desk.at)
    desk.rows.add(standing, by=by)
    desk.rows.forget_proposal(order.document["proposal"])
    fields: dict[str, FieldValue] = {
        "partner": desk.opaque(partner),
        "order": order.id,
        "people": [one.id for one in registration.people],
        "kind": "commissioned" if registration.is_commissioned else "not-commissioned",
    }
    event = LedgerEvent.COMMUNITY_PARTNER_REGISTERED
    desk.ledger.append([ledger_entry(event, fields, at=desk.at, actor=by)])
    return order


def _refuse(why: Why, partner: str, by: str, desk: CommunityDesk) -> Why:
    fields: dict[str, FieldValue] = {"partner": desk.opaque(partner), "because": why.value}
    event = LedgerEvent.COMMUNITY_PARTNER_REFUSED
    desk.ledger.append([ledger_entry(event, fields, at=desk.at, actor=by)])
    return why

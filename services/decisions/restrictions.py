"""Restrictions: placed by one hand for a while, made lasting, changed and lifted by two.

Whoever works with a person, or information governance, places one: at once, and provisionally. It
hides from everybody but those who worked with the person at that moment, so that one hand leaves
nobody dark to every service, and chooses nobody who may see. Everything after that is an order of
two: information governance, and somebody of another agency whom the restriction lets in. Every try
that is refused is entered.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import structlog

from consent.decisions.keeping import Deciding
from consent.decisions.restrictions import (
    ANSWERED_WITHIN,
    Change,
    NoChange,
    change_restriction,
    place_restriction,
    why_no_change,
)
from consent.ledger import FieldValue, entry_id_for, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.model import Restriction, RestrictionScope
from consent.ports import Clock, Ledger
from consent.question import OPENS_WHAT_IS_PERMITTED
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import OPENS_FAMILY_RECORDS, Role
from services.decisions.hands import Hand
from services.decisions.postgres import PostgresDecisions
from services.people.governance.orders import (
    NotTheirs,
    Order,
    Orders,
    OrderStatus,
    answer_of_kind,
    ask,
)
from services.people.governance.queue import ItemKind, Queue, raise_item
from services.people.practitioners.people import SignedInPractitioner, is_another_human
from services.people.practitioners.postgres_directory import PostgresDirectory
from services.people.protecting.postgres import PostgresProtection
from services.people.relationships.postgres import PostgresRelationships
from services.people.relationships.postgres_emergencies import PostgresEmergencies
from services.platform.logging import LogEvent

KIND = "restriction"
_LAPSING = "job:restrictions"
_BOTH_HANDS = "job:demonstration"
_log = structlog.get_logger()


class Refused(StrEnum):
    """Why nothing was done, beside what the change itself forbids (`NoChange`)."""

    NOT_THERE = "is-not-there"
    """Or not for who asks to know of."""
    NOT_THEIRS = "works-with-them-not"
    NOT_ANOTHER = "is-the-same-person"
    WRONG_HANDS = "takes-governance-and-another-agency"
    GAINS = "gains-by-it"
    HAS_CHANGED = "has-changed-meanwhile"


Why = Refused | NoChange | NotTheirs


@dataclass(frozen=True, slots=True)
class Restricting:
    """What restrictions are placed and changed with; every port joins one transaction."""

    deciding: Deciding
    relationships: PostgresRelationships
    concerned: PostgresEmergencies
    protection: PostgresProtection
    directory: PostgresDirectory
    orders: Orders
    queue: Queue
    is_demonstration: bool = False

    @property
    def at(self) -> datetime:
        """The one moment of it."""
        return self.deciding.clock.now()

    @property
    def ledger(self) -> Ledger:
        """Where everything is entered."""
        return self.deciding.ledger


def place(
    person: PersonId, scope: RestrictionScope, hand: Hand, *, restricting: Restricting
) -> Restriction | Refused:
    """Protect a person, or where they are, from everybody but who works with them now.

    Until two hands have confirmed or lifted it. Somebody unknown is refused as one's own not.
    """
    if not _may_place(hand.who, person, restricting):
        _refuse("place", Refused.NOT_THEIRS, hand, restricting, person=person)
        return Refused.NOT_THEIRS
    placed = place_restriction(
        person,
        scope,
        restricting.concerned.workers(person, grounds=OPENS_WHAT_IS_PERMITTED),
        actor=hand.actor,
        deciding=restricting.deciding,
        is_provisional=True,
    )
    raise_item(
        ItemKind.RESTRICTION_PROVISIONAL,
        placed.id,
        by=hand.actor,
        queue=restricting.queue,
        ledger=restricting.ledger,
        at=restricting.at,
        person=person,
    )
    return placed


def ask_change(
    restriction: str, change: Change, hand: Hand, *, restricting: Restricting
) -> Order | Why:
    """Ask that it be made lasting, be for just these people, or be lifted; another one answers.

    Where families are invented this is both hands, and the order comes back carried out.
    """
    act = _act(change)
    current = _known(restriction, hand.who, restricting)
    why = (
        Refused.NOT_THERE
        if current is None
        else why_no_change(current, change, _agencies(change, restricting))
    )
    if current is None or why is not None:
        return _refuse(act, why or Refused.NOT_THERE, hand, restricting, restriction=current)
    order = ask(
        KIND,
        _document(current, change, hand),
        by=hand.actor,
        orders=restricting.orders,
        ledger=restricting.ledger,
        at=restricting.at,
        is_demonstration=restricting.is_demonstration,
    )
    if order.status is OrderStatus.CONFIRMED:
        _carry_out(current, change, hand.actor, _BOTH_HANDS, restricting)
    return order


def answer_change(
    order_id: str, hand: Hand, *, confirms: bool, restricting: Restricting
) -> Order | Why:
    """Be the second hand: confirm, which carries it out, or decline."""
    if confirms:
        why = _why_not_second(order_id, hand, restricting)
        if why is not None:
            return _refuse("confirm", why, hand, restricting)
    answered = answer_of_kind(
        KIND,
        order_id,
        by=hand.actor,
        confirms=confirms,
        orders=restricting.orders,
        ledger=restricting.ledger,
        at=restricting.at,
    )
    if isinstance(answered, NotTheirs) or answered.status is not OrderStatus.CONFIRMED:
        return answered
    current = _current(answered, restricting)
    if current is None:  # nobody changed it since it was looked at above: it is locked
        raise LookupError("a restriction is gone that was there a moment ago")
    _carry_out(current, _change(answered), answered.asked_by, hand.actor, restricting)
    return answered


def restrictions_told(
    person: PersonId,
    who: SignedInPractitioner,
    *,
    decisions: PostgresDecisions,
    ledger: Ledger,
    clock: Clock,
    actor: str | None = None,
) -> Sequence[Restriction]:
    """The restrictions in force of which the practitioner may know; the look is entered."""
    at = clock.now()
    record = decisions.on_record([person])[person]
    in_force = {r.id: r for r in record.restrictions if r.is_in_force(at)}
    told = [r for _, r in sorted(in_force.items()) if _may_know(who, r)]
    if any(e.is_in_force(at) and e.keeps_out(who.id) for e in record.exclusions):
        told = [r for r in told if who.role is Role.INFORMATION_GOVERNANCE]
    fields: dict[str, FieldValue] = {"subject": person, "restrictions": len(told)}
    by = actor or who.actor
    ledger.append([ledger_entry(LedgerEvent.RESTRICTIONS_LISTED, fields, at=at, actor=by)])
    return told


def restrictions_waiting(
    hand: Hand, *, restricting: Restricting
) -> Sequence[Restriction] | Refused:
    """Those that wait for two hands, for information governance; what is late is raised."""
    if hand.who.role is not Role.INFORMATION_GOVERNANCE:
        _refuse("list", Refused.NOT_THERE, hand, restricting)
        return Refused.NOT_THERE
    protection, ledger, at = restricting.protection, restricting.ledger, restricting.at
    alarm_unanswered(protection, queue=restricting.queue, ledger=ledger, at=at)
    return _waiting(protection)


def _waiting(protection: PostgresProtection) -> Sequence[Restriction]:
    """What is not as it was written waits for nobody: it protects from everybody."""
    return [r for r in protection.provisional() if r.is_provisional and r.lifted_at is None]


def alarm_unanswered(
    protection: PostgresProtection, *, queue: Queue, ledger: Ledger, at: datetime
) -> Sequence[Restriction]:
    """Let governance know of each that nobody has answered in 72 hours; it goes on protecting.

    Again changes nothing: it is one item, from the moment at which it was due.
    """
    late = [r for r in _waiting(protection) if _due(r) <= at]
    for one in late:
        raise_item(
            ItemKind.RESTRICTION_UNANSWERED,
            one.id,
            by=_LAPSING,
            queue=queue,
            ledger=ledger,
            at=_due(one),
            person=one.subject,
        )
        fields: dict[str, FieldValue] = {"restriction": one.id, "subject": one.subject}
        entry_id = entry_id_for("restriction-unanswered", one.id, one.placed_at.isoformat())
        told = LedgerEvent.RESTRICTION_UNANSWERED
        ledger.append([ledger_entry(told, fields, at=_due(one), actor=_LAPSING, entry_id=entry_id)])
        _log.critical(LogEvent.RESTRICTION_UNANSWERED, restriction=one.id)
    return late


def _due(restriction: Restriction) -> datetime:
    return restriction.placed_at + ANSWERED_WITHIN


# Who may.


def _may_place(who: SignedInPractitioner, person: PersonId, restricting: Restricting) -> bool:
    if who.role is Role.INFORMATION_GOVERNANCE:
        return restricting.deciding.persons.exists(person)
    opened = restricting.relationships.may_open(who.id, [person])[person]
    grounds = {r.ground for r in opened.relationships}
    return not grounds.isdisjoint(OPENS_WHAT_IS_PERMITTED) and not opened.is_restricted


def _may_know(who: SignedInPractitioner, restriction: Restriction) -> bool:
    """Governance reviews every restriction; nobody else learns of one that is not theirs."""
    is_on_list = who.id in restriction.allowed and who.role in OPENS_FAMILY_RECORDS
    return is_on_list or who.role is Role.INFORMATION_GOVERNANCE


def _known(
    restriction: str, who: SignedInPractitioner, restricting: Restricting
) -> Restriction | None:
    """One in force of which they may know, though the family may have named them since."""
    found = restricting.deciding.decisions.find_restriction(restriction)
    if found is None or not found.is_in_force(restricting.at) or not _may_know(who, found):
        return None
    if who.role is Role.INFORMATION_GOVERNANCE:
        return found
    opened = restricting.relationships.may_open(who.id, [found.subject])[found.subject]
    return None if opened.is_restricted else found


def _why_not_second(order_id: str, hand: Hand, restricting: Restricting) -> Why | None:
    """Why this hand may not confirm it; by order of what tells least."""
    order = restricting.orders.find(order_id)
    if order is None or order.kind != KIND or order.status is not OrderStatus.ASKED:
        return None  # which `answer_of_kind` says, and enters
    current = _known(order.document["restriction"], hand.who, restricting)
    if current is None:
        return Refused.NOT_THERE
    if _current(order, restricting) is None:
        return Refused.HAS_CHANGED
    change = _change(order)
    agencies = _agencies(change, restricting)
    return _why_not_these(order, current, agencies, hand, restricting) or why_no_change(
        current, change, agencies
    )


def _why_not_these(
    order: Order,
    current: Restriction,
    agencies: Mapping[PractitionerId, str],
    hand: Hand,
    restricting: Restricting,
) -> Refused | None:
    """Why these two are not the hands that it takes."""
    first = restricting.directory.practitioner(PractitionerId(order.document["asked_for"]))
    if first is None or not is_another_human(first, hand.who) or hand.actor == order.asked_by:
        return Refused.NOT_ANOTHER
    if not _are_the_hands(first, hand.who) or _known(current.id, first, restricting) is None:
        return Refused.WRONG_HANDS
    gains = _gains(first, hand.who, current, _change(order), agencies)
    return Refused.GAINS if gains else None


def _are_the_hands(one: SignedInPractitioner, other: SignedInPractitioner) -> bool:
    """Information governance, and somebody of another agency."""
    roles = {one.role, other.role}
    return Role.INFORMATION_GOVERNANCE in roles and one.agency_code != other.agency_code


def _gains(
    first: SignedInPractitioner,
    second: SignedInPractitioner,
    current: Restriction,
    change: Change,
    agencies: Mapping[PractitionerId, str],
) -> bool:
    """Whether either is let in by it, or the second one's agency is."""
    added = (change.allowed or frozenset()) - current.allowed
    return not added.isdisjoint({first.id, second.id}) or second.agency_code in {
        agencies[one] for one in added
    }


# The order.


def _document(current: Restriction, change: Change, hand: Hand) -> Mapping[str, Any]:
    return {
        "restriction": current.id,
        "stands": _stands(current),
        "allowed": None if change.allowed is None else sorted(change.allowed),
        "scope": change.scope.value,
        "asked_safely": change.was_asked_safely,
        "asked_for": hand.who.id,
    }


def _change(order: Order) -> Change:
    told = order.document
    allowed = told["allowed"]
    return Change(
        None if allowed is None else frozenset(PractitionerId(one) for one in allowed),
        RestrictionScope(told["scope"]),
        told["asked_safely"] is True,
    )


def _stands(restriction: Restriction) -> Mapping[str, Any]:
    """What it was when the change was asked for: of something else it is not confirmed."""
    return {
        "allowed": sorted(restriction.allowed),
        "scope": restriction.scope.value,
        "since": restriction.placed_at.astimezone(UTC).isoformat(),
        "is_provisional": restriction.is_provisional,
    }


def _current(order: Order, restricting: Restricting) -> Restriction | None:
    """The restriction of an order, in force and as it stood when the order was asked for."""
    found = restricting.deciding.decisions.find_restriction(order.document["restriction"])
    is_same = found is not None and _stands(found) == order.document["stands"]
    return found if found is not None and is_same and found.is_in_force(restricting.at) else None


def _carry_out(
    current: Restriction, change: Change, actor: str, warranted_by: str, restricting: Restricting
) -> None:
    change_restriction(
        current, change, actor=actor, warranted_by=warranted_by, deciding=restricting.deciding
    )


def _agencies(change: Change, restricting: Restricting) -> Mapping[PractitionerId, str]:
    """Where those work who are to be let in, if their role opens records; one human counts once."""
    found: dict[PractitionerId, SignedInPractitioner] = {}
    for one in sorted(change.allowed or ()):
        who = restricting.directory.practitioner(one)
        may_be = who is not None and who.role in OPENS_FAMILY_RECORDS
        if who is not None and may_be and all(is_another_human(who, o) for o in found.values()):
            found[one] = who
    return {one: who.agency_code for one, who in found.items()}


def _act(change: Change) -> str:
    return "lift" if change.allowed is None else "change"


def _refuse(
    act: str,
    because: Why,
    hand: Hand,
    restricting: Restricting,
    *,
    restriction: Restriction | None = None,
    person: PersonId | None = None,
) -> Why:
    known = person if person is not None and restricting.deciding.persons.exists(person) else None
    subject: Collection[str] = [] if known is None else [known]
    if restriction is not None:
        subject = [restriction.subject]
    fields: dict[str, FieldValue] = {
        "restriction": [] if restriction is None else [restriction.id],
        "subject": list(subject),
        "act": act,
        "because": because.value,
    }
    told = LedgerEvent.RESTRICTION_ACT_REFUSED
    restricting.ledger.append([ledger_entry(told, fields, at=restricting.at, actor=hand.actor)])
    return because

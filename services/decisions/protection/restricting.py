"""Restrictions: placed by one hand for a while, at once.

Whoever works with a person, or information governance, places one. It hides from everybody but
those who worked with the person at that moment, so that one hand leaves nobody dark to every
service, and chooses nobody who may see. Everything after that takes two (`changing.py`). Every try
that is refused is entered.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import structlog

from consent.decisions.keeping import Deciding
from consent.decisions.restrictions import ANSWERED_WITHIN, NoChange, place_restriction
from consent.ledger import FieldValue, entry_id_for, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.model import Restriction, RestrictionScope
from consent.ports import Clock, Ledger
from consent.question import OPENS_WHAT_IS_PERMITTED
from schemas.identifiers import PersonId
from schemas.vocabulary import OPENS_FAMILY_RECORDS, Role
from services.decisions.postgres import PostgresDecisions
from services.decisions.protection.hands import Hand, works_with
from services.people.governance.orders import NotTheirs, Orders
from services.people.governance.queue import ItemKind, Queue, raise_item
from services.people.practitioners.people import SignedInPractitioner
from services.people.practitioners.postgres_directory import PostgresDirectory
from services.people.protecting.postgres import PostgresProtection
from services.people.relationships.postgres import PostgresRelationships
from services.people.relationships.postgres_emergencies import PostgresEmergencies
from services.platform.logging import LogEvent

_LAPSING = "job:restrictions"
_log = structlog.get_logger()


class RestrictionRefused(StrEnum):
    """Why nothing was done, beside what the change itself forbids (`NoChange`)."""

    NOT_THERE = "is-not-there"
    """Or not for who asks to know of."""
    NOT_THEIRS = "works-with-them-not"
    NOT_ANOTHER = "is-the-same-person"
    WRONG_HANDS = "takes-governance-and-another-agency"
    GAINS = "gains-by-it"
    HAS_CHANGED = "has-changed-meanwhile"


Why = RestrictionRefused | NoChange | NotTheirs


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
) -> Restriction | RestrictionRefused:
    """Protect a person, or where they are, from everybody but who works with them now.

    Until two hands have confirmed or lifted it. Somebody unknown is refused as one's own not.
    """
    if not _may_place(hand.who, person, restricting):
        refuse("place", RestrictionRefused.NOT_THEIRS, hand, restricting, person=person)
        return RestrictionRefused.NOT_THEIRS
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
) -> Sequence[Restriction] | RestrictionRefused:
    """Those that wait for two hands, for information governance; what is late is raised."""
    if hand.who.role is not Role.INFORMATION_GOVERNANCE:
        refuse("list", RestrictionRefused.NOT_THERE, hand, restricting)
        return RestrictionRefused.NOT_THERE
    protection, ledger, at = restricting.protection, restricting.ledger, restricting.at
    alarm_unanswered(protection, restricting.queue, ledger, at=at)
    return _waiting(protection)


def _waiting(protection: PostgresProtection) -> Sequence[Restriction]:
    """What is not as it was written waits for nobody: it protects from everybody."""
    return [r for r in protection.provisional() if r.is_provisional and r.lifted_at is None]


def alarm_unanswered(
    protection: PostgresProtection, queue: Queue, ledger: Ledger, *, at: datetime
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
    return works_with(who, person, restricting.relationships)


def _may_know(who: SignedInPractitioner, restriction: Restriction) -> bool:
    """Governance reviews every restriction; nobody else learns of one that is not theirs."""
    is_on_list = who.id in restriction.allowed and who.role in OPENS_FAMILY_RECORDS
    return is_on_list or who.role is Role.INFORMATION_GOVERNANCE


def known_to(
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


def refuse(
    act: str,
    because: Why,
    hand: Hand,
    restricting: Restricting,
    *,
    restriction: Restriction | None = None,
    person: PersonId | None = None,
) -> Why:
    """Enter that nothing was done, and why; gives that back."""
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

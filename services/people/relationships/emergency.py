"""Emergency: announced before it opens, for half an hour, and looked at afterwards.

The one exception to two hands (DESIGN.md section 16). It opens what `consent.question.Reach` says
and nothing more, never over a restriction; whoever has opened three that nobody has looked at yet
opens no fourth alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from consent.ledger import FieldValue, LedgerEntry, ledger_entry, new_entry_id
from consent.ledger.events import LedgerEvent
from consent.model import RelationshipGround
from consent.ports import Ledger
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import OPENS_FAMILY_RECORDS, LabelledCode
from services.people.governance.postgres import PostgresQueue
from services.people.governance.queue import ItemKind, raise_item
from services.people.practitioners.people import SignedInPractitioner
from services.people.relationships.model import (
    HeldRelationship,
    Warrant,
    WarrantKind,
    entry_of_ending,
    entry_of_making,
)
from services.people.relationships.postgres import PostgresRelationships

LASTS = timedelta(minutes=30)
FRESH = timedelta(minutes=15)
"""How long ago whoever opens one may have signed in."""
MOST_NOT_REVIEWED = 3
_A_DAY = timedelta(days=1)
_NOBODY = PersonId("0" * 32)


class EmergencyReason(LabelledCode):
    """What has happened."""

    CHILD_MISSING = "child-missing", "A child is missing"
    CHILD_HARMED = "child-harmed", "A child may be badly hurt or abused"
    ADULT_HARMED = "adult-harmed", "An adult may be badly hurt"
    SELF_HARM = "self-harm", "Somebody may harm themselves"
    ILLNESS = "illness", "A serious illness, and nobody can answer"


class WhyNotAsked(LabelledCode):
    """Why the family cannot be asked first."""

    NOT_REACHED = "not-reached", "We cannot reach them"
    WOULD_ENDANGER = "would-endanger", "Asking would make the danger worse"
    CANNOT_ANSWER = "cannot-answer", "They cannot answer"


class EmergencyRefusal(LabelledCode):
    """Why nothing was opened; to whoever asks the first three are one answer."""

    NOBODY = "nobody", "There is no recorded right to show you anything here."
    RESTRICTED = "restricted", "There is no recorded right to show you anything here."
    ROLE = "role", "There is no recorded right to show you anything here."
    NOT_FRESH = "sign-in-is-not-fresh", "Sign in again first: it has to be you, now."
    TOO_MANY = (
        "too-many-not-reviewed",
        "You have opened three that nobody has looked at yet. Ring the duty line.",
    )


@dataclass(frozen=True, slots=True, repr=False)
class OpenEmergency:
    """Order: open what an emergency opens of this person, who may be nobody known.

    `words` are what the practitioner knows, for another person to read.
    """

    person: PersonId | None
    reason: EmergencyReason
    why_not_asked: WhyNotAsked
    words: str
    signed_in_at: datetime


@dataclass(frozen=True, slots=True)
class Emergencies:
    """What emergencies are opened with; every port joins one transaction.

    `seal` encrypts what was written under the person's key.
    """

    relationships: PostgresRelationships
    queue: PostgresQueue
    ledger: Ledger
    seal: Callable[[PersonId, bytes], bytes]
    at: datetime


def open_emergency(
    command: OpenEmergency, who: SignedInPractitioner, *, ports: Emergencies
) -> HeldRelationship | EmergencyRefusal:
    """Open it from now on, or say why not. Both are entered; what opens is in the queue first."""
    refusal = _why_not(command, who, ports)
    if refusal is not None or command.person is None:
        refused = refusal or EmergencyRefusal.NOBODY
        ports.ledger.append([_entry_of_refusal(command, refused, who, ports.at)])
        return refused
    opened = HeldRelationship(
        id=str(new_entry_id(ports.at)),
        person=command.person,
        agency=who.agency_code,
        practitioner=who.id,
        ground=RelationshipGround.EMERGENCY,
        since=ports.at,
        until=ports.at + LASTS,
        warrant=Warrant(WarrantKind.NOBODY, who.actor),
        asked_by=who.actor,
    )
    _announce(opened, command, who, ports)
    sealed = ports.seal(opened.person, command.words.encode())
    ports.relationships.keep_words(opened.id, opened.person, sealed)
    ports.relationships.add([opened])
    return opened


def close_now(
    practitioner: PractitionerId,
    person: PersonId,
    *,
    relationships: PostgresRelationships,
    ledger: Ledger,
    at: datetime,
) -> int:
    """End what the practitioner opened for a short time with this person; gives how much that was.

    Whoever is with a family leaves everybody who confirmed that they are there.
    """
    passing = relationships.passing(practitioner)
    is_here = any(r.ground is RelationshipGround.FAMILY_CONFIRMED for r in passing)
    closing = [r for r in passing if r.person == person or (is_here and _is_presence(r))]
    relationships.add([replace(r, until=at) for r in closing])
    actor = f"practitioner:{practitioner}"
    ledger.append([entry_of_ending(r, "closed", at=at, actor=actor) for r in closing])
    return len(closing)


def _is_presence(relationship: HeldRelationship) -> bool:
    return relationship.ground is RelationshipGround.FAMILY_CONFIRMED


def _why_not(
    command: OpenEmergency, who: SignedInPractitioner, ports: Emergencies
) -> EmergencyRefusal | None:
    """The role, the sign-in and the number first: they tell nothing of the person."""
    if who.role not in OPENS_FAMILY_RECORDS:
        return EmergencyRefusal.ROLE
    if not timedelta() <= ports.at - command.signed_in_at <= FRESH:
        return EmergencyRefusal.NOT_FRESH
    not_reviewed = ports.queue.count_open(ItemKind.EMERGENCY, by=who.actor, since=ports.at - _A_DAY)
    if not_reviewed >= MOST_NOT_REVIEWED:
        return EmergencyRefusal.TOO_MANY
    person = command.person or _NOBODY  # is asked about as somebody known is
    found = ports.relationships.may_open(who.id, [person])[person]
    if command.person is None:
        return EmergencyRefusal.NOBODY
    return EmergencyRefusal.RESTRICTED if found.is_restricted else None


def _announce(
    opened: HeldRelationship,
    command: OpenEmergency,
    who: SignedInPractitioner,
    ports: Emergencies,
) -> None:
    """Governance has it in its queue, and the family's workers on their lists, before it opens."""
    raise_item(
        ItemKind.EMERGENCY,
        opened.id,
        by=who.actor,
        queue=ports.queue,
        ledger=ports.ledger,
        at=ports.at,
        person=opened.person,
    )
    because: dict[str, FieldValue] = {
        "relationship": opened.id,
        "person": opened.person,
        "reason": command.reason,
        "why_not_asked": command.why_not_asked,
    }
    entry = ledger_entry(
        LedgerEvent.EMERGENCY_ACCESS_ANNOUNCED, because, at=ports.at, actor=who.actor
    )
    ports.ledger.append([entry, entry_of_making(opened, at=ports.at)])


def _entry_of_refusal(
    command: OpenEmergency, refusal: EmergencyRefusal, who: SignedInPractitioner, at: datetime
) -> LedgerEntry:
    fields: dict[str, FieldValue] = {
        "ground": RelationshipGround.EMERGENCY,
        "person": [] if command.person is None else [command.person],
        "because": refusal,
    }
    return ledger_entry(LedgerEvent.RELATIONSHIP_REFUSED, fields, at=at, actor=who.actor)

"""Emergency: announced before it opens, for half an hour, and looked at afterwards.

The one exception to two hands (DESIGN.md section 16). It opens what `consent.question.Reach` says
and nothing more, never over a restriction; whoever has opened three that nobody has looked at yet
opens no fourth alone, unless they stand in for somebody on a rota (`fourth.py`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from consent.ledger import FieldValue, ledger_entry, new_entry_id
from consent.ledger.events import LedgerEvent
from consent.model import RelationshipGround
from consent.ports import Ledger
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import OPENS_FAMILY_RECORDS, LabelledCode
from services.people.governance.postgres import PostgresOrders, PostgresQueue
from services.people.governance.queue import ItemKind, raise_item
from services.people.practitioners.people import SignedInPractitioner, is_fresh
from services.people.practitioners.postgres_directory import PostgresDirectory
from services.people.practitioners.postgres_limits import PostgresLimits
from services.people.relationships.model import (
    EmergencyReason,
    EmergencyTold,
    HeldRelationship,
    Warrant,
    WarrantKind,
    WhyNotAsked,
    entry_of_ending,
    entry_of_making,
)
from services.people.relationships.postgres import PostgresRelationships
from services.people.relationships.postgres_emergencies import PostgresEmergencies
from services.people.relationships.postgres_requests import PostgresRequests

LASTS = timedelta(minutes=30)
MOST_NOT_REVIEWED = 3
_A_DAY = timedelta(days=1)
_NOBODY = PersonId("0" * 32)


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
    concerned: PostgresEmergencies
    queue: PostgresQueue
    orders: PostgresOrders
    rota: PostgresRequests
    directory: PostgresDirectory
    limits: PostgresLimits
    ledger: Ledger
    seal: Callable[[PersonId, bytes], bytes]
    at: datetime


def open_emergency(
    command: OpenEmergency, who: SignedInPractitioner, *, ports: Emergencies
) -> HeldRelationship | EmergencyRefusal:
    """Open it from now on, or say why not. Both are entered; what opens is in the queue first."""
    refusal = _why_not(command, who, ports)
    if refusal is not None or command.person is None:
        return refuse(command, refusal or EmergencyRefusal.NOBODY, by=who, ports=ports)
    relationship = str(new_entry_id(ports.at))
    sealed = ports.seal(command.person, command.words.encode())
    ports.relationships.keep_words(relationship, command.person, sealed)
    alone = Warrant(WarrantKind.NOBODY, who.actor)
    return open_announced(relationship, command.person, command, who, alone, ports=ports)


def open_announced(
    relationship: str,
    person: PersonId,
    command: OpenEmergency,
    who: SignedInPractitioner,
    warrant: Warrant,
    *,
    ports: Emergencies,
) -> HeldRelationship:
    """Tell governance and the person's workers, and then open it. Whoever calls has asked may."""
    opened = HeldRelationship(
        id=relationship,
        person=person,
        agency=who.agency_code,
        practitioner=who.id,
        ground=RelationshipGround.EMERGENCY,
        since=ports.at,
        until=ports.at + LASTS,
        warrant=warrant,
        asked_by=who.actor,
    )
    _announce(opened, command, who, ports)
    ports.relationships.add([opened])
    return opened


def refuse(
    command: OpenEmergency,
    because: EmergencyRefusal,
    *,
    by: SignedInPractitioner,
    ports: Emergencies,
) -> EmergencyRefusal:
    """Enter that nothing was opened; `by` is who acts, the asker or their colleague."""
    fields: dict[str, FieldValue] = {
        "ground": RelationshipGround.EMERGENCY,
        "person": [] if command.person is None else [command.person],
        "because": because,
    }
    entry = ledger_entry(LedgerEvent.RELATIONSHIP_REFUSED, fields, at=ports.at, actor=by.actor)
    ports.ledger.append([entry])
    return because


# What the person's workers are told of, on their own page.


def unseen(who: SignedInPractitioner, *, ports: Emergencies) -> Sequence[EmergencyTold]:
    """Emergencies that the practitioner was told of and has not seen, of whom they may know now."""
    told = ports.concerned.unseen(who.id)
    found = ports.relationships.may_open(who.id, {one.person for one in told}) if told else {}
    return [
        one
        for one in told
        if found[one.person].relationships and not found[one.person].is_restricted
    ]


def see(relationship: str, who: SignedInPractitioner, *, ports: Emergencies) -> bool:
    """Write down that they have seen it; false, which is entered, where it is not theirs to see."""
    is_theirs = ports.concerned.see(relationship, who.id)
    event = LedgerEvent.EMERGENCY_ACCESS_SEEN
    fields: dict[str, FieldValue] = {"relationship": relationship}
    if not is_theirs:
        event, fields = LedgerEvent.EMERGENCY_ACCESS_SEEN_REFUSED, {"because": "is-not-there"}
    ports.ledger.append([ledger_entry(event, fields, at=ports.at, actor=who.actor)])
    return is_theirs


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
    if not is_fresh(command.signed_in_at, ports.at):
        return EmergencyRefusal.NOT_FRESH
    not_reviewed = ports.queue.count_open(ItemKind.EMERGENCY, by=who.actor, since=ports.at - _A_DAY)
    if not_reviewed >= MOST_NOT_REVIEWED and not ports.rota.is_on_rota(who.id, at=ports.at):
        return EmergencyRefusal.TOO_MANY
    return hidden(command, who, ports)


def hidden(
    command: OpenEmergency, who: SignedInPractitioner, ports: Emergencies
) -> EmergencyRefusal | None:
    """Whether there is nobody, or somebody protected from them: one answer, found in one way."""
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
    """Governance has it in its queue, and the person's workers on their pages, before it opens."""
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
    announced = LedgerEvent.EMERGENCY_ACCESS_ANNOUNCED
    entries = [ledger_entry(announced, because, at=ports.at, actor=who.actor)]
    workers = [one for one in ports.concerned.workers(opened.person) if one != who.id]
    if workers:
        ports.concerned.tell(opened, command.reason, workers)
        told: dict[str, FieldValue] = {"relationship": opened.id, "practitioners": workers}
        event = LedgerEvent.EMERGENCY_ACCESS_TOLD
        entries.append(ledger_entry(event, told, at=ports.at, actor=who.actor))
    ports.ledger.append([*entries, entry_of_making(opened, at=ports.at)])

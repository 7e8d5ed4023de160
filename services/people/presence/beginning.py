"""A presence begins with a practitioner's word, opens by a second hand, and ends by the clock."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from consent.circumstances import Circumstances, Present, is_confirmable
from consent.ledger import FieldValue, entry_id_for, new_entry_id
from consent.ledger.events import LedgerEvent
from consent.model import RelationshipGround
from schemas.identifiers import PersonId
from schemas.records.message import Subject
from schemas.vocabulary import OPENS_FAMILY_RECORDS, IdentifierScheme
from services.people.practitioners.people import (
    SignedInPractitioner,
    SubjectEntry,
    subject_of,
)
from services.people.presence.model import (
    LASTS,
    VISIT,
    ConfirmedPresence,
    PresenceBegun,
    WithWhom,
)
from services.people.presence.ports import Presences
from services.people.relationships.model import (
    HeldRelationship,
    Warrant,
    entry_of_making,
)
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.sealing import open_at_rest, seal_at_rest

_NOBODY = PersonId("0" * 32)
_DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True, repr=False)
class BeginPresence:
    """Order: a family is with this practitioner. `about` is whose record it is, opened or typed."""

    about: PersonId | SubjectEntry
    with_whom: WithWhom
    in_the_room: frozenset[Present]


def begin(
    order: BeginPresence, who: SignedInPractitioner, *, presences: Presences
) -> PresenceBegun:
    """Keep that a family is there. It opens nothing, and is the same whoever was meant."""
    presence_id = str(new_entry_id(presences.at))
    typed = order.about if isinstance(order.about, SubjectEntry) else None
    presence = PresenceBegun(
        id=presence_id,
        practitioner=who.id,
        agency=who.agency_code,
        person=_person_meant(order.about, who, presences),
        asked_about=_asked_about(order.about, presences.hasher),
        with_whom=order.with_whom,
        in_the_room=order.in_the_room,
        began_at=presences.at,
        lapses_at=presences.at + VISIT,
        sealed_subject=None if typed is None else _sealed(typed, presence_id, presences),
    )
    presences.rows.begin(presence)
    fields: dict[str, FieldValue] = {
        "presence": presence.id,
        "person": _ids(presence.person),
        "with": presence.with_whom,
        "in_the_room": presence.in_the_room,
    }
    presences.enter(LedgerEvent.PRESENCE_BEGUN, fields, by=who.actor)
    return presence


def may_be_confirmed(presence: PresenceBegun) -> bool:
    """Whether who is there is free to say who they are: not before a partner or by a relative."""
    return is_confirmable(Circumstances(present=presence.in_the_room))


def open_to(
    presence: PresenceBegun,
    person: PersonId,
    who: SignedInPractitioner,
    warrant: Warrant,
    *,
    by: SignedInPractitioner,
    presences: Presences,
) -> ConfirmedPresence | None:
    """Let the practitioner ask about the person, and their children, for one hour.

    Whoever calls has seen the warrant; `by` is who acts, in whose name it is entered. None where
    nothing is opened: who is not free to say, a visit that is over or was confirmed before, or a
    role that opens no records.
    """
    is_over = not presence.is_going_on(presences.at)
    was_before = presences.rows.confirmed(presence.id) is not None
    if is_over or was_before or not may_be_confirmed(presence):
        return None
    if who.role not in OPENS_FAMILY_RECORDS:
        return None
    until = presences.at + LASTS
    persons = [person, *_children(presence, person, who, presences)]
    made = [_relationship(presence, each, who, warrant, presences.at) for each in persons]
    presences.relationships.add(made)
    confirmed = ConfirmedPresence(
        presence.id, person, tuple(one.id for one in made), presences.at, until
    )
    kind, reference = warrant.kind.value, warrant.reference
    presences.rows.confirm(confirmed, warrant=kind, reference=reference)
    presences.ledger.append([entry_of_making(one, at=presences.at) for one in made])
    fields: dict[str, FieldValue] = {
        "presence": presence.id,
        "subjects": persons,
        "warrant": kind,
        "reference": reference,
        "until": until,
    }
    presences.enter(LedgerEvent.PRESENCE_CONFIRMED, fields, by=by.actor)
    return confirmed


def still_open(presence: PresenceBegun, *, presences: Presences) -> ConfirmedPresence | None:
    """What was confirmed of a presence, while it opens anything: neither over nor closed."""
    confirmed = presences.rows.confirmed(presence.id)
    if confirmed is None:
        return None
    found = presences.relationships.find(confirmed.relationships).values()
    ends = [one.until for one in found if one.until is not None and one.since <= presences.at]
    return confirmed if any(presences.at < end for end in ends) else None


def own_presence(
    presence_id: str, who: SignedInPractitioner, *, presences: Presences
) -> PresenceBegun | None:
    """A presence of the practitioner's own, while the visit lasts."""
    found = presences.rows.find(presence_id)
    if found is None or found.practitioner != who.id or not found.is_going_on(presences.at):
        return None
    return found


def typed_subject(presence: PresenceBegun, *, presences: Presences) -> Subject | None:
    """Whom the practitioner typed, where they did not come from a record."""
    sealed = presence.sealed_subject
    if sealed is None:
        return None
    return subject_as_typed(sealed, presence.id, key=presences.sheet_key)


def subject_as_typed(sealed: bytes, presence_id: str, *, key: bytes) -> Subject:
    """Whom somebody typed when this presence began, opened."""
    stated = orjson.loads(open_at_rest(key, sealed, bound_to=_bound_to(presence_id)))
    scheme, value, born = IdentifierScheme(stated["scheme"]), stated["value"], stated["born"]
    return subject_of(SubjectEntry(scheme, value, datetime.fromisoformat(born).date()))


def _person_meant(
    about: PersonId | SubjectEntry, who: SignedInPractitioner, presences: Presences
) -> PersonId | None:
    """Who is known by that, unless they are protected from this practitioner."""
    if isinstance(about, SubjectEntry):
        found = presences.persons.typed(subject_of(about))
    else:
        found = about if presences.persons.exists(about) else None
    hidden = _protected_from(who, [found or _NOBODY], presences)
    return None if found in hidden else found


def _protected_from(
    who: SignedInPractitioner, persons: Collection[PersonId], presences: Presences
) -> Collection[PersonId]:
    on_record = presences.decisions.on_record(persons)
    return {
        person
        for person, known in on_record.items()
        if any(r.is_in_force(presences.at) and who.id not in r.allowed for r in known.restrictions)
        or any(e.is_in_force(presences.at) and e.keeps_out(who.id) for e in known.exclusions)
    }


def _children(
    presence: PresenceBegun, person: PersonId, who: SignedInPractitioner, presences: Presences
) -> Sequence[PersonId]:
    """The children of a parent who is there themselves; a child's record is only its own."""
    if presence.with_whom is not WithWhom.THEMSELVES:
        return []
    told, known = presences.contacts.children_of(person), presences.children_of(person)
    children = sorted({*told, *known} - {person})
    hidden = _protected_from(who, children, presences) if children else ()
    return [child for child in children if child not in hidden]


def _relationship(
    presence: PresenceBegun,
    person: PersonId,
    who: SignedInPractitioner,
    warrant: Warrant,
    at: datetime,
) -> HeldRelationship:
    return HeldRelationship(
        id=str(entry_id_for("presence-relationship", presence.id, person)),
        person=person,
        agency=who.agency_code,
        practitioner=who.id,
        ground=RelationshipGround.FAMILY_CONFIRMED,
        since=at,
        until=at + LASTS,
        warrant=warrant,
        asked_by=who.actor,
    )


def _asked_about(about: PersonId | SubjectEntry, hasher: KeyedHasher) -> bytes:
    if isinstance(about, SubjectEntry):
        parts = (about.scheme.value, about.value, about.date_of_birth.isoformat())
    else:
        parts = ("person", about, "")
    return hasher.digest("presence-about", *parts)[:_DIGEST_BYTES]


def _sealed(typed: SubjectEntry, presence_id: str, presences: Presences) -> bytes:
    born = typed.date_of_birth.isoformat()
    plain = orjson.dumps({"scheme": typed.scheme.value, "value": typed.value, "born": born})
    return seal_at_rest(presences.sheet_key, plain, bound_to=_bound_to(presence_id))


def _bound_to(presence_id: str) -> str:
    return f"presence-subject:{presence_id}"


def _ids(person: PersonId | None) -> Sequence[str]:
    return [] if person is None else [person]


def _as_told(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

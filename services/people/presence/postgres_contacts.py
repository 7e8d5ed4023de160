"""Contacts that sources hold, in PostgreSQL: found by keyed hashes, sealed under whose they are."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

import orjson
from sqlalchemy import Connection, Row, text

from connectors.publishing.contacts import OWN
from connectors.publishing.ports import ContactsCleared, ToldContacts
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Source
from services.people.persons.postgres_clusters import PostgresClusters
from services.people.presence.contacts import (
    MOST_PERSONS,
    Contact,
    ContactKind,
    HeldContact,
    Unusable,
    contact_from,
    contact_from_number,
)
from services.platform.errors import KeyDestroyedError
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.postgres import PersonKeys
from services.platform.keys.sealing import open_at_rest, seal_at_rest

_DIGEST_BYTES = 16
_KNOWN = text("""
    SELECT person_id, record_key, contact, version FROM contact_held
    WHERE source = :source AND person_id = ANY(:persons)
""")
# `first_at` stays: since when it has been held.
_PUT = text("""
    INSERT INTO contact_held AS held (person_id, source, agency_code, record_key, contact, held_as,
                                      other_person_id, version, sealed, first_at,
                                      seen_at)
    VALUES (:person, :source, :agency, :record, :contact, :held_as, :other, :version, :sealed, :at,
            :at)
    ON CONFLICT (person_id, source, record_key, contact) DO UPDATE SET version = excluded.version,
        held_as = excluded.held_as, other_person_id = excluded.other_person_id,
        sealed = excluded.sealed, seen_at = excluded.seen_at
    WHERE held.version < excluded.version
""")
_FORGET = text("""
    DELETE FROM contact_held WHERE person_id = :person AND source = :source
        AND record_key = :record AND contact = ANY(CAST(:contacts AS bytea[]))
""")
_CLEAR = text("""
    DELETE FROM contact_held
    WHERE person_id = :person AND source = :source AND version < :version
        AND agency_code IN (:agency, '')
""")
# Held of a person, or as theirs in a child's record. With the keys, so that somebody of whom there
# is something costs no query more than somebody of whom there is nothing.
_OF = text("""
    SELECT h.*, p.wrapped_key FROM contact_held h JOIN person p USING (person_id)
    WHERE (h.person_id = ANY(:persons) OR h.other_person_id = ANY(:persons))
        AND p.wrapped_key IS NOT NULL
    ORDER BY h.first_at, h.contact
""")
_HOLDERS = text("""
    SELECT contact, count(DISTINCT person_id) AS persons FROM contact_held
    WHERE contact = ANY(CAST(:contacts AS bytea[])) GROUP BY contact
""")
_CHILDREN = text("""
    SELECT DISTINCT person_id FROM contact_held WHERE other_person_id = ANY(:persons)
""")
_MARKED = text("""
    SELECT contact, practitioner_id FROM contact_mark
    WHERE contact = ANY(CAST(:contacts AS bytea[])) AND practitioner_id IN ('', :practitioner)
""")
_MARK = text("""
    INSERT INTO contact_mark (contact, kind, practitioner_id, marked_by, marked_at)
    VALUES (:contact, :kind, :practitioner, :by, :at) ON CONFLICT DO NOTHING
""")
_WORKERS = text("""
    SELECT telephone FROM practitioner WHERE telephone IS NOT NULL
    UNION SELECT telephone FROM agency WHERE telephone IS NOT NULL
""")


def contact_digest(contact: Contact, hasher: KeyedHasher) -> bytes:
    """The keyed hash by which a contact is known."""
    return hasher.digest("contact", contact.kind.value, contact.value)[:_DIGEST_BYTES]


class PostgresContactsHeld:
    """connectors.publishing.ports.HeldContacts, of one source in one transaction."""

    def __init__(
        self,
        connection: Connection,
        hasher: KeyedHasher,
        keys: PersonKeys,
        source: Source,
        *,
        at: datetime,
    ) -> None:
        self._connection = connection
        self._hasher = hasher
        self._keys = keys
        self._source = source
        self._at = at

    def keep(self, told: Sequence[ToldContacts], cleared: Sequence[ContactsCleared]) -> None:
        """Keep what is new and forget what is told no more; an older version changes nothing."""
        persons = {one.person for one in told}
        known = self._known(persons) if persons else {}
        latest = {(one.person, self._record_key(one)): one for one in _in_order(told)}
        self._keys.load(persons)
        for (person, record), one in latest.items():
            held = known.get((person, record), {})
            if not held or one.version >= max(held.values()):
                self._take(record, one, held)
        for each in cleared:
            wanted = {"person": each.person, "source": self._source.value}
            more = {"version": each.version, "agency": each.agency}
            self._connection.execute(_CLEAR, wanted | more)

    def _known(
        self, persons: Collection[PersonId]
    ) -> Mapping[tuple[PersonId, str], Mapping[bytes, str]]:
        """The contacts of each record that is kept of these persons, with their versions."""
        wanted = {"source": self._source.value, "persons": sorted(persons)}
        found: dict[tuple[PersonId, str], dict[bytes, str]] = {}
        for row in self._connection.execute(_KNOWN, wanted):
            place = PersonId(row.person_id), row.record_key
            found.setdefault(place, {})[bytes(row.contact)] = row.version
        return found

    def _take(self, record: str, one: ToldContacts, held: Mapping[bytes, str]) -> None:
        contacts = [c for telecom in one.telecoms if (c := contact_from(telecom)) is not None]
        stated = {contact_digest(contact, self._hasher): contact for contact in contacts}
        same = {
            "person": one.person,
            "source": self._source.value,
            "record": record,
            "held_as": one.held_as,
            "other": one.other,
            "version": one.version,
            "agency": one.agency,
            "at": self._at,
        }
        gone = [digest for digest in held if digest not in stated]
        if gone:
            self._connection.execute(_FORGET, same | {"contacts": gone})
        new = {d: c for d, c in stated.items() if held.get(d, "") < one.version}
        with suppress(KeyDestroyedError):  # of who was erased nothing is kept
            for digest, contact in new.items():
                sealed = self._sealed(one, digest, contact)
                self._connection.execute(_PUT, {**same, "contact": digest, "sealed": sealed})

    def _sealed(self, one: ToldContacts, digest: bytes, contact: Contact) -> bytes:
        plain = orjson.dumps([contact.kind.value, contact.value, one.name])
        key = self._keys.data_key(one.person)
        return seal_at_rest(key, plain, bound_to=_bound_to(one.person, digest))

    def _record_key(self, one: ToldContacts) -> str:
        """Of its agency: whatever another calls a record, it means none of theirs."""
        return self._hasher.opaque("contacts-of", self._source, one.agency, one.record)[:32]


class PostgresContacts:
    """What is held of people's contacts as one transaction sees it, and what speaks against it."""

    def __init__(
        self,
        connection: Connection,
        hasher: KeyedHasher,
        keys: PersonKeys,
        clusters: PostgresClusters,
    ) -> None:
        self._connection = connection
        self._hasher = hasher
        self._keys = keys
        self._clusters = clusters

    def of(self, person: PersonId | None) -> Sequence[HeldContact]:
        """The contacts of a person that sources hold, opened; those held longest first."""
        persons = [] if person is None else self._clusters.all_of([person])
        rows = self._connection.execute(_OF, {"persons": persons}).all()
        for row in rows:
            self._keys.remember(PersonId(row.person_id), bytes(row.wrapped_key))
        shared = self._shared(rows)
        found = [self._opened(row, persons) for row in rows]
        return [replace(one, is_shared=one.digest in shared) for one in found if one is not None]

    def unusable(self, held: Sequence[HeldContact], practitioner: PractitionerId) -> Unusable:
        """Which of these were marked, and which are of the practitioner or of any who work here."""
        contacts = sorted({one.digest for one in held})
        wanted = {"contacts": contacts, "practitioner": practitioner}
        rows = self._connection.execute(_MARKED, wanted).all()
        marked = frozenset(bytes(row.contact) for row in rows if not row.practitioner_id)
        own = {bytes(row.contact) for row in rows if row.practitioner_id}
        return Unusable(marked, frozenset(own | self._of_workers()))

    def children_of(self, person: PersonId) -> Collection[PersonId]:
        """The children in whose records a source names the person as who answers for them."""
        rows = self._connection.execute(_CHILDREN, {"persons": self._clusters.all_of([person])})
        return {PersonId(row.person_id) for row in rows}

    def mark(
        self,
        contact: bytes,
        kind: str,
        *,
        by: str,
        at: datetime,
        practitioner: PractitionerId | None = None,
    ) -> None:
        """Let no code go there any more: for nobody, or for one practitioner whose own it is."""
        wanted = {"contact": contact, "kind": kind, "practitioner": practitioner or ""}
        self._connection.execute(_MARK, {**wanted, "by": by, "at": at})

    def _of_workers(self) -> set[bytes]:
        rows = self._connection.execute(_WORKERS).all()
        contacts = (contact_from_number(row.telephone) for row in rows)
        return {contact_digest(c, self._hasher) for c in contacts if c is not None}

    def _shared(self, rows: Iterable[Row[tuple[object, ...]]]) -> frozenset[bytes]:
        """Those told of two people who answer for one child, and those held of too many."""
        as_whose = {(r.person_id, bytes(r.contact), r.held_as) for r in rows if r.held_as != OWN}
        times = Counter((person, contact) for person, contact, _ in as_whose)
        of_two = {contact for (_, contact), number in times.items() if number > 1}
        contacts = sorted({bytes(row.contact) for row in rows})
        holders = self._connection.execute(_HOLDERS, {"contacts": contacts})
        return frozenset(of_two | {bytes(h.contact) for h in holders if h.persons > MOST_PERSONS})

    def _opened(
        self, row: Row[tuple[object, ...]], persons: Collection[PersonId]
    ) -> HeldContact | None:
        person, digest = PersonId(row.person_id), bytes(row.contact)
        try:
            key = self._keys.data_key(person)
        except KeyDestroyedError:
            return None
        plain = open_at_rest(key, bytes(row.sealed), bound_to=_bound_to(person, digest))
        kind, value, name = orjson.loads(plain)
        return HeldContact(
            person,
            Source(row.source),
            row.agency_code,
            digest,
            OWN if row.other_person_id in persons else row.held_as,
            row.first_at,
            Contact(ContactKind(kind), value),
            name,
        )


def _in_order(told: Sequence[ToldContacts]) -> Sequence[ToldContacts]:
    return sorted(told, key=lambda one: one.version)


def _bound_to(person: PersonId, digest: bytes) -> str:
    return f"contact:{person}:{digest.hex()}"

"""Contacts that sources hold, in PostgreSQL: found by keyed hashes, sealed under whose they are."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

import orjson
from sqlalchemy import Connection, Row, text

from connectors.publishing.ports import ContactsCleared, ToldContacts
from connectors.publishing.telling.contacts import OWN
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Source
from services.ledger.bound_tables import CONTACT_MARKS, CONTACTS
from services.ledger.postgres_bound import BoundRows
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
# So that of nobody the same is asked, and takes as long, as of somebody.
_NOBODY = PersonId("0" * 32)
# What a contact is and which version told it last; since when it is held is history beside it.
_KNOWN = text("""
    SELECT person_id, record_key, contact, version FROM contact_told
    WHERE source = :source AND person_id = ANY(:persons)
""")
_PUT = text("""
    INSERT INTO contact_told AS told (person_id, source, agency_code, record_key, contact,
                                      other_person_id, version, sealed, seen_at)
    VALUES (:person, :source, :agency, :record, :contact, :other, :version, :sealed, :at)
    ON CONFLICT (person_id, source, record_key, contact) DO UPDATE SET version = excluded.version,
        other_person_id = excluded.other_person_id, sealed = excluded.sealed,
        seen_at = excluded.seen_at
    WHERE told.version < excluded.version
    RETURNING contact
""")
_FORGET = text("""
    DELETE FROM contact_told WHERE person_id = :person AND source = :source
        AND record_key = :record AND contact = ANY(CAST(:contacts AS bytea[]))
""")
_CLEAR = text("""
    DELETE FROM contact_told
    WHERE person_id = :person AND source = :source AND version < :version
        AND agency_code IN (:agency, '')
    RETURNING record_key, contact
""")
_LATEST = """
    NOT EXISTS (SELECT FROM contact_held later
                WHERE later.person_id = h.person_id AND later.source = h.source
                  AND later.record_key = h.record_key AND later.contact = h.contact
                  AND later.state > h.state)
"""
_STATES = text(f"""
    SELECT h.* FROM contact_held h
    WHERE h.person_id = :person AND h.source = :source AND h.record_key = :record
      AND h.contact = ANY(CAST(:contacts AS bytea[])) AND {_LATEST}
""")  # noqa: S608 of constant parts
# Held of a person, or as theirs in a child's record. With the keys, so that somebody of whom there
# is something costs no query more than somebody of whom there is nothing.
_OF = text(f"""
    SELECT h.*, told.sealed, p.wrapped_key
    FROM contact_held h JOIN person p USING (person_id)
        JOIN contact_told told USING (person_id, source, record_key, contact)
    WHERE (h.person_id = ANY(:persons) OR h.other_person_id = ANY(:persons))
        AND p.wrapped_key IS NOT NULL AND h.until IS NULL AND {_LATEST}
    ORDER BY h.since, h.contact
""")  # noqa: S608 as above
_HOLDERS = text(f"""
    SELECT h.contact, count(DISTINCT h.person_id) AS persons FROM contact_held h
    WHERE h.contact = ANY(CAST(:contacts AS bytea[])) AND h.until IS NULL AND {_LATEST}
    GROUP BY h.contact
""")  # noqa: S608 as above
_CHILDREN = text(f"""
    SELECT h.* FROM contact_held h
    WHERE h.other_person_id = ANY(:persons) AND h.until IS NULL AND {_LATEST}
""")  # noqa: S608 as above
_MARKED = text("""
    SELECT contact, practitioner_id FROM contact_mark
    WHERE contact = ANY(CAST(:contacts AS bytea[])) AND practitioner_id IN ('', :practitioner)
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
        bound: BoundRows,
        *,
        at: datetime,
    ) -> None:
        self._connection = connection
        self._hasher = hasher
        self._keys = keys
        self._source = source
        self._bound = bound
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
            gone: dict[str, list[bytes]] = {}
            for row in self._connection.execute(_CLEAR, wanted | more):
                gone.setdefault(row.record_key, []).append(bytes(row.contact))
            for record, digests in gone.items():
                self._enter(each.person, record, ended=digests)

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
            self._enter(one.person, record, ended=gone)
        new = {d: c for d, c in stated.items() if held.get(d, "") < one.version}
        kept: list[bytes] = []
        with suppress(KeyDestroyedError):  # of who was erased nothing is kept
            for digest, contact in new.items():
                sealed = self._sealed(one, digest, contact)
                put = {**same, "contact": digest, "sealed": sealed}
                kept += map(bytes, self._connection.execute(_PUT, put).scalars())
        if kept:
            self._enter(one.person, record, told=one, begun=kept, known=held)

    def _enter(
        self,
        person: PersonId,
        record: str,
        *,
        ended: Collection[bytes] = (),
        told: ToldContacts | None = None,
        begun: Collection[bytes] = (),
        known: Collection[bytes] = (),
    ) -> None:
        """Write the states that follow of a record's contacts; what is as it was needs none.

        What was held until now is held since when it was first; what is not `known`, since now.
        """
        wanted = {"person": person, "source": self._source.value, "record": record}
        contacts = sorted({*ended, *begun})
        found = self._connection.execute(_STATES, wanted | {"contacts": contacts})
        before = {bytes(row.contact): row for row in found}
        rows: list[dict[str, object]] = []
        for digest in contacts:
            was = before.get(digest)
            goes_on = was is not None and was.until is None and digest in known
            row: dict[str, object] = {
                "person_id": person,
                "source": self._source.value,
                "record_key": record,
                "contact": digest,
                "state": 1 if was is None else was.state + 1,
                "known_at": self._at,
            }
            if told is not None:
                row |= {"agency_code": told.agency, "held_as": told.held_as}
                row |= {"other_person_id": told.other, "until": None}
                row["since"] = was.since if was is not None and goes_on else self._at
                if was is not None and goes_on and _says_as_much(was, row):
                    continue
            elif was is not None:
                row |= {"agency_code": was.agency_code, "held_as": was.held_as}
                row |= {"other_person_id": was.other_person_id, "since": was.since}
                row["until"] = max(self._at, was.since)
            else:
                continue
            rows.append(row)
        self._bound.add(CONTACTS, [(row, f"job:{self._source.value}") for row in rows])

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
        bound: BoundRows,
        *,
        have_died: Callable[[Collection[PersonId]], Collection[PersonId]],
    ) -> None:
        self._connection = connection
        self._hasher = hasher
        self._keys = keys
        self._clusters = clusters
        self._bound = bound
        self._have_died = have_died

    def of(self, person: PersonId | None) -> Sequence[HeldContact]:
        """The contacts of a person that sources hold, opened; those held longest first.

        None of who has died, or is reported to have: whoever has their telephone is not them.
        """
        persons = [] if person is None else self._clusters.all_of([person])
        rows = self._connection.execute(_OF, {"persons": persons}).all()
        dead = self._have_died({PersonId(_whose(row)) for row in rows} or {_NOBODY})
        rows = [row for row in rows if _whose(row) not in dead]
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
        return {PersonId(row.person_id) for row in rows if self._bound.holds(CONTACTS, row)}

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
        row = {
            "contact": contact,
            "kind": kind,
            "practitioner_id": practitioner or "",
            "state": 1,
            "marked_by": by,
            "marked_at": at,
        }
        self._bound.add(CONTACT_MARKS, [(row, by)])

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
        contact = Contact(ContactKind(kind), value)
        is_as_written = self._bound.holds(CONTACTS, row)
        return HeldContact(
            person,
            Source(row.source),
            row.agency_code,
            digest,
            OWN if row.other_person_id in persons else row.held_as,
            row.since,
            contact,
            name,
            is_as_written=is_as_written and contact_digest(contact, self._hasher) == digest,
        )


def _whose(row: Row[tuple[object, ...]]) -> str:
    return str(row.other_person_id or row.person_id)


def _says_as_much(was: Row[tuple[object, ...]], row: Mapping[str, object]) -> bool:
    return all(
        getattr(was, name) == row[name] for name in ("agency_code", "held_as", "other_person_id")
    )


def _in_order(told: Sequence[ToldContacts]) -> Sequence[ToldContacts]:
    return sorted(told, key=lambda one: one.version)


def _bound_to(person: PersonId, digest: bytes) -> str:
    return f"contact:{person}:{digest.hex()}"

"""Contacts that sources hold, in PostgreSQL: found by keyed hashes, sealed under whose they are."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import orjson
from sqlalchemy import Connection, Row, text

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
    contact_from_number,
)
from services.people.presence.postgres_contacts_held import (
    LATEST,
    bound_to_contact,
    contact_digest,
)
from services.platform.errors import KeyDestroyedError
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.postgres import PersonKeys
from services.platform.keys.sealing import open_at_rest

# So that of nobody the same is asked, and takes as long, as of somebody.
_NOBODY = PersonId("0" * 32)
# Held of a person, or as theirs in a child's record. With the keys, so that somebody of whom there
# is something costs no query more than somebody of whom there is nothing.
CONTACTS_OF = text(f"""
    SELECT h.*, told.sealed, p.wrapped_key
    FROM contact_held h JOIN person p USING (person_id)
        JOIN contact_told told USING (person_id, source, record_key, contact)
    WHERE (h.person_id = ANY(:persons) OR h.other_person_id = ANY(:persons))
        AND p.wrapped_key IS NOT NULL AND h.until IS NULL AND {LATEST}
    ORDER BY h.since, h.contact
""")  # noqa: S608 of constant parts
HOLDERS = text(f"""
    SELECT h.contact, count(DISTINCT h.person_id) AS persons FROM contact_held h
    WHERE h.contact = ANY(CAST(:contacts AS bytea[])) AND h.until IS NULL AND {LATEST}
    GROUP BY h.contact
""")  # noqa: S608 as above
_CHILDREN = text(f"""
    SELECT h.* FROM contact_held h
    WHERE h.other_person_id = ANY(:persons) AND h.until IS NULL AND {LATEST}
""")  # noqa: S608 as above
MARKED = text("""
    SELECT contact, practitioner_id FROM contact_mark
    WHERE contact = ANY(CAST(:contacts AS bytea[])) AND practitioner_id IN ('', :practitioner)
""")
_WORKERS = text("""
    SELECT telephone FROM practitioner WHERE telephone IS NOT NULL
    UNION SELECT telephone FROM agency WHERE telephone IS NOT NULL
""")


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
        rows = self._connection.execute(CONTACTS_OF, {"persons": persons}).all()
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
        rows = self._connection.execute(MARKED, wanted).all()
        marked = frozenset(bytes(row.contact) for row in rows if not row.practitioner_id)
        own = {bytes(row.contact) for row in rows if row.practitioner_id}
        return Unusable(marked, frozenset(own | self._of_workers()))

    def marked(self, held: Sequence[HeldContact]) -> frozenset[bytes]:
        """Which of these were marked for everybody; the telephones of workers are not read."""
        contacts = sorted({one.digest for one in held})
        rows = self._connection.execute(MARKED, {"contacts": contacts, "practitioner": ""}).all()
        return frozenset(bytes(row.contact) for row in rows)

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
        holders = self._connection.execute(HOLDERS, {"contacts": contacts})
        return frozenset(of_two | {bytes(h.contact) for h in holders if h.persons > MOST_PERSONS})

    def _opened(
        self, row: Row[tuple[object, ...]], persons: Collection[PersonId]
    ) -> HeldContact | None:
        person, digest = PersonId(row.person_id), bytes(row.contact)
        try:
            key = self._keys.data_key(person)
        except KeyDestroyedError:
            return None
        plain = open_at_rest(key, bytes(row.sealed), bound_to=bound_to_contact(person, digest))
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

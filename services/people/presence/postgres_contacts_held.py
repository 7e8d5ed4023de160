"""What sources tell of contacts, kept as it changes: sealed under whose they are, a state a row."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

import orjson
from sqlalchemy import Connection, Row, text

from connectors.publishing.ports import ContactsCleared, ToldContacts
from schemas.identifiers import PersonId
from schemas.vocabulary import Source
from services.ledger.bound_tables import CONTACTS
from services.ledger.postgres_bound import BoundRows
from services.people.presence.contacts import Contact, contact_from
from services.platform.errors import KeyDestroyedError
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.postgres import PersonKeys
from services.platform.keys.sealing import seal_at_rest

_DIGEST_BYTES = 16
LATEST = """
    NOT EXISTS (SELECT FROM contact_held later
                WHERE later.person_id = h.person_id AND later.source = h.source
                  AND later.record_key = h.record_key AND later.contact = h.contact
                  AND later.state > h.state)
"""
# What a contact is and which version told it last; since when it is held is history beside it.
_KNOWN = text("""
    SELECT person_id, record_key, contact, version FROM contact_told
    WHERE source = :source AND person_id = ANY(:persons)
""")
_PUT = text("""
    INSERT INTO contact_told AS told (person_id, source, agency_code, record_key, contact,
                                      other_person_id, version, sealed, seen_at)
    SELECT person, :source, agency, record, contact, other, version, sealed, :at
    FROM unnest(CAST(:persons AS text[]), CAST(:agencies AS text[]), CAST(:records AS text[]),
                CAST(:contacts AS bytea[]), CAST(:others AS text[]), CAST(:versions AS text[]),
                CAST(:sealed AS bytea[]))
        AS new(person, agency, record, contact, other, version, sealed)
    ON CONFLICT (person_id, source, record_key, contact) DO UPDATE SET version = excluded.version,
        other_person_id = excluded.other_person_id, sealed = excluded.sealed,
        seen_at = excluded.seen_at
    WHERE told.version < excluded.version
    RETURNING person_id, record_key, contact
""")
_PLACES = """
    unnest(CAST(:persons AS text[]), CAST(:records AS text[]), CAST(:contacts AS bytea[]))
        AS place(person_id, record_key, contact)
"""
_FORGET = text(f"""
    DELETE FROM contact_told told USING {_PLACES}
    WHERE told.person_id = place.person_id AND told.source = :source
        AND told.record_key = place.record_key AND told.contact = place.contact
""")  # noqa: S608 of constant parts
_CLEAR = text("""
    DELETE FROM contact_told
    WHERE person_id = :person AND source = :source AND version < :version
        AND agency_code IN (:agency, '')
    RETURNING person_id, record_key, contact
""")
_STATES = text(f"""
    SELECT h.* FROM {_PLACES} JOIN contact_held h USING (person_id, record_key, contact)
    WHERE h.source = :source AND {LATEST}
""")  # noqa: S608 as above


def contact_digest(contact: Contact, hasher: KeyedHasher) -> bytes:
    """The keyed hash by which a contact is known."""
    return hasher.digest("contact", contact.kind.value, contact.value)[:_DIGEST_BYTES]


_Place = tuple[PersonId, str, bytes]
"""Where a contact is told: of whom, in which record, and the contact's keyed hash."""


@dataclass(frozen=True, slots=True, repr=False)
class _NewContact:
    """A contact that a record tells anew, or by a later version than is kept."""

    place: _Place
    told: ToldContacts
    sealed: bytes
    is_known: bool


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
        """Keep what is new and forget what is told no more; an older version changes nothing.

        One statement of each kind for all of them, whoever they are of.
        """
        persons = {one.person for one in told}
        known = self._known(persons) if persons else {}
        latest = {(one.person, self._record_key(one)): one for one in _in_order(told)}
        self._keys.load(persons)
        gone: list[_Place] = []
        new: list[_NewContact] = []
        for (person, record), one in latest.items():
            held = known.get((person, record), {})
            if not held or one.version >= max(held.values()):
                stated = self._stated(one)
                gone += [(person, record, digest) for digest in held if digest not in stated]
                new += self._new(record, one, stated, held)
        if gone:
            self._connection.execute(_FORGET, self._told_at(gone))
        self._enter(ended=gone, begun=self._put(new))
        self._enter(ended=self._clear(cleared))

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

    def _stated(self, one: ToldContacts) -> Mapping[bytes, Contact]:
        contacts = [c for telecom in one.telecoms if (c := contact_from(telecom)) is not None]
        return {contact_digest(contact, self._hasher): contact for contact in contacts}

    def _new(
        self,
        record: str,
        one: ToldContacts,
        stated: Mapping[bytes, Contact],
        held: Mapping[bytes, str],
    ) -> Sequence[_NewContact]:
        try:
            return [
                _NewContact(
                    (one.person, record, digest),
                    one,
                    self._sealed(one, digest, contact),
                    is_known=digest in held,
                )
                for digest, contact in stated.items()
                if held.get(digest, "") < one.version
            ]
        except KeyDestroyedError:  # of who was erased nothing is kept
            return []

    def _put(self, new: Sequence[_NewContact]) -> Mapping[_Place, _NewContact]:
        """Keep them; gives those of which nobody was quicker to keep a later version."""
        if not new:
            return {}
        # In one order, so that two who keep the same wait for one another and not crosswise.
        by_place = {one.place: one for one in sorted(new, key=lambda one: one.place)}
        more = {
            "agencies": [one.told.agency for one in by_place.values()],
            "others": [one.told.other for one in by_place.values()],
            "versions": [one.told.version for one in by_place.values()],
            "sealed": [one.sealed for one in by_place.values()],
            "at": self._at,
        }
        rows = self._connection.execute(_PUT, self._told_at(by_place) | more)
        return {place: by_place[place] for place in map(_place_in, rows)}

    def _clear(self, cleared: Sequence[ContactsCleared]) -> Sequence[_Place]:
        gone: list[_Place] = []
        for each in cleared:
            wanted = {"person": each.person, "source": self._source.value}
            more = {"version": each.version, "agency": each.agency}
            gone += map(_place_in, self._connection.execute(_CLEAR, wanted | more))
        return gone

    def _told_at(self, places: Collection[_Place]) -> dict[str, object]:
        persons, records, contacts = zip(*places, strict=True)
        return {
            "source": self._source.value,
            "persons": list(persons),
            "records": list(records),
            "contacts": list(contacts),
        }

    def _enter(
        self,
        *,
        ended: Collection[_Place],
        begun: Mapping[_Place, _NewContact] = MappingProxyType({}),
    ) -> None:
        """Write the states that follow of contacts; what is as it was needs none.

        What was held until now is held since when it was first; what was not known, since now.
        """
        places = sorted({*ended, *begun})
        if not places:
            return
        found = self._connection.execute(_STATES, self._told_at(places))
        before = {_place_in(row): row for row in found}
        rows = [
            row
            for place in places
            if (row := self._following(place, before.get(place), begun.get(place))) is not None
        ]
        self._bound.add(CONTACTS, [(row, f"job:{self._source.value}") for row in rows])

    def _following(
        self, place: _Place, was: Row[tuple[object, ...]] | None, new: _NewContact | None
    ) -> dict[str, object] | None:
        """The state after `was`, by what is told anew or that nothing is; None where none is."""
        person, record, digest = place
        row: dict[str, object] = {
            "person_id": person,
            "source": self._source.value,
            "record_key": record,
            "contact": digest,
            "state": 1 if was is None else was.state + 1,
            "known_at": self._at,
        }
        if new is not None:
            goes_on = was is not None and was.until is None and new.is_known
            row |= {"agency_code": new.told.agency, "held_as": new.told.held_as}
            row |= {"other_person_id": new.told.other, "until": None}
            row["since"] = was.since if was is not None and goes_on else self._at
            is_as_it_was = was is not None and goes_on and _says_as_much(was, row)
            return None if is_as_it_was else row
        if was is None:
            return None
        row |= {"agency_code": was.agency_code, "held_as": was.held_as}
        row |= {"other_person_id": was.other_person_id, "since": was.since}
        row["until"] = max(self._at, was.since)
        return row

    def _sealed(self, one: ToldContacts, digest: bytes, contact: Contact) -> bytes:
        plain = orjson.dumps([contact.kind.value, contact.value, one.name])
        key = self._keys.data_key(one.person)
        return seal_at_rest(key, plain, bound_to=bound_to_contact(one.person, digest))

    def _record_key(self, one: ToldContacts) -> str:
        """Of its agency: whatever another calls a record, it means none of theirs."""
        return self._hasher.opaque("contacts-of", self._source, one.agency, one.record)[:32]


def _place_in(row: Row[tuple[object, ...]]) -> _Place:
    return PersonId(row.person_id), row.record_key, bytes(row.contact)


def _says_as_much(was: Row[tuple[object, ...]], row: Mapping[str, object]) -> bool:
    return all(
        getattr(was, name) == row[name] for name in ("agency_code", "held_as", "other_person_id")
    )


def _in_order(told: Sequence[ToldContacts]) -> Sequence[ToldContacts]:
    return sorted(told, key=lambda one: one.version)


def bound_to_contact(person: PersonId, digest: bytes) -> str:
    """To what a sealed contact is bound: whose it is, and which."""
    return f"contact:{person}:{digest.hex()}"

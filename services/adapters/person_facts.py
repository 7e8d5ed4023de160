"""What sources say about who somebody is, sealed under that person's key, in PostgreSQL."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, text

from schemas.identifiers import PersonId
from schemas.vocabulary import Source
from services.adapters.facts_documents import document_from_facts, facts_from_document
from services.adapters.person_keys import PersonKeys
from services.adapters.sealing import open_at_rest, seal_at_rest
from services.errors import KeyDestroyedError
from services.linking.claims import Claim
from services.linking.facts import LinkFacts

# What a source says changes seldom; what it said long ago is no longer worth comparing.
_MOST_CLAIMS = 6

_KEYS = text("""
    SELECT person_id, facts_key, seen_at FROM person_facts
    WHERE person_id = ANY(:persons) AND source = :source ORDER BY seen_at, facts_id
""")
_ADD = text("""
    INSERT INTO person_facts (person_id, source, facts_key, sealed, seen_at)
    SELECT person, :source, key, sealed, :at
    FROM unnest(CAST(:persons AS text[]), CAST(:keys AS bytea[]), CAST(:sealed AS bytea[]))
         AS new(person, key, sealed)
    ON CONFLICT (person_id, source, facts_key) DO UPDATE SET seen_at = excluded.seen_at
    RETURNING facts_id, person_id, facts_key
""")
_TRIM = text("""
    DELETE FROM person_facts WHERE facts_id IN (
        SELECT facts_id FROM (
            SELECT facts_id, row_number() OVER (
                PARTITION BY person_id ORDER BY seen_at DESC, facts_id DESC) AS place
            FROM person_facts WHERE person_id = ANY(:persons) AND source = :source
        ) AS aged WHERE place > :most
    )
""")
_FORGET = text("""
    DELETE FROM person_facts WHERE person_id = ANY(:persons) AND source = :source
""")
_READ = text("""
    SELECT f.*, p.left_behind_at IS NOT NULL AS is_former, EXISTS (
        SELECT FROM restriction r WHERE r.person_id = f.person_id AND r.placed_at <= :at
            AND (r.lifted_at IS NULL OR r.lifted_at > :at)) AS is_protected
    FROM person_facts f JOIN person p USING (person_id)
    WHERE f.person_id = ANY(:persons) AND p.wrapped_key IS NOT NULL
    ORDER BY f.seen_at, f.facts_id
""")


@dataclass(frozen=True, slots=True, repr=False)
class NewFacts:
    """Facts to be kept of a person; `key` tells them from others without being opened."""

    person: PersonId
    key: bytes
    facts: LinkFacts


class PostgresPersonFacts:
    """Facts as one transaction sees them."""

    def __init__(self, connection: Connection, keys: PersonKeys) -> None:
        self._connection = connection
        self._keys = keys

    def newest_keys(
        self, persons: Collection[PersonId], source: Source
    ) -> Mapping[PersonId, bytes]:
        """What this source said last of each of the persons."""
        wanted = {"persons": list(persons), "source": source.value}
        rows = self._connection.execute(_KEYS, wanted)
        return {PersonId(row.person_id): bytes(row.facts_key) for row in rows}

    def add(
        self, new: Sequence[NewFacts], source: Source, *, at: datetime
    ) -> Mapping[int, LinkFacts]:
        """Keep them, as what the source said last; gives them by the id of their row."""
        if not new:
            return {}
        unique = {(one.person, one.key): one for one in new}
        ordered = [unique[place] for place in sorted(unique)]
        wanted = {
            "source": source.value,
            "at": at,
            "persons": [one.person for one in ordered],
            "keys": [one.key for one in ordered],
            "sealed": [self._sealed(one) for one in ordered],
        }
        rows = self._connection.execute(_ADD, wanted).all()
        persons = sorted({one.person for one in ordered})
        trimmed = {"persons": persons, "source": source.value, "most": _MOST_CLAIMS}
        self._connection.execute(_TRIM, trimmed)
        return {
            row.facts_id: unique[PersonId(row.person_id), bytes(row.facts_key)].facts
            for row in rows
        }

    def forget(self, persons: Collection[PersonId], source: Source) -> int:
        """Delete what this source said of them, search tokens with it; gives how many claims."""
        wanted = {"persons": sorted(persons), "source": source.value}
        return self._connection.execute(_FORGET, wanted).rowcount

    def claims(
        self, persons: Collection[PersonId], *, at: datetime
    ) -> Mapping[PersonId, Sequence[Claim]]:
        """What sources say of each of the persons, opened; nothing of those who were erased."""
        if not persons:
            return {}
        found: dict[PersonId, list[Claim]] = {}
        for claim in self._opened(persons, at):
            found.setdefault(claim.person, []).append(claim)
        return found

    def _opened(self, persons: Collection[PersonId], at: datetime) -> Iterator[Claim]:
        rows = self._connection.execute(_READ, {"persons": list(persons), "at": at}).all()
        self._keys.load({PersonId(row.person_id) for row in rows})
        for row in rows:
            person = PersonId(row.person_id)
            try:
                key = self._keys.data_key(person)
            except KeyDestroyedError:
                continue
            plain = open_at_rest(key, bytes(row.sealed), bound_to=_bound_to(person, row.facts_key))
            facts = replace(
                facts_from_document(plain), is_protected=row.is_protected, is_former=row.is_former
            )
            yield Claim(person, Source(row.source), facts, row.seen_at)

    def _sealed(self, one: NewFacts) -> bytes:
        key = self._keys.data_key(one.person)
        bound_to = _bound_to(one.person, one.key)
        return seal_at_rest(key, document_from_facts(one.facts), bound_to=bound_to)


def _bound_to(person: PersonId, facts_key: bytes) -> str:
    return f"facts:{person}:{bytes(facts_key).hex()}"

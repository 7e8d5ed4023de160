"""Every identifier that a source gave a person: its status, since when, until when, or ended."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from schemas.identifiers import Identifier, PersonId
from schemas.vocabulary import IdentifierScheme, IdentifierStatus, Source
from services.platform.keys.hashing import EndedKind, KeyedHasher, Token
from services.platform.keys.postgres import PersonKeys
from services.platform.keys.sealing import open_at_rest, seal_at_rest

_TOKEN_BYTES = 16

# What was in force until now ends when its source says that it is so no longer.
_KEEP = text("""
    INSERT INTO person_identifier (person_id, source, token, scheme, status, sealed, is_kept,
                                   valid_from, valid_until, seen_at)
    SELECT person, :source, token, scheme, status, sealed, :is_kept, :at,
           CASE WHEN status = ANY(:ended) THEN :at END, :at
    FROM unnest(CAST(:persons AS text[]), CAST(:tokens AS bytea[]), CAST(:schemes AS text[]),
                CAST(:statuses AS text[]), CAST(:sealed AS bytea[]))
         AS new(person, token, scheme, status, sealed)
    ON CONFLICT (person_id, source, token) DO UPDATE SET
        status = excluded.status, seen_at = excluded.seen_at, sealed = excluded.sealed,
        is_kept = excluded.is_kept,
        valid_until = CASE WHEN excluded.status = ANY(:ended)
            THEN coalesce(person_identifier.valid_until, excluded.valid_until) END
""")
_READ = text("""
    SELECT * FROM person_identifier WHERE person_id = ANY(:persons)
    ORDER BY person_id, scheme, valid_from, source, token
""")
_FORGET = text("""
    DELETE FROM person_identifier WHERE person_id = ANY(:persons) AND source = :source
""")
# Whoever else has a number of which it is said that one of these persons' took its place.
_HOLDERS_OF_REPLACED = text("""
    SELECT DISTINCT held.person_id FROM person_token AS ended
    JOIN person_token AS held ON held.token = ended.token AND held.kind = 'nhs-number'
    JOIN person AS p ON p.person_id = held.person_id AND p.wrapped_key IS NOT NULL
    WHERE ended.person_id = ANY(:persons) AND ended.kind = 'superseded'
      AND held.person_id <> ALL(:persons)
    ORDER BY held.person_id
""")
_OF_REPLACED = text("""
    SELECT DISTINCT person_id FROM person_token
    WHERE person_id = ANY(:persons) AND kind = 'superseded'
""")
_ENDED = [IdentifierStatus.SUPERSEDED.value, IdentifierStatus.INVALIDATED.value]


@dataclass(frozen=True, slots=True, repr=False)
class StoredIdentifier:
    """An identifier of a person as one source gave it; `valid_until` None while it is in force.

    `is_kept` where it came by a kept feed; that, its source and its status are sealed then.
    """

    person: PersonId
    source: Source
    identifier: Identifier
    valid_from: datetime
    valid_until: datetime | None
    is_kept: bool = False


class PostgresPersonIdentifiers:
    """Identifiers as one transaction sees them: values sealed under their person's key."""

    def __init__(self, connection: Connection, hasher: KeyedHasher, keys: PersonKeys) -> None:
        self._connection = connection
        self._hasher = hasher
        self._keys = keys
        self._none_replaced: set[PersonId] = set()

    def keep(
        self,
        stated: Sequence[tuple[Identifier, PersonId]],
        source: Source,
        *,
        at: datetime,
        is_kept: bool = False,
    ) -> None:
        """Write down what a source says now; what it said before stays as history."""
        rows = {(person, self._token(one)): one for one, person in stated}
        if not rows:
            return
        ordered = sorted(rows)
        wanted = {
            "source": source.value,
            "at": at,
            "ended": _ENDED,
            "persons": [person for person, _ in ordered],
            "tokens": [token for _, token in ordered],
            "schemes": [rows[place].scheme.value for place in ordered],
            "statuses": [rows[place].status.value for place in ordered],
            "is_kept": is_kept,
            "sealed": [
                self._sealed(person, token, rows[person, token], source if is_kept else None)
                for person, token in ordered
            ],
        }
        self._connection.execute(_KEEP, wanted)

    def of(self, persons: Collection[PersonId]) -> Iterator[StoredIdentifier]:
        """Every identifier of the persons, opened. Raises KeyDestroyedError for an erased one."""
        for row in self._connection.execute(_READ, {"persons": list(persons)}).all():
            person = PersonId(row.person_id)
            key = self._keys.data_key(person)
            scheme, status = IdentifierScheme(row.scheme), IdentifierStatus(row.status)
            source = Source(row.source)
            bound_to = _bound_to(person, bytes(row.token))
            if row.is_kept:
                bound_to = _bound_as_kept(bound_to, source, status)
            value = open_at_rest(key, bytes(row.sealed), bound_to=bound_to).decode()
            identifier = Identifier(scheme, value, status)
            times = (row.valid_from, row.valid_until)
            yield StoredIdentifier(person, source, identifier, *times, row.is_kept)

    def forget(self, persons: Collection[PersonId], source: Source) -> None:
        """Delete what this source gave."""
        wanted = {"persons": sorted(persons), "source": source.value}
        self._connection.execute(_FORGET, wanted)

    def holders_of_replaced(self, persons: Collection[PersonId]) -> Sequence[PersonId]:
        """Others who have an NHS number that was replaced by one of theirs, as a source says."""
        if self._none_replaced.issuperset(persons):
            return ()
        rows = self._connection.execute(_HOLDERS_OF_REPLACED, {"persons": list(persons)})
        return [PersonId(row.person_id) for row in rows]

    def look_ahead(self, persons: Collection[PersonId]) -> None:
        """Know of whom no number was replaced, so that nobody asks about each of them."""
        rows = self._connection.execute(_OF_REPLACED, {"persons": list(persons)})
        self._none_replaced.update(set(persons) - {row.person_id for row in rows})

    def _token(self, identifier: Identifier) -> bytes:
        parts = (identifier.scheme.value, identifier.value)
        return self._hasher.digest("identifier", *parts)[:_TOKEN_BYTES]

    def _sealed(
        self, person: PersonId, token: bytes, identifier: Identifier, kept: Source | None
    ) -> bytes:
        key, bound_to = self._keys.data_key(person), _bound_to(person, token)
        if kept is not None:
            bound_to = _bound_as_kept(bound_to, kept, identifier.status)
        return seal_at_rest(key, identifier.value.encode(), bound_to=bound_to)


def _bound_as_kept(bound_to: str, source: Source, status: IdentifierStatus) -> str:
    """So that nobody who can write to the database alone makes a claim of it one that counts."""
    return f"{bound_to}:{source}:{status}:kept"


def _bound_to(person: PersonId, token: bytes) -> str:
    return f"identifier:{person}:{token.hex()}"


# Numbers that are somebody's no longer: kept, so that what comes late still finds them.

# Also where somebody else is known by it: it stays theirs until the two are found to be one.
_INSERT = text("""
    INSERT INTO person_token (token, person_id, kind)
    SELECT token, person, kind
    FROM unnest(CAST(:tokens AS bytea[]), CAST(:persons AS text[]), CAST(:kinds AS text[]))
         AS new(token, person, kind)
    ON CONFLICT DO NOTHING
""")
_END = text("""
    UPDATE person_token SET kind = ended.kind
    FROM unnest(CAST(:tokens AS bytea[]), CAST(:persons AS text[]), CAST(:kinds AS text[]))
         AS ended(token, person, kind)
    WHERE person_token.token = ended.token AND person_token.person_id = ended.person
      AND person_token.kind <> ended.kind
""")


def end_tokens(
    connection: Connection, ended: Mapping[PersonId, Sequence[tuple[Token, EndedKind]]]
) -> None:
    """Write down that these numbers are the persons' no longer; nothing to do for most."""
    rows = [(t, person, kind) for person, tokens in ended.items() for t, kind in tokens]
    if not rows:
        return
    wanted = {
        "tokens": [token.value for token, _, _ in rows],
        "persons": [person for _, person, _ in rows],
        "kinds": [kind.value for _, _, kind in rows],
    }
    connection.execute(_INSERT, wanted)
    connection.execute(_END, wanted)

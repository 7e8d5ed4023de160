"""The data keys of persons, wrapped, in their rows: used one by one, or all counted and rotated."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, TextClause, text
from sqlalchemy.exc import IntegrityError

from schemas.identifiers import PersonId
from services.platform.errors import KeyDestroyedError, KeyUnusableError
from services.platform.keys.vault import KeyVault, WrappedKey

_DATA_KEY_BYTES = 32
WRAPPED_KEYS = text("SELECT person_id, wrapped_key FROM person WHERE person_id = ANY(:persons)")


class PersonKeys:
    """Data keys as one transaction sees them: a key destroyed before it is gone for it."""

    def __init__(self, connection: Connection, vault: KeyVault) -> None:
        self._connection = connection
        self._vault = vault
        self._wrapped: dict[PersonId, bytes | None] = {}
        self._opened: dict[PersonId, bytes] = {}

    def new_wrapped_key(self, person: PersonId) -> WrappedKey:
        """A new data key, wrapped, for a new person."""
        return self._vault.wrap(secrets.token_bytes(_DATA_KEY_BYTES), holder=person)

    def is_destroyed(self, wrapped: bytes | None) -> bool:
        """Whether a person with this in their row was erased, though a backup has the row."""
        return wrapped is None or self._vault.is_destroyed(wrapped)

    def remember(self, person: PersonId, wrapped: bytes | None) -> None:
        """Take note of a wrapped key that another query read."""
        self._wrapped[person] = wrapped
        self._opened.pop(person, None)

    def load(self, persons: Collection[PersonId]) -> None:
        """Read the keys of many persons at once."""
        missing = [person for person in persons if person not in self._wrapped]
        if missing:
            for row in self._connection.execute(WRAPPED_KEYS, {"persons": missing}):
                wrapped = None if row.wrapped_key is None else bytes(row.wrapped_key)
                self._wrapped[PersonId(row.person_id)] = wrapped

    def data_key(self, person: PersonId) -> bytes:
        """The person's data key. Raises KeyDestroyedError when there is none any more."""
        opened = self._opened.get(person)
        if opened is not None:
            return opened
        self.load([person])
        wrapped = self._wrapped.get(person)
        if wrapped is None:
            raise KeyDestroyedError(f"person {person} has no data key; nothing can be read")
        opened = self._opened[person] = self._vault.unwrap(wrapped, holder=person)
        return opened


# All of them, for whoever rotates or checks: counted, read in order, wrapped anew.

_COUNT = text("""
    SELECT wrapped_under, count(*) AS persons FROM person WHERE wrapped_key IS NOT NULL
    GROUP BY wrapped_under ORDER BY wrapped_under
""")
# Weaker than FOR UPDATE: records about them are written meanwhile.
_OLDER = text("""
    SELECT person_id, wrapped_key, wrapped_under FROM person
    WHERE person_id > :after AND wrapped_key IS NOT NULL AND wrapped_under < :newest
    ORDER BY person_id LIMIT :most FOR NO KEY UPDATE
""")
_SAVE = text("""
    UPDATE person SET wrapped_key = new.wrapped, wrapped_under = new.under
    FROM unnest(CAST(:persons AS text[]), CAST(:wrapped AS bytea[]), CAST(:unders AS integer[]))
        AS new(person_id, wrapped, under)
    WHERE person.person_id = new.person_id
""")
_ALL = text("""
    SELECT person_id, wrapped_key, wrapped_under FROM person
    WHERE person_id > :after AND wrapped_key IS NOT NULL ORDER BY person_id LIMIT :most
""")
# The secret of the newest slot is what an older file of secrets lacks first. The slot stands behind
# a byte of format and two of version.
_NEWEST = text("""
    SELECT person_id, wrapped_key, wrapped_under FROM person
    WHERE wrapped_key IS NOT NULL AND wrapped_under > 0
    ORDER BY substring(wrapped_key FROM 4 FOR 6) DESC LIMIT :most
""")
_FORBID = """
    SET LOCAL lock_timeout = '10s';
    ALTER TABLE person DROP CONSTRAINT IF EXISTS person_wrapped_under_kept,
        ADD CONSTRAINT person_wrapped_under_kept
            CHECK (wrapped_key IS NULL OR wrapped_under >= {oldest:d}) NOT VALID
"""
_CHECK = text("ALTER TABLE person VALIDATE CONSTRAINT person_wrapped_under_kept")


@dataclass(frozen=True, slots=True, repr=False)
class KeyRow:
    """One person's wrapped key, and the version that it lies under."""

    person: PersonId
    wrapped: bytes
    under: int


class PostgresKeyRows:
    """Keys as one transaction of the database's owner sees them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count(self) -> Mapping[int, int]:
        """How many persons' keys lie under each version."""
        return {row.wrapped_under: row.persons for row in self._connection.execute(_COUNT)}

    def read(self, after: str, *, most: int) -> Sequence[KeyRow]:
        """The next keys in order of persons."""
        return self._rows(_ALL, {"after": after, "most": most})

    def read_newest(self, *, most: int) -> Sequence[KeyRow]:
        """The keys that were wrapped last."""
        return self._rows(_NEWEST, {"most": most})

    def rewrap_next(
        self, after: str, *, newest: int, vault: KeyVault, most: int
    ) -> Sequence[PersonId]:
        """Wrap the next older keys anew; gives whose, in order: nobody's when all are done."""
        rows = self._rows(_OLDER, {"after": after, "newest": newest, "most": most})
        if rows:
            keys = [(row.person, vault.rewrap(row.wrapped, holder=row.person)) for row in rows]
            self._save(keys)
        return [row.person for row in rows]

    def forbid_before(self, oldest: int) -> None:
        """Let no key be written under a version before this one, by whoever was late."""
        self._connection.execute(text(_FORBID.format(oldest=oldest)))

    def require_none_before(self) -> None:
        """Check that none lies there. Raises KeyUnusableError: then rotate first."""
        try:
            self._connection.execute(_CHECK)
        except IntegrityError:
            raise KeyUnusableError(
                "keys still lie under an older wrapping key; run tell-once keys rotate, then "
                "this again"
            ) from None

    def _save(self, keys: Sequence[tuple[PersonId, WrappedKey]]) -> None:
        self._connection.execute(
            _SAVE,
            {
                "persons": [person for person, _ in keys],
                "wrapped": [key.content for _, key in keys],
                "unders": [key.under for _, key in keys],
            },
        )

    def _rows(self, statement: TextClause, values: Mapping[str, object]) -> Sequence[KeyRow]:
        rows = self._connection.execute(statement, values)
        return [
            KeyRow(PersonId(row.person_id), bytes(row.wrapped_key), row.wrapped_under)
            for row in rows
        ]

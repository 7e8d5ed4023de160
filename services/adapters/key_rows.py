"""Wrapped data keys as they lie in the rows of persons: counted, read in order, wrapped anew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, TextClause, text
from sqlalchemy.exc import IntegrityError

from schemas.identifiers import PersonId
from services.errors import KeyUnusableError
from services.key_vault import KeyVault, WrappedKey

_COUNT = text("""
    SELECT wrapped_under, count(*) AS persons FROM person WHERE wrapped_key IS NOT NULL
    GROUP BY wrapped_under ORDER BY wrapped_under
""")
# Weaker than FOR UPDATE: records about them are written meanwhile.
_OLDER = text("""
    SELECT person_id, wrapped_key FROM person
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
    SELECT person_id, wrapped_key FROM person
    WHERE person_id > :after AND wrapped_key IS NOT NULL ORDER BY person_id LIMIT :most
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
    """One person's wrapped key."""

    person: PersonId
    wrapped: bytes


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
        return [KeyRow(PersonId(row.person_id), bytes(row.wrapped_key)) for row in rows]

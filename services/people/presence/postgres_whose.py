"""Whose a visit is, in PostgreSQL, for whoever tells it or erases it.

One that began about a number somebody typed is of whom that number names, whoever was known by it
then: they may have become known later, or have been taken for one with somebody else.
"""

from collections.abc import Collection

from sqlalchemy import Connection, text

from schemas.identifiers import PersonId
from services.people.presence.beginning import subject_as_typed
from services.platform.keys.hashing import KeyedHasher, tokens_of

_TOKENS = text("SELECT token FROM person_token WHERE person_id = ANY(:persons)")
_TYPED = text("""
    SELECT presence_id, sealed_subject FROM presence WHERE sealed_subject IS NOT NULL
""")
# Codes, requests, answers and sheets go with their visit.
_DELETE = text("""
    DELETE FROM presence WHERE presence_id = ANY(:typed) OR person_id = ANY(:persons)
        OR presence_id IN (SELECT presence_id FROM presence_confirmed
                           WHERE person_id = ANY(:persons))
""")


class WhoseVisits:
    """Visits as one transaction of the owner's sees them; every number typed is opened."""

    def __init__(self, connection: Connection, hasher: KeyedHasher, sheet_key: bytes) -> None:
        self._connection = connection
        self._hasher = hasher
        self._sheet_key = sheet_key

    def typed_about(self, persons: Collection[PersonId]) -> list[str]:
        """The ids of the visits that began about a number of one of these."""
        found = self._connection.execute(_TOKENS, {"persons": list(persons)}).scalars()
        theirs = frozenset(map(bytes, found))
        rows = self._connection.execute(_TYPED)
        return [
            row.presence_id
            for row in rows
            if not theirs.isdisjoint(self._tokens(row.presence_id, bytes(row.sealed_subject)))
        ]

    def delete(self, persons: Collection[PersonId]) -> None:
        """Delete those that were begun about one of the persons, or confirmed to be with one.

        To be asked before the tokens of the person are deleted: by those they are found.
        """
        wanted = {"typed": self.typed_about(persons), "persons": list(persons)}
        self._connection.execute(_DELETE, wanted)

    def _tokens(self, presence_id: str, sealed: bytes) -> Collection[bytes]:
        subject = subject_as_typed(sealed, presence_id, key=self._sheet_key)
        return {token.value for token in tokens_of(subject, self._hasher)}

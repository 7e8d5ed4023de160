"""Visits of somebody who is erased, by whatever they are theirs. In the caller's transaction.

A visit may name nobody of ours: it began about a number that nobody was known by then.
"""

from collections.abc import Collection, Iterator

from sqlalchemy import Connection, text

from schemas.identifiers import PersonId
from services.people.presence.beginning import subject_as_typed
from services.platform.keys.hashing import KeyedHasher, tokens_of
from services.platform.keys.vault import KeyVault, SecretName

_TOKENS = text("SELECT token FROM person_token WHERE person_id = ANY(:persons)")
_TYPED = text("""
    SELECT presence_id, sealed_subject FROM presence WHERE sealed_subject IS NOT NULL
""")
# Codes, requests, answers and sheets go with their visit.
_DELETE = text("""
    DELETE FROM presence WHERE presence_id = ANY(:named) OR person_id = ANY(:persons)
        OR presence_id IN (SELECT presence_id FROM presence_confirmed
                           WHERE person_id = ANY(:persons))
""")


class Visits:
    """Visits as one transaction sees them.

    To be asked before the tokens of the person are deleted: by those they are found.
    """

    def __init__(self, connection: Connection, hasher: KeyedHasher, vault: KeyVault) -> None:
        self._connection = connection
        self._hasher = hasher
        self._vault = vault

    def delete(self, persons: Collection[PersonId]) -> None:
        """Delete those that were begun about one of the persons, or confirmed to be with one."""
        everyone = list(persons)
        found = self._connection.execute(_TOKENS, {"persons": everyone}).scalars()
        named = list(self._typed(frozenset(map(bytes, found))))
        self._connection.execute(_DELETE, {"named": named, "persons": everyone})

    def _typed(self, tokens: Collection[bytes]) -> Iterator[str]:
        key = self._vault.secret(SecretName.SHEETS)
        for row in self._connection.execute(_TYPED):
            subject = subject_as_typed(bytes(row.sealed_subject), row.presence_id, key=key)
            if any(token.value in tokens for token in tokens_of(subject, self._hasher)):
                yield row.presence_id

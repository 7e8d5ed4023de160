"""Visits of somebody who is erased, by whatever they are theirs. In the caller's transaction."""

from collections.abc import Collection

from sqlalchemy import Connection, text

from schemas.identifiers import PersonId
from services.people.presence.postgres_typed import visits_typed_about
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.vault import KeyVault, SecretName

# Codes, requests, answers and sheets go with their visit.
_DELETE = text("""
    DELETE FROM presence WHERE presence_id = ANY(:typed) OR person_id = ANY(:persons)
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
        key = self._vault.secret(SecretName.SHEETS)
        typed = visits_typed_about(persons, self._connection, self._hasher, sheet_key=key)
        self._connection.execute(_DELETE, {"typed": typed, "persons": list(persons)})

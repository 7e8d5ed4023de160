"""The data keys of persons: one each, wrapped, in the row of the person."""

import secrets
from collections.abc import Collection

from sqlalchemy import Connection, text

from schemas.identifiers import PersonId
from services.errors import KeyDestroyedError
from services.key_vault import KeyVault, WrappedKey

_DATA_KEY_BYTES = 32
_READ = text("SELECT person_id, wrapped_key FROM person WHERE person_id = ANY(:persons)")


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
            for row in self._connection.execute(_READ, {"persons": missing}):
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

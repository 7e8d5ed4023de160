"""What was being typed when a session ended, or before somebody shows anew who they are.

Sealed, for minutes, for the same account, in the same browser. About a person whom the address
names it lies under that person's key, and goes with them; about whom nobody can tell, under a key
that only the browser has: what is left in the database can be opened by nobody.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import Connection, Row, text

from schemas.identifiers import PersonId, PractitionerId
from services.platform.errors import KeyDestroyedError, KeyUnusableError
from services.platform.keys.postgres import PersonKeys
from services.platform.keys.sealing import decrypt, encrypt

OF_SOMEBODY_LASTS = timedelta(hours=1)
OF_NOBODY_LASTS = timedelta(minutes=10)
Typed = Mapping[str, Sequence[str]]

_KEEP = text("""
    INSERT INTO draft (draft_hash, practitioner_id, person_id, address, sealed, until)
    VALUES (:hash, :who, :person, :address, :sealed, :until)
""")
_ADDRESS = text("""
    SELECT address FROM draft WHERE draft_hash = :hash AND practitioner_id = :who AND until > :now
""")
_TAKE = text("""
    DELETE FROM draft WHERE draft_hash = :hash AND practitioner_id = :who AND address = :address
    RETURNING person_id, sealed, until
""")
_LOOK = text("""
    SELECT person_id, sealed, until FROM draft
    WHERE draft_hash = :hash AND practitioner_id = :who AND address = :address
""")
_DROP = text("DELETE FROM draft WHERE draft_hash = :hash")


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """What somebody was typing: `address` is that of the form's page, `person` whom it names."""

    who: PractitionerId
    address: str
    person: PersonId | None
    fields: Typed


class PostgresDrafts:
    """Drafts as one transaction sees them; `secret` is what the browser alone has."""

    def __init__(self, connection: Connection, keys: PersonKeys, at: datetime) -> None:
        self._connection = connection
        self._keys = keys
        self._at = at

    def keep(self, draft: Draft, secret: str) -> None:
        """Keep it in place of what this browser had left before."""
        person_key = None if draft.person is None else self._person_key(draft.person)
        key = _browsers_key(secret) if person_key is None else person_key
        lasts = OF_NOBODY_LASTS if person_key is None else OF_SOMEBODY_LASTS
        row = {
            "hash": _hash(secret),
            "who": draft.who,
            "person": None if person_key is None else draft.person,
            "address": draft.address,
            "sealed": encrypt(key, orjson.dumps(draft.fields), key_id="draft"),
            "until": self._at + lasts,
        }
        self.drop(secret)
        self._connection.execute(_KEEP, row)

    def address_of(self, secret: str, who: PractitionerId) -> str | None:
        """Where this account goes on with what it left in this browser, if it did."""
        wanted = {"hash": _hash(secret), "who": who, "now": self._at}
        found: str | None = self._connection.execute(_ADDRESS, wanted).scalar()
        return found

    def look(self, secret: str, who: PractitionerId, address: str) -> Typed | None:
        """The same, and it stays for the next page."""
        wanted = {"hash": _hash(secret), "who": who, "address": address}
        return self._opened(self._connection.execute(_LOOK, wanted).first(), secret)

    def take(self, secret: str, who: PractitionerId, address: str) -> Typed | None:
        """What was typed at this address, once, for the same account and browser."""
        wanted = {"hash": _hash(secret), "who": who, "address": address}
        return self._opened(self._connection.execute(_TAKE, wanted).first(), secret)

    def _opened(self, row: Row[Any] | None, secret: str) -> Typed | None:
        if row is None or row.until <= self._at:
            return None
        person = None if row.person_id is None else PersonId(row.person_id)
        key = _browsers_key(secret) if person is None else self._person_key(person)
        try:
            found: Typed | None = None if key is None else orjson.loads(decrypt(key, row.sealed))
        except KeyUnusableError:
            return None
        return found

    def drop(self, secret: str) -> None:
        """Forget what this browser had left."""
        self._connection.execute(_DROP, {"hash": _hash(secret)})

    def _person_key(self, person: PersonId) -> bytes | None:
        """Their key; None for somebody erased, or whom there is not."""
        try:
            return self._keys.data_key(person)
        except (KeyDestroyedError, KeyUnusableError):
            return None


def _browsers_key(secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"draft", "sha256")


def _hash(secret: str) -> bytes:
    return sha256(secret.encode()).digest()

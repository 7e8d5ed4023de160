"""Families' sign-ins that were begun at a provider, in PostgreSQL: minutes long, taken once."""

from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, text

from services.people.family_access.getting_in.ports import FamilyBegun
from services.people.signing_in.ports import Begun

_BEGIN = text("""
    INSERT INTO family_began (state_hash, browser_hash, provider, nonce, verifier, proves, until)
    VALUES (:state, :browser, :provider, :nonce, :verifier, :proves, :until)
""")
_TAKE = text("DELETE FROM family_began WHERE state_hash = :state RETURNING *")
_FORGET = text("DELETE FROM family_began WHERE until <= :now")


class PostgresFamilyBegan:
    """Sign-ins on their way, as one transaction sees them; of secrets only hashes are kept."""

    def __init__(self, connection: Connection, at: datetime) -> None:
        self._connection = connection
        self._at = at

    def begin(self, one: FamilyBegun, browser: str, *, until: datetime) -> None:
        """Keep it, and forget all that is over."""
        self._connection.execute(_FORGET, {"now": self._at})
        row = {
            "state": _hash(one.begun.state),
            "browser": _hash(browser),
            "provider": one.begun.provider,
            "nonce": one.begun.nonce,
            "verifier": one.begun.verifier,
            "proves": one.proves,
            "until": until,
        }
        self._connection.execute(_BEGIN, row)

    def take(self, state: str, provider: str, browser: str) -> FamilyBegun | None:
        """The one of this state, once: gone whether or not it was this browser's and provider's."""
        row = self._connection.execute(_TAKE, {"state": _hash(state)}).first()
        if row is None or row.until <= self._at or row.provider != provider:
            return None
        if bytes(row.browser_hash) != _hash(browser):
            return None
        return FamilyBegun(Begun(provider, state, row.nonce, row.verifier), row.proves)


def _hash(secret: str) -> bytes:
    return sha256(secret.encode()).digest()

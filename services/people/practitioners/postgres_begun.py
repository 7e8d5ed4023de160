"""Sign-ins that were begun, choices among accounts, and logouts taken, in PostgreSQL.

Each row is bound to one browser, lasts minutes, and is taken once: whoever takes it deletes it.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, text

from schemas.identifiers import PractitionerId
from services.people.practitioners.postgres_sessions import CameFrom, came_from
from services.people.signing_in.ports import Begun

_BEGIN = text("""
    INSERT INTO sign_in_begun
        (state_hash, browser_hash, provider, nonce, verifier, back_to, again_as, until)
    VALUES (:state, :browser, :provider, :nonce, :verifier, :back_to, :again_as, :until)
""")
_TAKE = text("DELETE FROM sign_in_begun WHERE state_hash = :state RETURNING *")
_FORGET = tuple(
    text(f"DELETE FROM {table} WHERE until <= :now")  # noqa: S608 our own names
    for table in ("sign_in_begun", "sign_in_choice", "logout_taken", "draft")
)
_OFFER = text("""
    INSERT INTO sign_in_choice (browser_hash, provider, subject_digest, provider_session,
        accounts, admitted, id_token, authenticated_at, back_to, until)
    VALUES (:browser, :provider, :subject, :there, :accounts, :admitted, :id_token,
        :authenticated_at, :back_to, :until)
""")
_WITHDRAW = text("DELETE FROM sign_in_choice WHERE browser_hash = :browser")
_WITHDRAW_THERE = text("""
    DELETE FROM sign_in_choice WHERE provider = :provider
    AND subject_digest = coalesce(:subject, subject_digest)
    AND (CAST(:there AS bytea) IS NULL OR provider_session = :there
         OR (CAST(:subject AS bytea) IS NOT NULL AND provider_session IS NULL))
""")
_OFFERED = text("SELECT * FROM sign_in_choice WHERE browser_hash = :browser AND until > :now")
_ONCE = text("""
    INSERT INTO logout_taken (token_hash, until) VALUES (:token, :until) ON CONFLICT DO NOTHING
""")


@dataclass(frozen=True, slots=True, repr=False)
class BegunHere:
    """A sign-in that was begun, and where its browser goes afterwards.

    `again_as` is the account of whoever only shows anew who they are.
    """

    begun: Begun
    back_to: str
    again_as: PractitionerId | None


@dataclass(frozen=True, slots=True, repr=False)
class Offer:
    """What a browser may choose among, having signed in: the accounts of that sign-in."""

    came: CameFrom
    back_to: str


class PostgresSignIns:
    """Sign-ins on their way as one transaction sees them; only hashes of secrets are kept."""

    def __init__(self, connection: Connection, at: datetime) -> None:
        self._connection = connection
        self._at = at

    def begin(self, one: BegunHere, browser: str, *, until: datetime) -> None:
        """Keep it, and forget all that is over."""
        for forget in _FORGET:
            self._connection.execute(forget, {"now": self._at})
        row = {
            "state": _hash(one.begun.state),
            "browser": _hash(browser),
            "provider": one.begun.provider,
            "nonce": one.begun.nonce,
            "verifier": one.begun.verifier,
            "back_to": one.back_to,
            "again_as": one.again_as,
            "until": until,
        }
        self._connection.execute(_BEGIN, row)

    def take(self, state: str, provider: str, browser: str) -> BegunHere | None:
        """The one of this state, once: gone whether or not it was this browser's and provider's."""
        row = self._connection.execute(_TAKE, {"state": _hash(state)}).first()
        if row is None or row.until <= self._at or row.provider != provider:
            return None
        if bytes(row.browser_hash) != _hash(browser):
            return None
        is_fresh = row.again_as is not None
        begun = Begun(provider, state, row.nonce, row.verifier, is_fresh=is_fresh)
        again_as = None if row.again_as is None else PractitionerId(row.again_as)
        return BegunHere(begun, row.back_to, again_as)

    def offer(self, offer: Offer, browser: str, *, until: datetime) -> None:
        """Let a browser choose, in place of what it might have chosen before."""
        came = offer.came
        row = {
            "browser": _hash(browser),
            "provider": came.provider,
            "subject": came.subject,
            "there": came.session,
            "accounts": list(came.accounts),
            "admitted": list(came.admitted),
            "id_token": came.id_token,
            "authenticated_at": came.authenticated_at,
            "back_to": offer.back_to,
            "until": until,
        }
        self._connection.execute(_WITHDRAW, {"browser": row["browser"]})
        self._connection.execute(_OFFER, row)

    def offered(self, browser: str) -> Offer | None:
        """What a browser may choose among."""
        wanted = {"browser": _hash(browser), "now": self._at}
        row = self._connection.execute(_OFFERED, wanted).first()
        return None if row is None else Offer(came_from(row), row.back_to)

    def withdraw(self, browser: str) -> None:
        """Nothing is to be chosen any more."""
        self._connection.execute(_WITHDRAW, {"browser": _hash(browser)})

    def withdraw_there(self, provider: str, subject: bytes | None, session: bytes | None) -> None:
        """Nor by whoever has signed out at the provider."""
        wanted = {"provider": provider, "subject": subject, "there": session}
        self._connection.execute(_WITHDRAW_THERE, wanted)

    def is_first_logout(self, token: str, *, until: datetime) -> bool:
        """Whether this logout, by the id of its token, was not taken before."""
        wanted = {"token": _hash(token), "until": until}
        return self._connection.execute(_ONCE, wanted).rowcount == 1


def _hash(secret: str) -> bytes:
    return sha256(secret.encode()).digest()

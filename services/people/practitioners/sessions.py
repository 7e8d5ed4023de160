"""Signing in and out: how long a session lasts, and its entries in the ledger."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from consent.ledger import ledger_entry
from consent.ledger.events import LedgerEvent
from consent.ports import Ledger
from schemas.identifiers import PractitionerId
from services.people.practitioners.people import Session
from services.people.practitioners.postgres_directory import PostgresDirectory, PostgresSessions

SESSION_LASTS = timedelta(hours=10)
_SECRET_BYTES = 32


def sign_in(
    practitioner: PractitionerId,
    *,
    directory: PostgresDirectory,
    sessions: PostgresSessions,
    ledger: Ledger,
    at: datetime,
) -> str | None:
    """Open a session; its secret for the cookie, or None if there is no such practitioner."""
    who = directory.practitioner(practitioner)
    if who is None:
        return None
    secret, csrf_secret = secrets.token_urlsafe(_SECRET_BYTES), secrets.token_bytes(_SECRET_BYTES)
    sessions.open(_hash(secret), who.id, csrf_secret, at=at, until=at + SESSION_LASTS)
    ledger.append([ledger_entry(LedgerEvent.PRACTITIONER_SIGNED_IN, at=at, actor=who.actor)])
    return secret


def session_of(secret: str, *, sessions: PostgresSessions, at: datetime) -> Session | None:
    """The session behind a cookie, while it lasts."""
    return sessions.find(_hash(secret), at=at)


def sign_out(secret: str, *, sessions: PostgresSessions, ledger: Ledger, at: datetime) -> None:
    """End the session at once; one that is not there, or over, leaves no entry."""
    found = session_of(secret, sessions=sessions, at=at)
    sessions.close(_hash(secret))
    if found is not None:
        actor = found.practitioner.actor
        ledger.append([ledger_entry(LedgerEvent.PRACTITIONER_SIGNED_OUT, at=at, actor=actor)])


def _hash(secret: str) -> bytes:
    return sha256(secret.encode()).digest()

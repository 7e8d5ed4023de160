"""Sessions: how one begins, how long it lasts, who may end it; each with its ledger entry.

A session is one account of one person. It ends when its holder signs out, when nobody used it for
a while, at the latest some hours after they signed in, when they or an administrator end it, when
their provider says so, and when their role or agency is no longer the one that they signed in to.
"""

import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from consent.ledger import LedgerEntry, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.ports import Ledger
from schemas.identifiers import PractitionerId
from schemas.vocabulary import LabelledCode
from services.people.practitioners.people import Session, SignedInPractitioner
from services.people.practitioners.postgres_directory import PostgresDirectory
from services.people.practitioners.postgres_sessions import (
    CameFrom,
    EndedSession,
    ListedSession,
    NewSession,
    PostgresSessions,
)
from services.platform.errors import KeyUnusableError
from services.platform.keys.sealing import decrypt, encrypt

DEMONSTRATION = "demonstration"
_SECRET_BYTES = 32
MOST_LISTED = 200
_MOST_LAID_DOWN = 50
_BY_ITSELF = "job:sessions"


class SessionEnd(LabelledCode):
    """Why a session ended."""

    SIGNED_OUT = "signed-out", "Signed out"
    SIGNED_IN_AGAIN = "signed-in-again", "Signed in again in the same browser"
    ACCOUNT_CHANGED = "account-changed", "Changed to another account"
    BY_OWNER = "by-owner", "Ended by its owner from another session"
    BY_ADMINISTRATOR = "by-administrator", "Ended by an administrator"
    BY_PROVIDER = "by-provider", "Signed out at the provider"
    IDLE = "idle", "Nobody used it for a while"
    OVER = "over", "Its time was over"
    MEMBERSHIP = "membership", "Role or agency is another, or none"


class SessionBeginning(LabelledCode):
    """How a session began."""

    SIGNED_IN = "signed-in", "Signed in"
    SIGNED_IN_AGAIN = "signed-in-again", "Showed again who they are"
    ACCOUNT_CHANGED = "account-changed", "Changed from another account"


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a session lasts when nobody uses it, and how long at the most."""

    idle: timedelta = timedelta(minutes=30)
    whole: timedelta = timedelta(hours=10)


STANDARD_LIMITS = SessionLimits()

OpenedBy = Callable[[bytes], Sequence[PractitionerId]]
"""The accounts that a sign-in opens now, by its keyed hash."""
KEPT_AFTER = timedelta(hours=1)
"""How long a session that ended by itself is known, so that what was typed in it is not lost."""
CONDITIONS_LAST = timedelta(days=365)


@dataclass(frozen=True, slots=True, repr=False)
class SessionKeeping:
    """What sessions are kept with in one transaction."""

    rows: PostgresSessions
    directory: PostgresDirectory
    ledger: Ledger
    at: datetime
    limits: SessionLimits


@dataclass(frozen=True, slots=True, repr=False)
class Opened:
    """A session that was opened, by the secret for its cookie."""

    secret: str
    practitioner: PractitionerId


def sign_in(practitioner: PractitionerId, *, sessions: SessionKeeping) -> str | None:
    """Open a session for an invented person; its secret, or None if there is no such person."""
    opened = open_session(practitioner, None, SessionBeginning.SIGNED_IN, sessions=sessions)
    return None if opened is None else opened.secret


def open_session(
    practitioner: PractitionerId,
    came: CameFrom | None,
    beginning: SessionBeginning,
    *,
    sessions: SessionKeeping,
    id_token: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    conditions: str | None = None,
) -> Opened | None:
    """Open a session for somebody whose membership is in force; None for anybody else.

    `since` and `until` are those of the session that it goes on from; `conditions` is the version
    of the conditions of use that its holder has to accept once a year.
    """
    who, at = sessions.directory.practitioner(practitioner), sessions.at
    if who is None:
        return None
    secret, csrf_secret = secrets.token_urlsafe(_SECRET_BYTES), secrets.token_bytes(_SECRET_BYTES)
    kept = None if came is None else replace(came, id_token=_sealed(id_token, secret))
    new = NewSession(
        id=secrets.token_hex(16),
        practitioner=who.id,
        role=who.role.value,
        agency=who.agency_code,
        signed_in_at=since or at,
        # A provider's clock may be ahead of ours: nobody shows who they are later than now.
        authenticated_at=at if came is None else min(came.authenticated_at, at),
        until=until or at + sessions.limits.whole,
        conditions_until=_conditions_until(who.id, conditions, sessions),
    )
    sessions.rows.open(_hash(secret), csrf_secret, new, kept, at=at)
    provider = DEMONSTRATION if came is None else came.provider
    fields = {"session": new.id, "provider": provider, "because": beginning.value}
    opened = ledger_entry(LedgerEvent.SESSION_OPENED, fields, at=at, actor=who.actor)
    sessions.ledger.append([opened, *_laid_down(sessions)])
    return Opened(secret, who.id)


def session_of(secret: str, *, sessions: SessionKeeping) -> Session | None:
    """The session behind a cookie, while it lasts; that it lasts no more is entered once."""
    found = lasting(secret, sessions=sessions)
    if found is None:
        at, idle = sessions.at, sessions.limits.idle
        over = sessions.rows.lay_down(_hash(secret), at=at, idle=idle)
        sessions.ledger.append(_ends(over, _BY_ITSELF, at))
    return found


def lasting(secret: str, *, sessions: SessionKeeping) -> Session | None:
    """The session behind a cookie, while it lasts; it enters nothing."""
    return sessions.rows.find(_hash(secret), at=sessions.at, idle=sessions.limits.idle)


def sign_out(
    secret: str, because: SessionEnd = SessionEnd.SIGNED_OUT, *, sessions: SessionKeeping
) -> tuple[str, str] | None:
    """End the session at once; one that is not there, or over, leaves no entry.

    Gives the provider through which it came and the token by which to sign out there, if any.
    """
    way = sessions.rows.way_of(_hash(secret))
    for ended in sessions.rows.close(_hash(secret), because, at=sessions.at):
        actor = f"practitioner:{ended.practitioner}"
        sessions.ledger.append(_ends([ended], actor, sessions.at))
    if way is None or way[0] is None:
        return None
    token = opened_token(way[0].id_token, secret)
    return (way[0].provider, token) if token else None


def other_accounts(
    secret: str, *, sessions: SessionKeeping, opened_by: OpenedBy
) -> Sequence[SignedInPractitioner]:
    """The accounts to which a session may be changed now."""
    way, found = sessions.rows.way_of(_hash(secret)), session_of(secret, sessions=sessions)
    if found is None or way is None or way[0] is None:
        return ()
    others = [one for one in opened_by(way[0].subject) if one != found.practitioner.id]
    return _admitted(others, way[0], sessions)


def change_account(
    secret: str,
    account: str,
    *,
    sessions: SessionKeeping,
    opened_by: OpenedBy,
    conditions: str | None,
) -> Opened | None:
    """Go on as another account of the same sign-in, until when the session would have lasted.

    None where it opens that account no more, or the provider did not admit what it works as.
    """
    choices = other_accounts(secret, sessions=sessions, opened_by=opened_by)
    who = next((one for one in choices if one.id == account), None)
    way, found = sessions.rows.way_of(_hash(secret)), session_of(secret, sessions=sessions)
    if who is None or found is None or way is None or way[0] is None:
        return None
    came, since, until = way
    ended = sessions.rows.close(_hash(secret), SessionEnd.ACCOUNT_CHANGED, at=sessions.at)
    sessions.ledger.append(_ends(ended, found.practitioner.actor, sessions.at))
    return open_session(
        who.id,
        came,
        SessionBeginning.ACCOUNT_CHANGED,
        sessions=sessions,
        id_token=opened_token(way[0].id_token, secret),
        since=since,
        until=until,
        conditions=conditions,
    )


def _admitted(
    accounts: Sequence[PractitionerId], came: CameFrom, sessions: SessionKeeping
) -> Sequence[SignedInPractitioner]:
    """Those of them who work now as what the provider admitted when they came in."""
    found = map(sessions.directory.practitioner, accounts)
    return [who for who in found if who is not None and admitted_as(who) in came.admitted]


def admitted_as(who: SignedInPractitioner) -> str:
    """Role and agency in one word, as a mapping admits them and a session keeps them."""
    return f"{who.role.value} {who.agency_code}"


# Seen and ended by their owner, by an administrator, by their provider.


def own_sessions(who: PractitionerId, *, sessions: SessionKeeping) -> Sequence[ListedSession]:
    """Where somebody is signed in, the newest first."""
    return _listed(who, sessions)


def all_sessions(
    who: SignedInPractitioner, after: str | None = None, *, sessions: SessionKeeping
) -> Sequence[ListedSession]:
    """Who is signed in, by name, for an administrator; entered.

    MOST_LISTED at a time; `after` is the id of the last that was told.
    """
    found = _listed(None, sessions, after)
    listed = ledger_entry(
        LedgerEvent.SESSIONS_LISTED, {"results": len(found)}, at=sessions.at, actor=who.actor
    )
    sessions.ledger.append([listed])
    return found


def end_own(session: str, who: SignedInPractitioner, *, sessions: SessionKeeping) -> bool:
    """End one of one's own; false where it is not, or not any more."""
    return _end_one(session, who.id, SessionEnd.BY_OWNER, who, sessions)


def end_others(current: Session, *, sessions: SessionKeeping) -> int:
    """End all of one's own but the one that says so; how many."""
    who = current.practitioner
    ended = sessions.rows.close_others(current.id, who.id, SessionEnd.BY_OWNER, at=sessions.at)
    sessions.ledger.append(_ends(ended, who.actor, sessions.at))
    return len(ended)


def end_for(
    session: str, of: PractitionerId, by: SignedInPractitioner, *, sessions: SessionKeeping
) -> bool:
    """End somebody's session as an administrator; false where it is not theirs, or ended."""
    return _end_one(session, of, SessionEnd.BY_ADMINISTRATOR, by, sessions)


def accept_conditions(session: Session, version: str, *, sessions: SessionKeeping) -> None:
    """Write down that they were accepted, for a year."""
    who, at = session.practitioner, sessions.at
    sessions.rows.accept_conditions(who.id, version, at=at, until=at + CONDITIONS_LAST)
    fields = {"version": version}
    entry = ledger_entry(LedgerEvent.CONDITIONS_ACCEPTED, fields, at=at, actor=who.actor)
    sessions.ledger.append([entry])


def lately_over(secret: str, *, sessions: SessionKeeping) -> tuple[PractitionerId, bytes] | None:
    """Whose session ended by itself within the hour, and what bound its forms."""
    return sessions.rows.lately_over(_hash(secret), after=sessions.at - KEPT_AFTER)


def ends(ended: Sequence[EndedSession], actor: str, *, at: datetime) -> list[LedgerEntry]:
    """The entries of sessions that somebody has ended."""
    return _ends(ended, actor, at)


def opened_token(sealed: bytes | None, secret: str) -> str:
    """The provider's token that a secret has sealed; empty where there is none."""
    if sealed is None:
        return ""
    try:
        return decrypt(_key(secret), sealed).decode()
    except KeyUnusableError:
        return ""


def seal_token(token: str, secret: str) -> bytes | None:
    """Seal a provider's token under a secret that only the browser has; None for none."""
    return _sealed(token, secret)


def _conditions_until(
    who: PractitionerId, version: str | None, sessions: SessionKeeping
) -> datetime | None:
    """Until when what was accepted lasts; in the past where nothing was."""
    if version is None:
        return None
    accepted = sessions.rows.conditions_accepted(who, version, at=sessions.at)
    return sessions.at if accepted is None else accepted + CONDITIONS_LAST


def _listed(
    who: PractitionerId | None, sessions: SessionKeeping, after: str | None = None
) -> Sequence[ListedSession]:
    idle, at = sessions.limits.idle, sessions.at
    return sessions.rows.listed(who, at=at, idle=idle, most=MOST_LISTED, after=after)


def _end_one(
    session: str,
    of: PractitionerId,
    because: SessionEnd,
    by: SignedInPractitioner,
    sessions: SessionKeeping,
) -> bool:
    ended = sessions.rows.close_one(session, of, because, at=sessions.at)
    sessions.ledger.append(_ends(ended, by.actor, sessions.at))
    return bool(ended)


def _laid_down(sessions: SessionKeeping) -> list[LedgerEntry]:
    """Whoever comes in notes the end of some that nobody used any more."""
    idle = sessions.limits.idle
    found = sessions.rows.lay_down_idle(at=sessions.at, idle=idle, most=_MOST_LAID_DOWN)
    return _ends(found, _BY_ITSELF, sessions.at)


def _ends(ended: Sequence[EndedSession], actor: str, at: datetime) -> list[LedgerEntry]:
    return [
        ledger_entry(
            LedgerEvent.SESSION_ENDED,
            {"session": one.id, "practitioner": one.practitioner, "because": one.because},
            at=at,
            actor=actor,
        )
        for one in ended
    ]


def _sealed(token: str, secret: str) -> bytes | None:
    return encrypt(_key(secret), token.encode(), key_id="session") if token else None


def _key(secret: str) -> bytes:
    """A key that nobody has but the browser: the database holds a hash of the secret alone."""
    return hmac.digest(secret.encode(), b"id token", "sha256")


def _hash(secret: str) -> bytes:
    return sha256(secret.encode()).digest()

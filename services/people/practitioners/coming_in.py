"""Coming in through a provider: begun in one browser, taken back there once, one account a session.

Three things have to agree before a session is opened (the decision on people and sign-in): that
sign-in opens the account, its membership is in force, and the provider's mapping admits exactly
that role in that agency now. What is refused is entered, in the name of a job: nobody is known yet.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from consent.ledger import FieldValue, ledger_entry
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PractitionerId
from schemas.vocabulary import LabelledCode
from services.people.practitioners.people import SignedInPractitioner
from services.people.practitioners.postgres_begun import BegunHere, Offer, PostgresSignIns
from services.people.practitioners.postgres_limits import PostgresLimits, limit_reached
from services.people.practitioners.postgres_sessions import CameFrom
from services.people.practitioners.sessions import (
    Opened,
    SessionBeginning,
    SessionEnd,
    SessionKeeping,
    admitted_as,
    ends,
    open_session,
    opened_token,
    seal_token,
    sign_out,
)
from services.people.signing_in.ports import Begun, SignedInThere, SignInRefusal
from services.people.signing_in.postgres_accounts import PostgresSignInAccounts
from services.people.signing_in.tokens import SignedOut
from services.platform.keys.hashing import KeyedHasher

BEGUN_LASTS = timedelta(minutes=10)
CHOICE_LASTS = timedelta(minutes=5)
CONDITIONS_VERSION = "2026-11"
"""Of the conditions of use that conditions_of_use.html shows."""
_CLOCKS_DIFFER = timedelta(seconds=30)
_REFUSALS_ENTERED = 600
_JOB = "job:sign-in"
_NO_PROVIDER = "none"


class BegunRefusal(LabelledCode):
    """Why what came back belongs to no sign-in of this browser."""

    NOT_BEGUN = (
        "sign-in-not-begun",
        "This sign-in was not begun in this browser, was used before, or took too long.",
    )
    NO_PROVIDER = "provider-unknown", "There is no such way to sign in here."


class Missing(LabelledCode):
    """Why somebody who signed in has no account to work in."""

    NO_ACCOUNT = "no-account", "No account here is joined to your sign-in yet."
    NOT_IN_FORCE = (
        "membership-not-in-force",
        "Your account is joined to your sign-in, but it is suspended or over.",
    )
    NOT_ADMITTED = (
        "role-not-admitted",
        "Your account is joined to your sign-in, but your organisation does not give you its role.",
    )


@dataclass(frozen=True, slots=True, repr=False)
class Stranger:
    """Somebody whom a provider knows and who has no account: what it stated, what is missing.

    `code` is to be read out to an administrator; None where an account is joined already.
    """

    provider: str
    missing: Missing
    roles: tuple[str, ...]
    organisations: tuple[str, ...]
    code: str | None


@dataclass(frozen=True, slots=True, repr=False)
class CameIn:
    """A session was opened: its secret, and where the browser goes."""

    opened: Opened
    back_to: str


@dataclass(frozen=True, slots=True, repr=False)
class Going:
    """The browser is to go to this address of its provider."""

    address: str


@dataclass(frozen=True, slots=True)
class ChoosingAccount:
    """Several accounts: the browser is to choose."""


@dataclass(frozen=True, slots=True, repr=False)
class ComingIn:
    """What somebody comes in with, in one transaction."""

    begun: PostgresSignIns
    accounts: PostgresSignInAccounts
    sessions: SessionKeeping
    limits: PostgresLimits
    hasher: KeyedHasher

    @property
    def at(self) -> datetime:
        """The moment of this transaction."""
        return self.sessions.at


def new_begun(provider: str, *, is_fresh: bool) -> Begun:
    """A sign-in to begin, with three secrets of its own."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return Begun(provider, state, nonce, verifier, is_fresh)


def keep_begun(one: BegunHere, browser: str, *, coming: ComingIn) -> None:
    """Keep what was begun until its browser comes back; what it could choose before is over."""
    coming.begun.withdraw(browser)
    coming.begun.begin(one, browser, until=coming.at + BEGUN_LASTS)


def enter_refusal(
    because: SignInRefusal | BegunRefusal | Missing, provider: str | None, *, coming: ComingIn
) -> None:
    """Enter that nobody came in, and why; of the last hour's no more than can be read."""
    _enter(LedgerEvent.SIGN_IN_REFUSED, because, provider, coming)


def come_in(
    there: SignedInThere,
    one: BegunHere,
    browser: str,
    former: str | None,
    *,
    coming: ComingIn,
) -> CameIn | ChoosingAccount | Stranger:
    """Open what they have: the one account, or what they choose; `former` is a session before it.

    Whoever only shows anew who they are goes on in the account that they had.
    """
    provider = one.begun.provider
    joined = coming.accounts.opened_by(there.issuer, there.subject)
    known = [who for who in map(coming.sessions.directory.practitioner, joined) if who]
    admitted = {f"{one.role.value} {one.agency}" for one in there.admissions}
    mine = [who for who in known if admitted_as(who) in admitted]
    if not mine:
        missing = (
            Missing.NO_ACCOUNT
            if not joined
            else Missing.NOT_ADMITTED
            if known
            else Missing.NOT_IN_FORCE
        )
        return _stranger(there, provider, missing, coming)
    came = CameFrom(
        provider,
        coming.accounts.digest(there.issuer, there.subject),
        session_digest(there.issuer, there.session, coming.hasher),
        there.signed_in_at,
        tuple(who.id for who in mine),
        tuple(sorted(admitted)),
        None,
    )
    again = next((who.id for who in mine if who.id == one.again_as), None)
    if again is None and len(mine) > 1:
        offer = Offer(replace(came, id_token=seal_token(there.id_token, browser)), one.back_to)
        coming.begun.offer(offer, browser, until=coming.at + CHOICE_LASTS)
        return ChoosingAccount()
    account = again or mine[0].id
    beginning = SessionBeginning.SIGNED_IN_AGAIN if again else SessionBeginning.SIGNED_IN
    found = _open(account, came, beginning, former=former, id_token=there.id_token, coming=coming)
    return CameIn(found, one.back_to)


def offered(browser: str, *, coming: ComingIn) -> Sequence[SignedInPractitioner] | None:
    """The accounts that a browser may choose among; None where there is nothing to choose."""
    offer = coming.begun.offered(browser)
    return None if offer is None else _choices(offer.came, coming)


def choose(account: str, browser: str, former: str | None, *, coming: ComingIn) -> CameIn | None:
    """Open the one that was chosen; None where it is not among them, or too late."""
    offer = coming.begun.offered(browser)
    if offer is None:
        return None
    chosen = next((who.id for who in _choices(offer.came, coming) if who.id == account), None)
    if chosen is None:
        return None
    coming.begun.withdraw(browser)
    token = opened_token(offer.came.id_token, browser)
    opened = _open(
        chosen,
        offer.came,
        SessionBeginning.SIGNED_IN,
        former=former,
        id_token=token,
        coming=coming,
    )
    return CameIn(opened, offer.back_to)


def log_out(told: SignedOut, provider: str, *, coming: ComingIn) -> bool:
    """End what somebody opened who signed out at their provider; false for what was taken before.

    The same is done for somebody unknown. Only what was begun before the token was made ends, as
    far as two clocks agree: a second token is needed for what begins later.
    """
    if told.subject is None and told.session is None:
        return False  # which would be everybody
    if not coming.begun.is_first_logout(f"{told.issuer} {told.token}", until=told.until):
        return False
    subject = None if told.subject is None else coming.accounts.digest(told.issuer, told.subject)
    session = session_digest(told.issuer, told.session, coming.hasher)
    ended = coming.sessions.rows.close_there(
        provider,
        subject,
        session,
        SessionEnd.BY_PROVIDER,
        begun_by=told.at + _CLOCKS_DIFFER,
        at=coming.at,
    )
    coming.begun.withdraw_there(provider, subject, session)
    taken = ledger_entry(
        LedgerEvent.PROVIDER_LOGOUT_TAKEN,
        {"provider": provider, "sessions": len(ended)},
        at=coming.at,
        actor=_JOB,
    )
    coming.sessions.ledger.append([taken, *ends(ended, _JOB, at=coming.at)])
    return True


def enter_logout_refused(
    because: SignInRefusal | BegunRefusal | None, provider: str | None, *, coming: ComingIn
) -> None:
    """Enter that a logout was not believed; None for one that was taken before."""
    _enter(LedgerEvent.PROVIDER_LOGOUT_REFUSED, because, provider, coming)


def session_digest(issuer: str, session: str | None, hasher: KeyedHasher) -> bytes | None:
    """A keyed hash of a provider's own id of a session; None where it gives none."""
    return None if session is None else hasher.digest("sign-in session", issuer, session)


def _choices(came: CameFrom, coming: ComingIn) -> Sequence[SignedInPractitioner]:
    found = map(coming.sessions.directory.practitioner, came.accounts)
    return [who for who in found if who is not None and admitted_as(who) in came.admitted]


def _open(
    account: PractitionerId,
    came: CameFrom,
    beginning: SessionBeginning,
    *,
    former: str | None,
    id_token: str,
    coming: ComingIn,
) -> Opened:
    if former is not None:
        sign_out(former, SessionEnd.SIGNED_IN_AGAIN, sessions=coming.sessions)
    opened = open_session(
        account,
        came,
        beginning,
        sessions=coming.sessions,
        id_token=id_token,
        conditions=CONDITIONS_VERSION,
    )
    if opened is None:
        raise LookupError("an account that was read in this transaction is gone")
    return opened


def _stranger(there: SignedInThere, provider: str, missing: Missing, coming: ComingIn) -> Stranger:
    enter_refusal(missing, provider, coming=coming)
    is_new = missing is Missing.NO_ACCOUNT
    code = coming.accounts.stranger(there.issuer, there.subject, provider) if is_new else None
    return Stranger(provider, missing, tuple(sorted(there.roles)), there.organisations, code)


def _enter(
    event: LedgerEvent, because: LabelledCode | None, provider: str | None, coming: ComingIn
) -> None:
    """Anybody may call at these doors: what they ask is counted, so that they fill no ledger.

    By why it was refused, too: what anybody can make up takes no place from what only a provider
    can say.
    """
    name = provider or _NO_PROVIDER
    why = "taken-before" if because is None else because.value
    if not coming.limits.take(event.value, [name, why], _REFUSALS_ENTERED):
        if coming.limits.take(f"{event.value} counted", [name, why], 1):
            reached = limit_reached("sign-ins-refused", _REFUSALS_ENTERED, actor=_JOB, at=coming.at)
            coming.sessions.ledger.append([reached])
        return
    fields: dict[str, FieldValue] = {"provider": name, "because": why}
    coming.sessions.ledger.append([ledger_entry(event, fields, at=coming.at, actor=_JOB)])

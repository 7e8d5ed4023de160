"""What pages ask about sessions that are open, conditions of use, and what was typed in one."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from schemas.identifiers import PersonId, PractitionerId
from services.people.practitioners import sessions
from services.people.practitioners.coming_in import CONDITIONS_VERSION
from services.people.practitioners.people import Session, SignedInPractitioner
from services.people.practitioners.postgres_drafts import Draft, PostgresDrafts, Typed
from services.people.practitioners.postgres_sessions import ListedSession
from services.people.practitioners.sessions import Opened, SessionLimits
from services.portal.front.sign_in.services import sessions_in
from services.work import Outside, UnitOfWork, unit_of_work


@dataclass(frozen=True, slots=True, repr=False)
class SessionOver:
    """A session that ended by itself within the hour: whose, and what bound its forms."""

    who: PractitionerId
    csrf_secret: bytes


class SessionServices(Protocol):
    """Each call is one transaction that holds its ledger entries; they are durable on return.

    Raises ServiceUnavailableError when ledger or database cannot be written.
    """

    def own(self, who: SignedInPractitioner) -> Sequence[ListedSession]:
        """Where they are signed in, the newest first."""

    def all(self, who: SignedInPractitioner, after: str | None = None) -> Sequence[ListedSession]:
        """Who is signed in, by name, for an administrator; that they looked is entered.

        MOST_LISTED at a time, those after the session whose id is `after`.
        """

    def end_own(self, who: SignedInPractitioner, session: str) -> bool:
        """End one of one's own; false where it is not, or not any more."""

    def end_others(self, current: Session) -> int:
        """End all of one's own but this one; how many."""

    def end_for(self, by: SignedInPractitioner, of: PractitionerId, session: str) -> bool:
        """End somebody's as an administrator; false where it is not theirs, or not any more."""

    def accounts(self, secret: str) -> Sequence[SignedInPractitioner]:
        """To which other accounts of the same sign-in one may change now."""

    def change_account(self, secret: str, account: str) -> Opened | None:
        """Go on as one of them in a session of its own; None where it is none of them."""

    def accept_conditions(self, session: Session) -> None:
        """Accept the conditions of use, for a year."""

    def over(self, secret: str) -> SessionOver | None:
        """The session of a cookie, if it ended by itself within the hour."""

    def keep_typed(
        self, who: PractitionerId, person: PersonId | None, address: str, typed: Typed, secret: str
    ) -> None:
        """Keep what was typed on the page of this address, for the same account and browser.

        An hour about a person whom the address names, ten minutes about anybody else. `secret`
        is what this browser alone has.
        """

    def where_typed(self, who: PractitionerId, secret: str) -> str | None:
        """The address at which this account left something in this browser, if it did."""

    def typed(self, who: PractitionerId, address: str, secret: str) -> Typed | None:
        """What was typed there, once."""

    def typed_so_far(self, who: PractitionerId, address: str, secret: str) -> Typed | None:
        """What was typed there, which stays for the next page."""


class SessionsOnDatabase:
    """SessionServices on PostgreSQL."""

    def __init__(self, outside: Outside, limits: SessionLimits) -> None:
        self._outside = outside
        self._limits = limits

    def own(self, who: SignedInPractitioner) -> Sequence[ListedSession]:
        """One's own."""
        with self._work() as work:
            return sessions.own_sessions(who.id, sessions=self._sessions(work))

    def all(self, who: SignedInPractitioner, after: str | None = None) -> Sequence[ListedSession]:
        """Everybody's."""
        with self._work() as work:
            return sessions.all_sessions(who, after, sessions=self._sessions(work))

    def end_own(self, who: SignedInPractitioner, session: str) -> bool:
        """End it."""
        with self._work() as work:
            return sessions.end_own(session, who, sessions=self._sessions(work))

    def end_others(self, current: Session) -> int:
        """End them."""
        with self._work() as work:
            return sessions.end_others(current, sessions=self._sessions(work))

    def end_for(self, by: SignedInPractitioner, of: PractitionerId, session: str) -> bool:
        """End it, in the administrator's name."""
        with self._work() as work:
            return sessions.end_for(session, of, by, sessions=self._sessions(work))

    def accounts(self, secret: str) -> Sequence[SignedInPractitioner]:
        """What the same sign-in opens."""
        with self._work() as work:
            opened_by = work.sign_in_accounts.opened_by_digest
            return sessions.other_accounts(
                secret, sessions=self._sessions(work), opened_by=opened_by
            )

    def change_account(self, secret: str, account: str) -> Opened | None:
        """Change."""
        with self._work() as work:
            return sessions.change_account(
                secret,
                account,
                sessions=self._sessions(work),
                opened_by=work.sign_in_accounts.opened_by_digest,
                conditions=CONDITIONS_VERSION,
            )

    def accept_conditions(self, session: Session) -> None:
        """Write it down."""
        with self._work() as work:
            ports = self._sessions(work)
            sessions.accept_conditions(session, CONDITIONS_VERSION, sessions=ports)

    def over(self, secret: str) -> SessionOver | None:
        """Whose it was."""
        with self._work() as work:
            found = sessions.lately_over(secret, sessions=self._sessions(work))
            return None if found is None else SessionOver(*found)

    def keep_typed(
        self, who: PractitionerId, person: PersonId | None, address: str, typed: Typed, secret: str
    ) -> None:
        """Seal it."""
        with self._work() as work:
            drafts_in(work).keep(Draft(who, address, person, typed), secret)

    def where_typed(self, who: PractitionerId, secret: str) -> str | None:
        """Where it was."""
        with self._work() as work:
            return drafts_in(work).address_of(secret, who)

    def typed(self, who: PractitionerId, address: str, secret: str) -> Typed | None:
        """Open it."""
        with self._work() as work:
            return drafts_in(work).take(secret, who, address)

    def typed_so_far(self, who: PractitionerId, address: str, secret: str) -> Typed | None:
        """Open it, and leave it."""
        with self._work() as work:
            return drafts_in(work).look(secret, who, address)

    def _sessions(self, work: UnitOfWork) -> sessions.SessionKeeping:
        return sessions_in(work, self._limits)

    def _work(self) -> AbstractContextManager[UnitOfWork]:
        return unit_of_work(self._outside)


def drafts_in(work: UnitOfWork) -> PostgresDrafts:
    """What was typed, as this transaction sees it."""
    return PostgresDrafts(work.connection, work.keys, work.now)

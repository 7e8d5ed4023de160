"""What the pages of signing in ask; no call holds a transaction while a provider is asked."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from schemas.identifiers import PractitionerId
from services.people.practitioners import coming_in, sessions
from services.people.practitioners.coming_in import (
    BegunRefusal,
    CameIn,
    ChoosingAccount,
    ComingIn,
    Going,
    Stranger,
    new_begun,
)
from services.people.practitioners.people import Session, SignedInPractitioner
from services.people.practitioners.postgres_begun import BegunHere, PostgresSignIns
from services.people.practitioners.sessions import SessionKeeping, SessionLimits
from services.people.signing_in.ports import (
    ProviderRefusal,
    Returned,
    SignedInThere,
    SignInClient,
    SignInRefusal,
)
from services.people.signing_in.providers import Provider
from services.people.signing_in.tokens import SignedOut
from services.work import Outside, UnitOfWork, only_reading, unit_of_work


class SignInServices(Protocol):
    """Coming in through a provider; a part of services.portal.ports.PortalServices.

    Each refusal is entered. Raises ServiceUnavailableError where ledger or database cannot be
    written: then nobody comes in.
    """

    def providers(self) -> Sequence[Provider]:
        """By whom one can sign in, in the order of the settings."""

    def begin(
        self, provider: str, browser: str, *, back_to: str, again_as: PractitionerId | None = None
    ) -> Going | SignInRefusal | BegunRefusal:
        """Begin a sign-in in this browser; where to send it, or why not.

        `back_to` is the path of ours to which it leads; with `again_as` whoever has that account
        shows anew who they are.
        """

    def come_back(
        self, returned: Returned, state: str, browser: str, former: str | None
    ) -> CameIn | ChoosingAccount | Stranger | SignInRefusal | BegunRefusal:
        """Take what the browser brought back, once; `former` is the session that it had before."""

    def offered(self, browser: str) -> Sequence[SignedInPractitioner] | None:
        """The accounts that this browser may choose among now; None where there is no choice."""

    def choose(self, account: str, browser: str, former: str | None) -> CameIn | None:
        """Open one of them; None where it is not one, or the time for it is over."""

    def log_out(self, provider: str, token: str) -> bool:
        """End what somebody opened, as their provider says; false where it is not believed."""

    def address_to_sign_out(self, provider: str, token: str) -> str | None:
        """Where somebody signs out at their provider too, if there is such an address."""


class SignInOnDatabase:
    """SignInServices on PostgreSQL; without a client there is no provider."""

    def __init__(
        self, outside: Outside, client: SignInClient | None, limits: SessionLimits
    ) -> None:
        self._outside = outside
        self._client = client
        self._limits = limits

    def providers(self) -> Sequence[Provider]:
        """Those of the settings."""
        return () if self._client is None else self._client.providers()

    def begin(
        self, provider: str, browser: str, *, back_to: str, again_as: PractitionerId | None = None
    ) -> Going | SignInRefusal | BegunRefusal:
        """Ask for the address first: a provider may be slow."""
        if self._client is None or not self._has(provider):
            return self._refused(BegunRefusal.NO_PROVIDER, None)
        begun = new_begun(provider, is_fresh=again_as is not None)
        address = self._client.address_to_begin(begun)
        if isinstance(address, ProviderRefusal):  # which is text too
            return self._refused(address, provider)
        with self._work() as work:
            one = BegunHere(begun, back_to, again_as)
            coming_in.keep_begun(one, browser, coming=self._coming(work))
        return Going(address)

    def come_back(
        self, returned: Returned, state: str, browser: str, former: str | None
    ) -> CameIn | ChoosingAccount | Stranger | SignInRefusal | BegunRefusal:
        """Take it, ask the provider outside any transaction, then open."""
        provider = returned.provider
        if self._client is None or not self._has(provider):
            return self._refused(BegunRefusal.NO_PROVIDER, None)
        with self._work() as work:
            one = self._coming(work).begun.take(state, provider, browser)
        if one is None:
            return self._refused(BegunRefusal.NOT_BEGUN, provider)
        there = self._client.complete(one.begun, returned, now=self._outside.clock.now())
        if not isinstance(there, SignedInThere):
            return self._refused(there, provider)
        with self._work() as work:
            return coming_in.come_in(there, one, browser, former, coming=self._coming(work))

    def offered(self, browser: str) -> Sequence[SignedInPractitioner] | None:
        """What may be chosen."""
        with self._work() as work:
            return coming_in.offered(browser, coming=self._coming(work))

    def choose(self, account: str, browser: str, former: str | None) -> CameIn | None:
        """Open it."""
        with self._work() as work:
            return coming_in.choose(account, browser, former, coming=self._coming(work))

    def log_out(self, provider: str, token: str) -> bool:
        """Believe it or not, outside any transaction; then end."""
        told: SignedOut | SignInRefusal | BegunRefusal = BegunRefusal.NO_PROVIDER
        if self._client is not None and self._has(provider):
            told = self._client.read_logout(provider, token, now=self._outside.clock.now())
        is_known = told is not BegunRefusal.NO_PROVIDER
        with self._work() as work:
            coming = self._coming(work)
            if not isinstance(told, SignedOut):
                name = provider if is_known else None
                coming_in.enter_logout_refused(told, name, coming=coming)
                return False
            is_first = coming_in.log_out(told, provider, coming=coming)
            if not is_first:
                coming_in.enter_logout_refused(None, provider, coming=coming)
            return is_first

    def address_to_sign_out(self, provider: str, token: str) -> str | None:
        """What the provider gives."""
        if self._client is None or not self._has(provider):
            return None
        return self._client.address_to_sign_out(provider, token)

    def _has(self, provider: str) -> bool:
        return any(one.name == provider for one in self.providers())

    def _refused(
        self, because: SignInRefusal | BegunRefusal, provider: str | None
    ) -> SignInRefusal | BegunRefusal:
        with self._work() as work:
            coming_in.enter_refusal(because, provider, coming=self._coming(work))
        return because

    def _coming(self, work: UnitOfWork) -> ComingIn:
        return ComingIn(
            PostgresSignIns(work.connection, work.now),
            work.sign_in_accounts,
            sessions_in(work, self._limits),
            work.limits,
            work.hasher,
        )

    def _work(self) -> AbstractContextManager[UnitOfWork]:
        return unit_of_work(self._outside)


def sessions_in(work: UnitOfWork, limits: SessionLimits) -> SessionKeeping:
    """What sessions are kept with in this transaction."""
    return SessionKeeping(work.sessions, work.directory, work.ledger, work.now, limits)


def session_behind(secret: str, outside: Outside, limits: SessionLimits) -> Session | None:
    """The session behind a cookie; only that it is over needs a transaction, to be entered."""
    with only_reading(outside) as work:
        if found := sessions.lasting(secret, sessions=sessions_in(work, limits)):
            return found
    with unit_of_work(outside) as work:
        return sessions.session_of(secret, sessions=sessions_in(work, limits))

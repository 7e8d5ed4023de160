"""The ways into one's own page behind one port: a code after a meeting, or a provider's proof.

No transaction is held while a provider is asked.
"""

import secrets
from collections.abc import Mapping
from contextlib import AbstractContextManager
from copy import copy
from dataclasses import dataclass
from datetime import date
from typing import Protocol, Self

from services.interfaces.family_door.getting_in.letting import LettingSeeOnDatabase
from services.people.family_access import signing_in
from services.people.family_access.getting_in import coming_in
from services.people.family_access.getting_in.ports import (
    CameFromProvider,
    FamilyBegun,
    FamilyProviders,
)
from services.people.family_access.getting_in.postgres_began import PostgresFamilyBegan
from services.people.family_access.getting_in.settings import FamilyProvider, FamilyProviderKind
from services.people.family_access.model import WhyNoAccess
from services.people.family_access.signing_in import FamilySignedIn
from services.people.signing_in.ports import Begun, ProviderRefusal, Returned
from services.people.signing_in.tokens import SignedOut
from services.work import Outside, UnitOfWork, unit_of_work

CODE = "/code"
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True, repr=False)
class FamilyIn:
    """They are in: the secret for the cookie."""

    secret: str


@dataclass(frozen=True, slots=True, repr=False)
class GoesOn:
    """They have to show more: where the browser goes for it."""

    address: str


class FamilySignIn(Protocol):
    """One way into one's own page.

    It MUST do and answer the same for who is known, unknown, switched off and restricted, MUST
    enter each failure in the ledger, and MUST be bounded for each network. `browser` is a secret
    that this browser alone has: what was begun in one is finished in no other, and once.
    """

    def begin(self, browser: str, network: str, *, typed: str = "") -> str | None:
        """Where the browser goes next; None where this way is closed or away now."""

    def finish(
        self, browser: str, network: str, brought: Mapping[str, str]
    ) -> FamilyIn | GoesOn | None:
        """What came of what the browser brought; None tells nothing of why."""


class CodeAfterMeeting:
    """A code to the contact that was there when a worker met them; and their birthday."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def begin(self, browser: str, network: str, *, typed: str = "") -> str | None:
        """Send a code where one may go."""
        with unit_of_work(self._outside) as work:
            signing_in.ask_for_code(typed, browser, network, door=work.family_door())
        return CODE

    def finish(
        self, browser: str, network: str, brought: Mapping[str, str]
    ) -> FamilyIn | GoesOn | None:
        """Open what a right code opens, with the right birthday."""
        del network  # each code has its tries, and each network asked for so many
        with unit_of_work(self._outside) as work:
            born = _day(brought.get("born", ""))
            code = brought.get("code", "")
            done = signing_in.sign_in(browser, code, born, door=work.family_door())
        return FamilyIn(done.secret) if isinstance(done, FamilySignedIn) else None


class ByProvider:
    """GOV.UK One Login or NHS login: whoever comes in so has proved there who they are."""

    def __init__(
        self, provider: FamilyProvider, providers: FamilyProviders, outside: Outside
    ) -> None:
        self._provider = provider
        self._providers = providers
        self._outside = outside

    def begin(self, browser: str, network: str, *, typed: str = "") -> str | None:
        """Send them to the provider, if they may ask once more."""
        del typed
        with self._work() as work:
            door = work.family_door()
            if not coming_in.is_within_limit(network, door=door):
                coming_in.refuse(WhyNoAccess.LIMITED, door=door)
                return None
        proves = self._provider.profile is FamilyProviderKind.NHS_LOGIN
        return self._begin(browser, proves=proves)

    def finish(
        self, browser: str, network: str, brought: Mapping[str, str]
    ) -> FamilyIn | GoesOn | None:
        """Take what they brought, once; whoever is not known yet proves who they are."""
        del network
        name = self._provider.name
        with self._work() as work:
            began = PostgresFamilyBegan(work.connection, work.now)
            begun = began.take(brought.get("state", ""), name, browser)
            if begun is None:
                coming_in.refuse(WhyNoAccess.EXPIRED, door=work.family_door())
                return None
        returned = Returned(name, brought.get("code"), brought.get("error"), brought.get("iss"))
        came = self._providers.complete(begun, returned, now=self._outside.clock.now())
        with self._work() as work:
            door = work.family_door()
            if not isinstance(came, CameFromProvider):
                coming_in.refuse(WhyNoAccess.WRONG, door=door)
                return None
            done = coming_in.come_in(came, door=door, likenesses=work.likenesses)
        if isinstance(done, FamilySignedIn):
            return FamilyIn(done.secret)
        if begun.proves:
            return None
        address = self._begin(browser, proves=True)
        return None if address is None else GoesOn(address)

    def _begin(self, browser: str, *, proves: bool) -> str | None:
        state, nonce, verifier = (secrets.token_urlsafe(_SECRET_BYTES) for _ in range(3))
        begun = FamilyBegun(Begun(self._provider.name, state, nonce, verifier), proves)
        address = self._providers.address_to_begin(begun)
        if isinstance(address, ProviderRefusal):
            return None
        with self._work() as work:
            began = PostgresFamilyBegan(work.connection, work.now)
            began.begin(begun, browser, until=work.now + coming_in.LASTS)
        return address

    def _work(self) -> AbstractContextManager[UnitOfWork]:
        return unit_of_work(self._outside)


class WaysIn:
    """Every way into these pages that is open here."""

    def __init__(self, outside: Outside, providers: FamilyProviders | None = None) -> None:
        self._outside = outside
        self._providers = providers
        self.by_code: FamilySignIn = CodeAfterMeeting(outside)

    def labels(self) -> Mapping[str, str]:
        """The providers that somebody may choose, by name, in their order."""
        told = () if self._providers is None else self._providers.providers()
        return {one.name: one.label for one in told}

    def by_provider(self, name: str) -> FamilySignIn | None:
        """The way by this provider, where there is one."""
        if self._providers is None:
            return None
        found = next((one for one in self._providers.providers() if one.name == name), None)
        return None if found is None else ByProvider(found, self._providers, self._outside)

    def sign_out_there(self, name: str, token: str) -> bool:
        """End the sessions of whoever a provider says has signed out; whether it was believed."""
        if self._providers is None:
            return False
        told = self._providers.read_logout(name, token, now=self._outside.clock.now())
        if not isinstance(told, SignedOut):
            return False
        with unit_of_work(self._outside) as work:
            coming_in.sign_out_there(told, door=work.family_door())
        return True


class GettingIn:
    """The parts of this folder that pages ask."""

    def __init__(self, outside: Outside, providers: FamilyProviders | None = None) -> None:
        self.letting = LettingSeeOnDatabase(outside)
        self.ways = WaysIn(outside, providers)

    def within(self, outside: Outside) -> Self:
        """The same for one page; nobody comes in by one."""
        found = copy(self)
        found.letting = LettingSeeOnDatabase(outside)
        return found


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

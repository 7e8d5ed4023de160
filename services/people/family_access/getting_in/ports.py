"""What getting in by a provider asks of it: where to send somebody, and who came back.

One real thing implements it (`client.FamilyProviderClient`, over HTTPS).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from schemas.vocabulary import LabelledCode
from services.people.family_access.getting_in.settings import FamilyProvider
from services.people.signing_in.ports import Begun, ProviderRefusal, Returned
from services.people.signing_in.tokens import SignedOut, TokenRefusal


@dataclass(frozen=True, slots=True, repr=False)
class FamilyBegun:
    """A sign-in that was begun; `proves` asks who they are besides, and not only that it is them.

    One Login wants the two apart: whoever has proved it once is not asked again.
    """

    begun: Begun
    proves: bool


@dataclass(frozen=True, slots=True, repr=False)
class ProvedIdentity:
    """Who a provider has proved somebody to be: names in capitals, and what tells them from others.

    `homes` are a first line and a postcode each, in one spelling.
    """

    given_names: tuple[str, ...]
    family_names: frozenset[str]
    born: date
    nhs_number: str | None = None
    homes: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True, repr=False)
class CameFromProvider:
    """Whoever came back: by issuer and subject, and who that is where it was asked and proved."""

    issuer: str
    subject: str
    at: datetime
    identity: ProvedIdentity | None = None


class IdentityRefusal(LabelledCode):
    """Why what a provider says of somebody is not enough: for the log of whoever runs this."""

    NOT_PROVED = "not-proved", "The provider did not prove who they are, or not far enough."
    MALFORMED = "identity-malformed", "The provider said who they are in a form we cannot read."
    ANOTHER = "identity-of-another", "It is about somebody else than who signed in."


FamilySignInRefusal = ProviderRefusal | TokenRefusal | IdentityRefusal


class FamilyProviders(Protocol):
    """The providers of the settings file. No call raises for what a provider does or does not.

    Nothing of what it says of somebody is logged or kept: what matching needs is given, once.
    """

    def providers(self) -> tuple[FamilyProvider, ...]:
        """Those that somebody may choose among, as the file has them in order."""

    def address_to_begin(self, begun: FamilyBegun) -> str | ProviderRefusal:
        """Where to send the browser."""

    def complete(
        self, begun: FamilyBegun, returned: Returned, *, now: datetime
    ) -> CameFromProvider | FamilySignInRefusal:
        """Take the code to the provider, and say who it was."""

    def read_logout(
        self, provider: str, token: str, *, now: datetime
    ) -> SignedOut | FamilySignInRefusal:
        """What a provider says of somebody who signed out there (Back-Channel Logout 1.0)."""

"""What signing in asks of a provider: where to send somebody, and who came back.

One real thing implements it (`client.OidcClient`, over HTTPS) and a fake in tests; both pass
`tests/contract/sign_in_client_contract.py`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from schemas.vocabulary import LabelledCode
from services.people.signing_in.profiles import Admission, ClaimRefusal
from services.people.signing_in.providers import Provider
from services.people.signing_in.tokens import BroughtKind, SignedOut, TokenRefusal


@dataclass(frozen=True, slots=True, repr=False)
class Begun:
    """A sign-in that was begun here, as whoever keeps it until somebody comes back has it.

    `state`, `nonce` and `verifier` are secrets of 256 bits each; `verifier` is PKCE's (RFC 7636).
    `is_fresh` asks the provider to have them show who they are now, whatever session it has.
    """

    provider: str
    state: str
    nonce: str
    verifier: str
    is_fresh: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Returned:
    """What the browser brought back to the address of one provider (RFC 6749 section 4.1.2).

    `issuer` is the parameter `iss` (RFC 9207), by which two providers are not mixed up.
    """

    provider: str
    code: str | None
    error: str | None
    issuer: str | None


@dataclass(frozen=True, slots=True, repr=False)
class SignedInThere:
    """Who somebody is to their provider, and in which roles of which agencies they may work.

    `subject` is unique with `issuer` alone. `admissions` is what the settings give for what the
    provider states, and may be none; `roles` and `organisations` are those codes, for whoever
    has to be asked. `id_token` is for signing out there, and is kept nowhere else.
    """

    issuer: str
    subject: str
    session: str | None
    signed_in_at: datetime
    roles: frozenset[str]
    organisations: tuple[str, ...]
    admissions: tuple[Admission, ...]
    id_token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, repr=False)
class Brought:
    """A token that a practitioner was given, and that a partner passes on (RFC 8693).

    `clients` are those as which that partner is known, by the issuer who knows it so.
    """

    token: str
    kind: BroughtKind
    clients: Mapping[str, Collection[str]]


class ProviderRefusal(LabelledCode):
    """Why a provider could not be asked, or what it answered is no sign-in: in words for them."""

    AWAY = "provider-away", "Your organisation's sign-in does not answer. Try again later."
    NOT_AS_DESCRIBED = (
        "provider-answers-wrongly",
        "Your organisation's sign-in answered in a way that we cannot use.",
    )
    MIXED_UP = "provider-mixed-up", "Another sign-in answered than the one that was begun."
    DENIED = "provider-denied", "Your organisation's sign-in did not let you in."
    CODE = "code-not-taken", "This sign-in was used before, or took too long. Begin again."


SignInRefusal = ProviderRefusal | TokenRefusal | ClaimRefusal


class SignInClient(Protocol):
    """The providers of the settings file. No call raises for what a provider does or does not.

    Nothing that a token holds is logged. A provider that is slow counts as away after a few
    seconds; keys that it rotated are asked for anew once when an unknown one signs, and at most
    every few seconds whoever asks.
    """

    def providers(self) -> tuple[Provider, ...]:
        """Those that somebody may choose among, as the file has them in order."""

    def address_to_begin(self, begun: Begun) -> str | ProviderRefusal:
        """Where to send the browser: its authorization endpoint with all that it is asked."""

    def complete(
        self, begun: Begun, returned: Returned, *, now: datetime
    ) -> SignedInThere | SignInRefusal:
        """Take the code to the provider, and say who it was (OpenID Connect Core section 3.1.3)."""

    def read_logout(self, provider: str, token: str, *, now: datetime) -> SignedOut | SignInRefusal:
        """What a provider says of somebody who signed out there (Back-Channel Logout 1.0)."""

    def read_brought(self, brought: Brought, *, now: datetime) -> SignedInThere | SignInRefusal:
        """Who somebody is by a token that a partner brings (`tokens.verify_brought_token`).

        Of the provider whose issuer it names; TokenRefusal.ISSUER where there is none. `id_token`
        is empty; `signed_in_at` is when they showed who they are, else when it was made.
        """

    def address_to_sign_out(self, provider: str, id_token: str) -> str | None:
        """Where they end the session there too (RP-Initiated Logout 1.0), if there is such."""

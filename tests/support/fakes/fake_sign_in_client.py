"""Providers of sign-in in memory, for tests of what signs people in. It passes the contract."""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import parse_qs, urlencode, urlsplit

from services.people.signing_in.ports import (
    Begun,
    Brought,
    ProviderRefusal,
    Returned,
    SignedInThere,
    SignInRefusal,
)
from services.people.signing_in.providers import Provider
from services.people.signing_in.tokens import SignedOut, TokenRefusal, issuer_named_in


class FakeSignInClient:
    """Providers that let in whom a test says.

    `let_in(address, who)` stands for what somebody does at their provider, and gives the code to
    come back with; `signed_out(told)` makes the token by which it tells that they signed out there;
    `make_for(client, who)` one that it makes for another client of its own.
    Names in `away` do not answer.
    """

    def __init__(self, providers: Sequence[Provider]) -> None:
        self.away: set[str] = set()
        self._providers = {one.name: one for one in providers}
        self._codes: dict[str, tuple[str, SignedInThere | SignInRefusal]] = {}
        self._tokens: dict[str, tuple[str, SignedOut]] = {}
        self._made: dict[str, tuple[str, SignedInThere | SignInRefusal]] = {}

    def let_in(self, address: str, who: SignedInThere | SignInRefusal) -> str:
        """Sign in there as `who`, or be refused when the code is taken; give the code."""
        (challenge,) = parse_qs(urlsplit(address).query)["code_challenge"]
        code = f"code-{len(self._codes)}"
        self._codes[code] = (challenge, who)
        return code

    def signed_out(self, provider: str, told: SignedOut) -> str:
        """Give the token that tells of it."""
        token = f"logout-token-{len(self._tokens)}"
        self._tokens[token] = (provider, told)
        return token

    def providers(self) -> tuple[Provider, ...]:
        return tuple(self._providers.values())

    def address_to_begin(self, begun: Begun) -> str | ProviderRefusal:
        refused = self._refused(begun.provider)
        if refused is not None:
            return refused
        asked = {
            "response_type": "code",
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": _challenge(begun.verifier),
            "code_challenge_method": "S256",
            "max_age": "300" if begun.is_fresh else "36000",
            **({"prompt": "login"} if begun.is_fresh else {}),
        }
        return f"{self._issuer(begun.provider)}/authorize?{urlencode(asked)}"

    def complete(
        self, begun: Begun, returned: Returned, *, now: datetime
    ) -> SignedInThere | SignInRefusal:
        del now
        refused = self._refused(begun.provider)
        if returned.provider != begun.provider or refused is not None:
            return refused or ProviderRefusal.MIXED_UP
        if returned.issuer not in {None, self._issuer(begun.provider)}:
            return ProviderRefusal.MIXED_UP
        if returned.error is not None:
            return ProviderRefusal.DENIED
        if not returned.code:
            return ProviderRefusal.NOT_AS_DESCRIBED
        challenge, who = self._codes.pop(returned.code, ("", ProviderRefusal.CODE))
        return who if challenge == _challenge(begun.verifier) else ProviderRefusal.CODE

    def read_logout(self, provider: str, token: str, *, now: datetime) -> SignedOut | SignInRefusal:
        del now
        refused = self._refused(provider)
        if refused is not None:
            return refused
        whose, told = self._tokens.get(token, ("", None))
        if told is None:
            return TokenRefusal.UNREADABLE
        return told if whose == provider else TokenRefusal.ISSUER

    def make_for(self, client: str, who: SignedInThere) -> str:
        """Make a token about somebody for another client of their provider; give it."""
        said = json.dumps({"iss": who.issuer, "aud": client, "n": len(self._made)}).encode()
        token = f"e30.{urlsafe_b64encode(said).rstrip(b'=').decode()}.e30"
        self._made[token] = (client, who)
        return token

    def read_brought(self, brought: Brought, *, now: datetime) -> SignedInThere | SignInRefusal:
        del now
        issuer = issuer_named_in(brought.token)
        named = [one.name for one in self._providers.values() if one.issuer == issuer]
        if not named:
            return TokenRefusal.ISSUER
        refused = self._refused(named[0])
        if refused is not None:
            return refused
        client, who = self._made.get(brought.token, ("", TokenRefusal.SIGNATURE))
        is_theirs = client in brought.clients.get(issuer or "", ())
        return who if is_theirs else TokenRefusal.AUDIENCE

    def address_to_sign_out(self, provider: str, id_token: str) -> str | None:
        if self._refused(provider) is not None:
            return None
        asked = {"id_token_hint": id_token} if id_token else {}
        return f"{self._issuer(provider)}/sign-out?{urlencode(asked)}"

    def _issuer(self, provider: str) -> str:
        return self._providers[provider].issuer

    def _refused(self, provider: str) -> ProviderRefusal | None:
        if provider not in self._providers:
            return ProviderRefusal.MIXED_UP
        return ProviderRefusal.AWAY if provider in self.away else None


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()

"""Signing in with a provider of the settings, by OpenID Connect's code flow with PKCE.

`fetching` asks, `discovery` knows the provider, `exchanging` shows it who we are; `tokens` and
`profiles` judge what comes back.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.client import OAuth2Client
from joserfc.jwk import KeySet

from services.people.signing_in.coming_back import by_keys, is_code, is_hash_of, refusal_of
from services.people.signing_in.discovery import Acquaintance
from services.people.signing_in.exchanging import Exchange, Tokens, read_secrets
from services.people.signing_in.fetching import AskingError, Fetcher, Monotonic
from services.people.signing_in.ports import (
    Begun,
    Brought,
    ProviderRefusal,
    Returned,
    SignedInThere,
    SignInRefusal,
)
from services.people.signing_in.profiles import ClaimRefusal, admissions, read_claims
from services.people.signing_in.providers import Provider, ProviderKind
from services.people.signing_in.tokens import (
    Claims,
    SignedOut,
    TokenRefusal,
    issuer_named_in,
    verify_brought_token,
    verify_id_token,
    verify_logout_token,
)

_LONGEST_SESSION: Final = 36_000
_FRESH: Final = 300
_CLOCKS_DIFFER: Final = 30
_TELLS_MORE: Final = frozenset({ProviderKind.NHS_CIS2, ProviderKind.DFE_SIGN_IN})
"""Whose ID token is not all that they say: the rest stands in userinfo."""
_OF_THE_TOKEN: Final = frozenset(
    {"iss", "aud", "azp", "exp", "iat", "nbf", "nonce", "auth_time", "acr", "amr", "sid", "at_hash"}
)

Report = Callable[[str, str], None]
"""Told of what an operator has to look at: which provider, and a code of ours."""


@dataclass(frozen=True, slots=True, repr=False)
class _KnownProvider:
    provider: Provider
    acquaintance: Acquaintance
    exchange: Exchange


class OidcClient:
    """The providers of the settings, over HTTPS; one for the whole process, for all its threads."""

    def __init__(
        self,
        providers: Sequence[Provider],
        *,
        public_url: str,
        is_demonstration: bool = False,
        report: Report = lambda *_: None,
        monotonic: Monotonic = time.monotonic,
        patience: float = 8.0,
    ) -> None:
        """`public_url` is where browsers find us; `patience` in seconds is for each call in all.

        Raises SignInSettingsError for a key or a secret that cannot be used.
        """
        self._patience = patience
        self._url = public_url.rstrip("/")
        self._report = report
        hosts = (host for one in providers for host in _hosts_of(one))
        self._fetcher = Fetcher(inside=frozenset(hosts), monotonic=monotonic)
        self._known = {
            one.name: _KnownProvider(
                one,
                Acquaintance(
                    one, self._fetcher, is_demonstration=is_demonstration, monotonic=monotonic
                ),
                Exchange(one, read_secrets(one), self._fetcher),
            )
            for one in providers
        }

    def providers(self) -> tuple[Provider, ...]:
        """Those that somebody may choose among."""
        return tuple(known.provider for known in self._known.values())

    def close(self) -> None:
        """Let go of connections."""
        self._fetcher.close()

    def address_to_begin(self, begun: Begun) -> str | ProviderRefusal:
        """Where to send the browser."""
        known = self._known.get(begun.provider)
        if known is None:
            return ProviderRefusal.MIXED_UP
        try:
            description = known.acquaintance.description(self._deadline())
        except AskingError as error:
            return self._told(known, error)
        provider = known.provider
        client = OAuth2Client(
            None,
            provider.client_id,
            scope=" ".join(provider.scopes or ()),
            redirect_uri=self._address_back(provider),
            code_challenge_method="S256",
        )
        address, _ = client.create_authorization_url(
            description.authorization,
            state=begun.state,
            code_verifier=begun.verifier,
            nonce=begun.nonce,
            acr_values=provider.acr_values,
            max_age=str(_longest_ago(begun, provider)),
            prompt="login" if begun.is_fresh else None,
        )
        return str(address)

    def complete(
        self, begun: Begun, returned: Returned, *, now: datetime
    ) -> SignedInThere | SignInRefusal:
        """Who came back, by what their provider says.

        Checked: (1) the same provider was begun; (2) it names itself; (3) it let them in; (4) the
        code, once; (5) the ID token; (6) that the access token belongs to it; (7) that userinfo is
        about the same; (8) when they showed who they are; (9) what its profile asks.
        """
        known = self._known.get(begun.provider)
        if known is None or returned.provider != begun.provider:  # (1)
            return ProviderRefusal.MIXED_UP
        over = self._deadline()
        try:
            description = known.acquaintance.description(over)
            refused = refusal_of(returned, known.provider, description)  # (2), (3)
            if refused is not None:
                return refused
            tokens = self._tokens(begun, returned, known, now=now, over=over)  # (4)
            claims = self._claims(begun, tokens, known, now=now, over=over)  # (5), (6), (7)
            if not isinstance(claims, Mapping):
                return claims
            return self._who(begun, tokens, claims, known, now=now, over=over)  # (8), (9)
        except AskingError as error:
            return self._told(known, error)

    def read_logout(self, provider: str, token: str, *, now: datetime) -> SignedOut | SignInRefusal:
        """What a provider says of somebody who signed out there."""
        known = self._known.get(provider)
        if known is None:
            return ProviderRefusal.MIXED_UP

        def verify(keys: KeySet) -> SignedOut | TokenRefusal:
            return verify_logout_token(token, keys, known.provider, now=now)

        try:
            told = by_keys(verify, known.acquaintance, self._deadline())
        except AskingError as error:
            return self._told(known, error)
        return told if isinstance(told, TokenRefusal) else _as_known_here(told, known.provider)

    def read_brought(self, brought: Brought, *, now: datetime) -> SignedInThere | SignInRefusal:
        """Who somebody is by a token that a partner brings, made for it by one of ours."""
        issuer, over = issuer_named_in(brought.token), self._deadline()
        known = next((k for k in self._known.values() if k.provider.issuer == issuer), None)
        if known is None:
            return TokenRefusal.ISSUER
        provider = known.provider
        clients = brought.clients.get(provider.issuer, ())

        def verify(keys: KeySet) -> Claims | TokenRefusal:
            kind = brought.kind
            return verify_brought_token(
                brought.token, keys, provider, kind=kind, clients=clients, now=now
            )

        try:
            claims = by_keys(verify, known.acquaintance, over)
        except AskingError as error:
            return self._told(known, error)
        if isinstance(claims, TokenRefusal):
            return claims
        roles = self._roles(claims, known, now=now, over=over)
        stated = read_claims(claims, provider, now=now, roles=roles)
        if isinstance(stated, ClaimRefusal):
            return stated
        return SignedInThere(
            provider.issuer,
            stated.subject,
            stated.session,
            stated.signed_in_at or datetime.fromtimestamp(claims["iat"], UTC),
            stated.roles,
            stated.organisations,
            admissions(stated, provider),
        )

    def address_to_sign_out(self, provider: str, id_token: str) -> str | None:
        """Where they end the session there too; without a token the provider asks whether to."""
        known = self._known.get(provider)
        if known is None:
            return None
        try:
            description = known.acquaintance.description(self._deadline())
        except AskingError as error:
            self._told(known, error)
            return None
        if description.sign_out is None:
            return None
        asked = {
            "client_id": known.provider.client_id,
            "post_logout_redirect_uri": f"{self._url}/sign-in",
            **({"id_token_hint": id_token} if id_token else {}),
        }
        return str(add_params_to_uri(description.sign_out, list(asked.items())))

    def _address_back(self, provider: Provider) -> str:
        return f"{self._url}/sign-in/back/{provider.name}"

    def _deadline(self) -> float:
        return time.monotonic() + self._patience

    def _told(self, known: _KnownProvider, error: AskingError) -> ProviderRefusal:
        """For whoever was to sign in; why, for whoever runs this."""
        if error.refusal is not ProviderRefusal.CODE:
            self._report(known.provider.name, error.why)
        return error.refusal

    def _tokens(
        self, begun: Begun, returned: Returned, known: _KnownProvider, *, now: datetime, over: float
    ) -> Tokens:
        if not is_code(returned.code):
            raise AskingError(ProviderRefusal.NOT_AS_DESCRIBED, "no-code")
        form = {
            "code": str(returned.code),
            "redirect_uri": self._address_back(known.provider),
            "code_verifier": begun.verifier,
        }
        description = known.acquaintance.description(over)
        return known.exchange.tokens(form, description, now=now, over=over)

    def _claims(
        self, begun: Begun, tokens: Tokens, known: _KnownProvider, *, now: datetime, over: float
    ) -> Claims | TokenRefusal:
        """What the ID token says, and what userinfo adds to it where that profile needs it."""

        def verify(keys: KeySet) -> Claims | TokenRefusal:
            return verify_id_token(
                tokens.id_token, keys, known.provider, nonce=begun.nonce, now=now
            )

        claims = by_keys(verify, known.acquaintance, over)
        if isinstance(claims, TokenRefusal):
            return claims
        if "at_hash" in claims and not is_hash_of(claims["at_hash"], tokens):
            raise AskingError(ProviderRefusal.MIXED_UP, "access-token-differs")
        if known.provider.profile not in _TELLS_MORE:
            return claims
        url = known.acquaintance.description(over).userinfo
        if url is None:
            raise AskingError(ProviderRefusal.NOT_AS_DESCRIBED, "no-userinfo")
        more = known.exchange.userinfo(url, tokens.access_token, over=over)
        if more.get("sub") != claims["sub"]:
            raise AskingError(ProviderRefusal.MIXED_UP, "userinfo-of-another")
        return {**{name: more[name] for name in more.keys() - _OF_THE_TOKEN}, **claims}

    def _who(
        self,
        begun: Begun,
        tokens: Tokens,
        claims: Claims,
        known: _KnownProvider,
        *,
        now: datetime,
        over: float,
    ) -> SignedInThere | ClaimRefusal:
        provider = known.provider
        stated = read_claims(
            claims, provider, now=now, roles=self._roles(claims, known, now=now, over=over)
        )
        if isinstance(stated, ClaimRefusal):
            return stated
        at = stated.signed_in_at
        if at is None:  # which they have to say when max_age was asked, as it always is
            return ClaimRefusal.MALFORMED
        ago = (now - at).total_seconds()
        if not -_CLOCKS_DIFFER <= ago <= _longest_ago(begun, provider) + _CLOCKS_DIFFER:
            return ClaimRefusal.TOO_LONG_AGO
        return SignedInThere(
            provider.issuer,
            stated.subject,
            stated.session,
            at,
            stated.roles,
            stated.organisations,
            admissions(stated, provider),
            tokens.id_token,
        )

    def _roles(
        self, claims: Claims, known: _KnownProvider, *, now: datetime, over: float
    ) -> object:
        """What the address for roles answers; None, which lets nobody in, where it does not."""
        organisation = claims.get("organisation")
        chosen = organisation.get("id") if isinstance(organisation, dict) else None
        if known.provider.roles_api is None or not isinstance(chosen, str):
            return None
        try:
            return known.exchange.roles(chosen, claims["sub"], now=now, over=over)
        except AskingError as error:
            self._told(known, error)
            return None


def _hosts_of(provider: Provider) -> Iterator[str]:
    """Whom the settings themselves name; these may be machines inside."""
    api = provider.roles_api
    for url in (provider.issuer, provider.discovery_address, api.address if api else ""):
        yield urlsplit(url).hostname or ""


def _longest_ago(begun: Begun, provider: Provider) -> int:
    """How long ago they may have shown who they are, in seconds; never before a whole session."""
    longest = provider.max_auth_age or _LONGEST_SESSION
    return min(longest, _FRESH) if begun.is_fresh else longest


def _as_known_here(told: SignedOut, provider: Provider) -> SignedOut | TokenRefusal:
    """Microsoft's `sub` is another than the `oid` that people are known by: the session counts."""
    if provider.profile is not ProviderKind.ENTRA_ID:
        return told
    return TokenRefusal.SUBJECT if told.session is None else replace(told, subject=None)

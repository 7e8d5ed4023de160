"""Signing in at GOV.UK One Login or NHS login, by OpenID Connect's code flow with PKCE.

Sources: GOV.UK One Login's technical documentation (authenticate your user, prove users' identity,
managing sessions), NHS login's interface specification. What asks, checks and signs is the staff's
sign-in's own (`services.people.signing_in`).
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from authlib.oauth2.client import OAuth2Client
from joserfc.jwk import KeySet

from services.people.family_access.getting_in.identity import (
    ADDRESS,
    CORE_IDENTITY,
    RETURN_CODE,
    identity_of_nhs_login,
    identity_of_one_login,
)
from services.people.family_access.getting_in.ports import (
    CameFromProvider,
    FamilyBegun,
    FamilySignInRefusal,
    IdentityRefusal,
    ProvedIdentity,
)
from services.people.family_access.getting_in.settings import FamilyProvider, FamilyProviderKind
from services.people.signing_in.coming_back import by_keys, is_code, is_hash_of, refusal_of
from services.people.signing_in.discovery import Acquaintance, KeptAnswer, json_in, read_keys
from services.people.signing_in.exchanging import Exchange, Tokens, read_key
from services.people.signing_in.fetching import AskingError, Fetcher, HttpQuestion, Monotonic
from services.people.signing_in.ports import ProviderRefusal, Returned
from services.people.signing_in.tokens import (
    Claims,
    SignedOut,
    TokenRefusal,
    verify_id_token,
    verify_logout_token,
    verify_statement,
)

Report = Callable[[str, str], None]
_ONE_LOGIN_STRENGTH: Final = "Cl.Cm"
_ASKED_OF_ONE_LOGIN: Final = json.dumps(
    {"userinfo": {CORE_IDENTITY: None, ADDRESS: None, RETURN_CODE: None}}
)
_NHS_LOGIN_VECTORS: Final = json.dumps(["P9.Cp.Cd", "P9.Cp.Ck", "P9.Cm"])
_OK: Final = 200


@dataclass(frozen=True, slots=True)
class _StatementSigner:
    """Who signs One Login's statements of identity: another issuer than that of its ID tokens."""

    issuer: str
    client_id: str
    algorithms: tuple[str, ...] = ("ES256",)
    acr_values: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class _KnownFamilyProvider:
    provider: FamilyProvider
    acquaintance: Acquaintance
    exchange: Exchange
    statement_keys: KeptAnswer[KeySet]


class FamilyProviderClient:
    """FamilyProviders over HTTPS; one for the whole process, for all its threads."""

    def __init__(
        self,
        providers: Sequence[FamilyProvider],
        *,
        public_url: str,
        is_demonstration: bool = False,
        report: Report = lambda *_: None,
        monotonic: Monotonic = time.monotonic,
        patience: float = 8.0,
    ) -> None:
        """`public_url` is where families find us. Raises SignInSettingsError for a useless key."""
        self._patience, self._report = patience, report
        self._url = public_url.rstrip("/")
        inside = frozenset(host for one in providers for host in _hosts_of(one))
        self._fetcher = Fetcher(inside=inside, monotonic=monotonic)
        self._known = {
            one.name: self._acquainted(one, is_demonstration=is_demonstration, monotonic=monotonic)
            for one in providers
        }

    def _acquainted(
        self, one: FamilyProvider, *, is_demonstration: bool, monotonic: Monotonic
    ) -> _KnownFamilyProvider:
        return _KnownFamilyProvider(
            one,
            Acquaintance(
                one, self._fetcher, is_demonstration=is_demonstration, monotonic=monotonic
            ),
            Exchange(one, read_key(one), self._fetcher),
            KeptAnswer(partial(self._statement_keys, one), monotonic),
        )

    def providers(self) -> tuple[FamilyProvider, ...]:
        """Those that somebody may choose among."""
        return tuple(known.provider for known in self._known.values())

    def close(self) -> None:
        """Let go of connections."""
        self._fetcher.close()

    def address_to_begin(self, begun: FamilyBegun) -> str | ProviderRefusal:
        """Where to send the browser: who they are is asked of who has just shown that it is them.

        Whoever picks up a telephone with somebody else's session there does not come in by it.
        """
        known = self._known.get(begun.begun.provider)
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
            scope=" ".join(provider.scopes),
            redirect_uri=self._address_back(provider),
            code_challenge_method="S256",
        )
        address, _ = client.create_authorization_url(
            description.authorization,
            state=begun.begun.state,
            code_verifier=begun.begun.verifier,
            nonce=begun.begun.nonce,
            **_asked_of(provider, proves=begun.proves),
        )
        return str(address)

    def complete(
        self, begun: FamilyBegun, returned: Returned, *, now: datetime
    ) -> CameFromProvider | FamilySignInRefusal:
        """Who came back, by what their provider says.

        Checked: (1) the same provider was begun; (2) it names itself, and let them in; (3) the
        code, once, with our verifier; (4) the ID token, and that the access token belongs to it;
        (5) how strongly they signed in; (6) where it was asked, who they are.
        """
        known = self._known.get(begun.begun.provider)
        if known is None or returned.provider != begun.begun.provider:  # (1)
            return ProviderRefusal.MIXED_UP
        over = self._deadline()
        try:
            tokens = self._tokens(begun, returned, known, now=now, over=over)  # (2), (3)
            if isinstance(tokens, ProviderRefusal):
                return tokens
            claims = _believed(begun, tokens, known, now=now, over=over)  # (4), (5)
            if isinstance(claims, TokenRefusal):
                return claims
            identity = self._identity(begun, tokens, claims, known, now=now, over=over)  # (6)
        except AskingError as error:
            return self._told(known, error)
        if not isinstance(identity, ProvedIdentity | None):
            return identity
        at = datetime.fromtimestamp(claims["iat"], UTC)
        return CameFromProvider(known.provider.issuer, claims["sub"], at, identity)

    def read_logout(
        self, provider: str, token: str, *, now: datetime
    ) -> SignedOut | FamilySignInRefusal:
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
        if isinstance(told, SignedOut) and told.subject is None:
            return TokenRefusal.SUBJECT  # sessions are known here by whom they are of
        return told

    def _address_back(self, provider: FamilyProvider) -> str:
        return f"{self._url}/back/{provider.name}"

    def _deadline(self) -> float:
        return time.monotonic() + self._patience

    def _told(self, known: _KnownFamilyProvider, error: AskingError) -> ProviderRefusal:
        if error.refusal is not ProviderRefusal.CODE:
            self._report(known.provider.name, error.why)
        return error.refusal

    def _tokens(
        self,
        begun: FamilyBegun,
        returned: Returned,
        known: _KnownFamilyProvider,
        *,
        now: datetime,
        over: float,
    ) -> Tokens | ProviderRefusal:
        description = known.acquaintance.description(over)
        refused = refusal_of(returned, known.provider, description)
        if refused is not None:
            return refused
        if not is_code(returned.code):
            raise AskingError(ProviderRefusal.NOT_AS_DESCRIBED, "no-code")
        form = {
            "code": str(returned.code),
            "redirect_uri": self._address_back(known.provider),
            "code_verifier": begun.begun.verifier,
        }
        return known.exchange.tokens(form, description, now=now, over=over)

    def _identity(
        self,
        begun: FamilyBegun,
        tokens: Tokens,
        claims: Claims,
        known: _KnownFamilyProvider,
        *,
        now: datetime,
        over: float,
    ) -> ProvedIdentity | IdentityRefusal | TokenRefusal | None:
        if not begun.proves:
            return None
        url = known.acquaintance.description(over).userinfo
        if url is None:
            raise AskingError(ProviderRefusal.NOT_AS_DESCRIBED, "no-userinfo")
        told = known.exchange.userinfo(url, tokens.access_token, over=over)
        if told.get("sub") != claims["sub"]:
            return IdentityRefusal.ANOTHER
        if known.provider.profile is FamilyProviderKind.NHS_LOGIN:
            return identity_of_nhs_login(told)
        return self._stated(told, claims["sub"], known, now=now, over=over)

    def _stated(
        self,
        told: Claims,
        subject: str,
        known: _KnownFamilyProvider,
        *,
        now: datetime,
        over: float,
    ) -> ProvedIdentity | IdentityRefusal | TokenRefusal:
        """What One Login's own statement says of who signed in."""
        statement = told.get(CORE_IDENTITY)
        if not isinstance(statement, str):
            return IdentityRefusal.NOT_PROVED
        provider = known.provider
        signer = _StatementSigner(provider.identity_issuer or "", provider.client_id)
        keys = known.statement_keys.known(over)
        found = verify_statement(statement, keys, signer, subject=subject, now=now)
        if found is TokenRefusal.NO_KEY:
            newer = known.statement_keys.newer(keys, over)
            found = verify_statement(statement, newer, signer, subject=subject, now=now)
        return found if isinstance(found, TokenRefusal) else identity_of_one_login(found, told)

    def _statement_keys(self, provider: FamilyProvider, over: float) -> KeySet:
        question = HttpQuestion(provider.identity_keys or "")
        answer = self._fetcher.ask(question, seconds=over - time.monotonic())
        if answer.status != _OK:
            raise AskingError(ProviderRefusal.AWAY, "identity-keys")
        return read_keys({"keys": list(_keys_of_document(json_in(answer.content)))})


def _asked_of(provider: FamilyProvider, *, proves: bool) -> Mapping[str, str]:
    """One Login is asked twice: whether it is them, and then who they are (to P2)."""
    if provider.profile is FamilyProviderKind.NHS_LOGIN:
        return {"vtr": _NHS_LOGIN_VECTORS, "prompt": "login"}
    if not proves:
        return {"vtr": json.dumps([_ONE_LOGIN_STRENGTH]), "prompt": "login", "ui_locales": "en"}
    vector = f"{_ONE_LOGIN_STRENGTH}.P2"
    return {"vtr": json.dumps([vector]), "claims": _ASKED_OF_ONE_LOGIN, "ui_locales": "en"}


def _believed(
    begun: FamilyBegun,
    tokens: Tokens,
    known: _KnownFamilyProvider,
    *,
    now: datetime,
    over: float,
) -> Claims | TokenRefusal:
    def verify(keys: KeySet) -> Claims | TokenRefusal:
        nonce = begun.begun.nonce
        return verify_id_token(tokens.id_token, keys, known.provider, nonce=nonce, now=now)

    claims = by_keys(verify, known.acquaintance, over)
    if isinstance(claims, TokenRefusal):
        return claims
    if "at_hash" in claims and not is_hash_of(claims["at_hash"], tokens):
        raise AskingError(ProviderRefusal.MIXED_UP, "access-token-differs")
    return claims if _is_strong(claims, known.provider) else TokenRefusal.CONTEXT


def _is_strong(claims: Claims, provider: FamilyProvider) -> bool:
    """One Login states its vector always; NHS login's level stands in userinfo too."""
    stated = claims.get("vot")
    if provider.profile is FamilyProviderKind.NHS_LOGIN:
        return stated is None or (isinstance(stated, str) and stated.split(".")[0] == "P9")
    return stated == _ONE_LOGIN_STRENGTH


def _keys_of_document(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The keys of a DID document by which statements are signed (DID Core 1.0 section 5.3.2)."""
    asserting = document.get("assertionMethod")
    methods = document.get("verificationMethod")
    listed = [*asserting] if isinstance(asserting, list) else []
    named = {one for one in listed if isinstance(one, str)}
    described = [*methods] if isinstance(methods, list) else []
    for one in [*(m for m in listed if isinstance(m, dict)), *described]:
        if not isinstance(one, dict) or (one not in listed and one.get("id") not in named):
            continue
        key = one.get("publicKeyJwk")
        if isinstance(key, dict) and isinstance(one.get("id"), str):
            yield {**key, "kid": one["id"], "use": "sig"}


def _hosts_of(provider: FamilyProvider) -> Iterator[str]:
    """Whom the settings themselves name; these may be machines inside."""
    for url in (provider.issuer, provider.discovery_address, provider.identity_keys or ""):
        yield urlsplit(url).hostname or ""

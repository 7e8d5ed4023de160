"""What a provider is asked once somebody came back with a code: tokens, what they say, and roles.

Sources: RFC 6749 section 4.1.3, RFC 7636 (PKCE), RFC 7523 (who we are), OpenID Connect Core 1.0
section 5.3 (userinfo), DfE Sign-in public API ("Get user access to service").
"""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from authlib.common.errors import AuthlibBaseError
from authlib.oauth2.client import OAuth2Client
from authlib.oauth2.rfc7523.assertion import private_key_jwt_sign
from authlib.oauth2.rfc7523.client import ASSERTION_TYPE
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey, RSAKey

from services.people.signing_in.discovery import (
    AskedProvider,
    Description,
    json_in,
    refusal_of_status,
)
from services.people.signing_in.fetching import AskingError, Fetcher, HttpAnswer, HttpQuestion
from services.people.signing_in.ports import ProviderRefusal
from services.people.signing_in.providers import (
    Provider,
    ProviderKind,
    RolesApi,
    SettingFault,
    SignInSettingsError,
)

_SECONDS_OF_ASSERTION: Final = 60
_LONGEST_CODE: Final = 255
_LONGEST_TOKEN: Final = 65_536
_OK, _BAD_REQUEST, _UNAUTHORIZED, _NOT_FOUND = 200, 400, 401, 404
_METHOD: Final = "private_key_jwt"
_ROLES_AUDIENCE: Final = "signin.education.gov.uk"
_OF_CURVES: Final = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
_OF_RSA: Final[tuple[str, ...]] = ("RS256", "PS256", "RS384", "PS384", "RS512", "PS512")
_AGAIN_LATER: Final = frozenset({"server_error", "temporarily_unavailable"})


@dataclass(frozen=True, slots=True, repr=False)
class Tokens:
    """What was given for a code."""

    id_token: str
    access_token: str


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """By what a provider knows us: our key, and what signs for its roles API where it has one."""

    key: RSAKey | ECKey
    algorithms: tuple[str, ...]
    roles: OctKey | None = field(default=None)
    roles_api: RolesApi | None = None
    is_by_thumbprint: bool = False


def read_key(provider: AskedProvider) -> Secrets:
    """Our key alone. Raises SignInSettingsError for a file that holds none."""
    content = _content(provider, "key_file", provider.key_file)
    try:
        return Secrets(*_key_in(content))
    except (JoseError, ValueError, KeyError):
        raise _unusable(provider, "key_file", "is no private RSA or EC key") from None


def read_secrets(provider: Provider) -> Secrets:
    """Those of a provider. Raises SignInSettingsError for a file that holds none."""
    is_by_thumbprint = provider.profile is ProviderKind.ENTRA_ID
    found = replace(read_key(provider), is_by_thumbprint=is_by_thumbprint)
    if provider.roles_api is None:
        return found
    name = "roles_api.secret_file"
    secret = _content(provider, name, provider.roles_api.secret_file).strip()
    if not secret:
        raise _unusable(provider, name, "is empty")
    return replace(found, roles=OctKey.import_key(secret), roles_api=provider.roles_api)


def _key_in(content: bytes) -> tuple[RSAKey | ECKey, tuple[str, ...]]:
    """Our key, and by what it can sign, what is most widely taken first."""
    with suppress(JoseError, ValueError):
        key = ECKey.import_key(content)
        return key, (_OF_CURVES[key.curve_name],)
    return RSAKey.import_key(content), _OF_RSA


def _content(provider: AskedProvider, name: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise _unusable(provider, name, "cannot be read") from None


def _unusable(provider: AskedProvider, name: str, reason: str) -> SignInSettingsError:
    return SignInSettingsError([SettingFault(f"provider.{provider.name}.{name}", reason)])


class Exchange:
    """Asks one provider as ourselves; every call raises AskingError for what cannot be used."""

    def __init__(self, provider: AskedProvider, secrets: Secrets, fetcher: Fetcher) -> None:
        self._provider = provider
        self._secrets = secrets
        self._fetcher = fetcher

    def tokens(
        self, form: Mapping[str, str], description: Description, *, now: datetime, over: float
    ) -> Tokens:
        """Give a code for tokens; `form` has the code, where it was sent to, and the verifier."""
        session = _Session(self._fetcher, over)
        client = OAuth2Client(
            session,
            self._provider.client_id,
            self._assertion(description, now),
            token_endpoint_auth_method=_METHOD,
        )
        client.register_client_auth_method((_METHOD, _with_assertion))
        try:
            given = client.fetch_token(
                description.token,
                grant_type="authorization_code",
                client_id=self._provider.client_id,
                **form,
            )
        except AuthlibBaseError as error:
            raise _refused(error.error) from None
        return _tokens_in(given, session.status)

    def userinfo(self, url: str, access_token: str, *, over: float) -> Mapping[str, Any]:
        """What it says of whoever the token is about."""
        answer = self._get(url, access_token, over)
        if answer.status != _OK:
            raise AskingError(refusal_of_status(answer.status), f"userinfo-{answer.status}")
        return json_in(answer.content)

    def roles(self, organisation: str, subject: str, *, now: datetime, over: float) -> object:
        """What the address for roles says of somebody in an organisation; no such user has none."""
        api, secret = self._secrets.roles_api, self._secrets.roles
        if api is None or secret is None:
            return None
        if not (_is_part(organisation) and _is_part(subject)):
            raise AskingError(ProviderRefusal.NOT_AS_DESCRIBED, "roles-of-nobody")
        path = (api.service_id, "organisations", organisation, "users", subject)
        url = "/".join([api.address.rstrip("/"), *(quote(part, safe="") for part in path)])
        made = int(now.timestamp())
        claims = {
            "iss": self._provider.client_id,
            "aud": _ROLES_AUDIENCE,
            "iat": made,
            "exp": made + _SECONDS_OF_ASSERTION,
        }
        answer = self._get(url, jwt.encode({"alg": "HS256", "typ": "JWT"}, claims, secret), over)
        if answer.status == _NOT_FOUND:
            return {"roles": []}
        if answer.status != _OK:
            raise AskingError(refusal_of_status(answer.status), f"roles-{answer.status}")
        found = json_in(answer.content)
        wanted = {
            "userId": subject,
            "organisationId": organisation,
            "serviceId": api.service_id,
        }
        if any(name in found and not _is_same(found[name], wanted[name]) for name in wanted):
            raise AskingError(ProviderRefusal.NOT_AS_DESCRIBED, "roles-of-another")
        return found

    def _get(self, url: str, token: str, over: float) -> HttpAnswer:
        question = HttpQuestion(url, {"Authorization": f"Bearer {token}"})
        return self._fetcher.ask(question, seconds=over - time.monotonic())

    def _assertion(self, description: Description, now: datetime) -> str:
        """Who we are, for a minute, to this provider (RFC 7523 section 3)."""
        taken = description.assertion_algorithms
        ours = [one for one in self._secrets.algorithms if taken is None or one in taken]
        if not ours:
            raise AskingError(ProviderRefusal.NOT_AS_DESCRIBED, "no-algorithm-for-our-key")
        is_for_issuer = self._provider.assertion_audience == "issuer"
        found: str = private_key_jwt_sign(
            self._secrets.key,
            self._provider.client_id,
            self._provider.issuer if is_for_issuer else description.token,
            alg=ours[0],
            header=self._header(),
            issued_at=int(now.timestamp()),
            expires_in=_SECONDS_OF_ASSERTION,
        )
        return found

    def _header(self) -> dict[str, str]:
        """Microsoft finds the certificate by its thumbprint, the others the key by its name."""
        named = {"typ": "JWT", "kid": self._provider.key_id}
        if self._secrets.is_by_thumbprint:
            named["x5t#S256"] = self._provider.key_id
        return named


def _is_part(text: str) -> bool:
    """Whether it may be a part of a path, in which no server sees another place."""
    is_code = 0 < len(text) <= _LONGEST_CODE and text.isascii() and text.isprintable()
    return is_code and text not in {".", ".."}


def _is_same(found: object, wanted: str) -> bool:
    """Ids of that address are GUIDs, which are the same in capitals."""
    return isinstance(found, str) and found.casefold() == wanted.casefold()


def _with_assertion(
    auth: Any, _: str, uri: str, headers: Mapping[str, str], body: str
) -> tuple[str, Mapping[str, str], str]:
    """What Authlib calls to show who we are."""
    more = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": auth.client_secret}
    return uri, headers, f"{body}&{urlencode(more)}"


class _Session:
    """What Authlib takes for a session of an HTTP client: posts a form and gives what came back."""

    def __init__(self, fetcher: Fetcher, over: float) -> None:
        self._fetcher = fetcher
        self._over = over
        self._content = b""
        self.status = self.status_code = 0

    def post(self, url: str, *, data: Mapping[str, str], headers: Any, auth: Any) -> "_Session":
        url, headers, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        question = HttpQuestion(url, headers, body)
        answer = self._fetcher.ask(question, seconds=self._over - time.monotonic())
        if answer.status not in {_OK, _BAD_REQUEST, _UNAUTHORIZED}:
            raise AskingError(refusal_of_status(answer.status), f"token-{answer.status}")
        self.status = self.status_code = answer.status
        self._content = answer.content
        return self

    def json(self) -> Mapping[str, Any]:
        return json_in(self._content)


def _refused(error: object) -> AskingError:
    """What the provider calls its reason decides; its words are not ours to show."""
    if error == "invalid_grant":
        return AskingError(ProviderRefusal.CODE, "invalid-grant")
    if isinstance(error, str) and error in _AGAIN_LATER:
        return AskingError(ProviderRefusal.AWAY, "token-again-later")
    return AskingError(ProviderRefusal.NOT_AS_DESCRIBED, _KNOWN.get(str(error), "token-refused"))


_KNOWN: Final = {
    "invalid_client": "token-invalid-client",
    "unauthorized_client": "token-unauthorized-client",
    "invalid_request": "token-invalid-request",
    "invalid_scope": "token-invalid-scope",
    "unsupported_grant_type": "token-unsupported-grant-type",
}


def _tokens_in(given: Mapping[str, Any], status: int) -> Tokens:
    kind = given.get("token_type")
    found = [given.get(name) for name in ("id_token", "access_token")]
    is_bearer = isinstance(kind, str) and kind.lower() == "bearer"
    if status != _OK or not is_bearer or not all(map(_is_token, found)):
        raise AskingError(ProviderRefusal.NOT_AS_DESCRIBED, "no-tokens")
    return Tokens(*map(str, found))


def _is_token(found: object) -> bool:
    """Printable ASCII, which may stand in a header."""
    is_text = isinstance(found, str) and 0 < len(found) <= _LONGEST_TOKEN
    return is_text and all("!" <= letter <= "~" for letter in str(found))

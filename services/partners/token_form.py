"""What a token request says (RFC 6749 sections 2.3.1 and 4.4.2, RFC 7521 section 4.2)."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote_plus

from services.partners.client_authentication import Shown, ShownAssertion, ShownSecret

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
GRANT_TYPE = "client_credentials"
_MOST_FIELDS = 30


@dataclass(frozen=True, slots=True, repr=False)
class TokenRequest:
    """Who asks, and for which scopes; None: for all that were granted."""

    shown: Shown
    scope: str | None


@dataclass(frozen=True, slots=True)
class TokenRefused:
    """An error of RFC 6749 section 5.2; `wait` seconds where asking again is of use."""

    error: str
    description: str
    status: int = 400
    wait: int | None = None


INVALID_CLIENT = TokenRefused("invalid_client", "the client is not known, or not by this", 401)


def read_token_request(body: bytes, authorization: str | None) -> TokenRequest | TokenRefused:
    """Read the form and the `Authorization` header beside it."""
    form = _form_from(body)
    if isinstance(form, TokenRefused):
        return form
    if form.get("grant_type") != GRANT_TYPE:
        missing = "grant_type" not in form
        error = "invalid_request" if missing else "unsupported_grant_type"
        return TokenRefused(error, f"grant_type has to be {GRANT_TYPE}")
    shown = _shown_in(form, authorization)
    if isinstance(shown, TokenRefused):
        return shown
    return TokenRequest(shown, form.get("scope"))


def _form_from(body: bytes) -> Mapping[str, str] | TokenRefused:
    """The fields; one without a value counts as not there (RFC 6749 section 3.2)."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError:
        return TokenRefused("invalid_request", "the body is no form")
    form = {name: value for name, value in pairs if value}
    if len({name for name, _ in pairs}) != len(pairs):
        return TokenRefused("invalid_request", "a field comes twice")
    return form


def _shown_in(form: Mapping[str, str], authorization: str | None) -> Shown | TokenRefused:
    """The one way in which the client shows who it is; two are one too many (section 2.3)."""
    client_id = form.get("client_id")
    ways: list[Shown] = []
    if authorization is not None:
        basic = _basic_from(authorization)
        if basic is None or client_id not in {None, basic.client_id}:
            return INVALID_CLIENT
        ways.append(basic)
    if "client_secret" in form and client_id is not None:
        ways.append(ShownSecret(client_id, form["client_secret"]))
    if "client_assertion" in form:
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            return TokenRefused(
                "invalid_request", f"client_assertion_type has to be {ASSERTION_TYPE}"
            )
        ways.append(ShownAssertion(form["client_assertion"], client_id))
    if len(ways) > 1:
        return TokenRefused("invalid_request", "the client shows who it is in two ways")
    return ways[0] if ways else INVALID_CLIENT


def _basic_from(header: str) -> ShownSecret | None:
    """Client id and secret, each form-encoded before they were put together (section 2.3.1)."""
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(credentials.strip(), validate=True).decode()
        client_id, colon, secret = decoded.partition(":")
        if not colon:
            return None
        return ShownSecret(
            unquote_plus(client_id, errors="strict"), unquote_plus(secret, errors="strict")
        )
    except ValueError:
        return None

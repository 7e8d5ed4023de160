"""The token endpoint (RFC 6749 section 4.4), and what a client needs to know of it (RFC 8414)."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from schemas.vocabulary import Purpose
from services.interfaces.partners.calling import MOST_AT_ONCE, BodyUpTo
from services.interfaces.partners.edge import TOKEN_PATH, Machine, machine_of
from services.interfaces.partners.errors import ContentNotTakenError
from services.interfaces.partners.oauth.clients import ALGORITHMS
from services.interfaces.partners.oauth.exchange import (
    ISSUED_TYPE,
    KINDS,
    NOBODY,
    exchange_token,
    read_exchange_request,
)
from services.interfaces.partners.oauth.tokens import (
    ASSERTION_TYPE,
    EXCHANGE_GRANT,
    GRANT_TYPE,
    TokenIssued,
    TokenRefused,
    form_from,
    issue_token,
    read_token_request,
)
from services.interfaces.partners.ports import Scope
from services.platform.ticks import refused

router = APIRouter()

_FORM = "application/x-www-form-urlencoded"
_MOST_BYTES = 96 * 1024
"""Tokens of providers that list many roles are long."""
_NEVER_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}  # RFC 6749 section 5.1
_TEXT = {"type": "string", "minLength": 1}
_FIELDS: Mapping[str, Any] = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": {"enum": [GRANT_TYPE, EXCHANGE_GRANT]},
        "scope": _TEXT | {"description": "Scopes apart by spaces; without it all that you have."},
        "client_id": _TEXT,
        "client_secret": _TEXT,
        "client_assertion_type": {"const": ASSERTION_TYPE},
        "client_assertion": _TEXT | {"description": "RFC 7523; at most five minutes long, once."},
        "subject_token": _TEXT
        | {
            "description": "Token exchange (RFC 8693): the practitioner's own token, made for you "
            "by their provider within five minutes, once. With an assertion only. The token given "
            "is for `families:read` in their name, and short."
        },
        "subject_token_type": {"enum": list(KINDS)},
        "requested_token_type": {"const": ISSUED_TYPE},
        "purpose": {"enum": [purpose.value for purpose in Purpose]}
        | {"description": "With a subject_token: what they look for."},
        "agency": _TEXT
        | {"description": "With a subject_token, of somebody who works in several: in which."},
        "resource": _TEXT,
        "audience": _TEXT,
    },
}
_BODY = {"requestBody": {"required": True, "content": {_FORM: {"schema": _FIELDS}}}}


class AccessToken(BaseModel):
    """RFC 6749 section 5.1; RFC 8693 section 2.2.1 where a token was brought."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 a type
    expires_in: int = Field(description="Seconds.")
    scope: str
    issued_token_type: str | None = Field(default=None, description="For a token that you brought.")


class TokenError(BaseModel):
    """RFC 6749 section 5.2."""

    error: str
    error_description: str


_FAULTS = (
    "invalid_request, invalid_grant, invalid_target, unauthorized_client, "
    "unsupported_grant_type or invalid_scope"
)
_ERRORS: Mapping[int | str, dict[str, Any]] = {
    status: {"model": TokenError, "description": meaning}
    for status, meaning in (
        (400, _FAULTS),
        (401, "invalid_client"),
        (429, "temporarily_unavailable: wait as Retry-After says"),
        (503, "temporarily_unavailable: a practitioner's provider is away; likewise"),
    )
}


def get_machine(request: Request) -> Machine:
    """Give what a token is made with; its transactions are opened one after the other."""
    return machine_of(request)


MachineHere = Annotated[Machine, Depends(get_machine, max_concurrency=MOST_AT_ONCE)]


@router.post(
    TOKEN_PATH,
    operation_id="ask-for-token",
    response_model=AccessToken,
    responses=dict(_ERRORS),
    openapi_extra=_BODY,
)
def ask_for_token(
    request: Request,
    body: Annotated[bytes, Depends(BodyUpTo(_MOST_BYTES))],
    machine: MachineHere,
    authorization: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Response:
    """Get an access token: for yourself, or for the practitioner whose own token you bring."""
    if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != _FORM:
        raise ContentNotTakenError(f"send {_FORM}")
    form = form_from(body)
    answer = form if isinstance(form, TokenRefused) else _answer(form, authorization, machine)
    if isinstance(answer, TokenRefused):
        if answer.error == NOBODY:
            refused(request)
        return _refusal(answer, authorization)
    told = AccessToken(
        access_token=answer.token,
        expires_in=int(answer.lasts.total_seconds()),
        scope=" ".join(sorted(answer.scopes)),
        issued_token_type=answer.type,
    )
    return JSONResponse(told.model_dump(exclude_none=True), headers=_NEVER_KEPT)


def _answer(
    form: Mapping[str, str], authorization: str | None, machine: Machine
) -> TokenIssued | TokenRefused:
    """By what kind of grant it asks."""
    grant = form.get("grant_type")
    if grant == EXCHANGE_GRANT:
        brought = read_exchange_request(form, authorization)
        if isinstance(brought, TokenRefused):
            return brought
        return exchange_token(brought, machine)
    if grant != GRANT_TYPE:
        error = "invalid_request" if grant is None else "unsupported_grant_type"
        return TokenRefused(error, f"grant_type has to be {GRANT_TYPE} or {EXCHANGE_GRANT}")
    asked = read_token_request(form, authorization)
    if isinstance(asked, TokenRefused):
        return asked
    with machine.open_work() as work:
        return issue_token(asked, work=work, settings=machine.settings)


def _refusal(refused: TokenRefused, authorization: str | None) -> Response:
    headers = dict(_NEVER_KEPT)
    if refused.wait is not None:
        headers["Retry-After"] = str(refused.wait)
    if refused.status == 401 and authorization is not None:  # noqa: PLR2004 RFC 6749 section 5.2
        headers["WWW-Authenticate"] = 'Basic realm="tell-once"'
    error = TokenError(error=refused.error, error_description=refused.description)
    return JSONResponse(error.model_dump(), status_code=refused.status, headers=headers)


# What a client needs to know of our tokens.

METADATA_PATH = "/.well-known/oauth-authorization-server"


_METHODS = ["private_key_jwt", "client_secret_post", "client_secret_basic"]


@router.get(METADATA_PATH, operation_id="describe-authorization-server")
def describe_authorization_server(request: Request) -> dict[str, Any]:
    """Where and how to get tokens."""
    settings = machine_of(request).settings
    return {
        "issuer": settings.public_url,
        "token_endpoint": settings.token_url,
        "grant_types_supported": [GRANT_TYPE, EXCHANGE_GRANT],
        "response_types_supported": [],
        "scopes_supported": [scope.value for scope in Scope],
        "token_endpoint_auth_methods_supported": _METHODS,
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
    }

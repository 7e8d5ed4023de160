"""The token endpoint (RFC 6749 section 4.4), and what a client needs to know of it (RFC 8414)."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from services.interfaces.partners.acting import PRACTITIONER_CLAIM, PURPOSE_CLAIM
from services.interfaces.partners.calling import BodyUpTo, Work
from services.interfaces.partners.edge import TOKEN_PATH, machine_of
from services.interfaces.partners.errors import ContentNotTakenError
from services.interfaces.partners.oauth.clients import ALGORITHMS
from services.interfaces.partners.oauth.tokens import (
    ASSERTION_TYPE,
    GRANT_TYPE,
    TokenRefused,
    issue_token,
    read_token_request,
)
from services.interfaces.partners.ports import Scope

router = APIRouter()

_FORM = "application/x-www-form-urlencoded"
_NEVER_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}  # RFC 6749 section 5.1
_TEXT = {"type": "string", "minLength": 1}
_FIELDS: Mapping[str, Any] = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": {"const": GRANT_TYPE},
        "scope": _TEXT | {"description": "Scopes apart by spaces; without it all that you have."},
        "client_id": _TEXT,
        "client_secret": _TEXT,
        "client_assertion_type": {"const": ASSERTION_TYPE},
        "client_assertion": _TEXT
        | {
            "description": "RFC 7523; at most five minutes long, once. To read families "
            f"it also claims `{PRACTITIONER_CLAIM}` (a practitioner of an agency that you speak "
            f"for) and `{PURPOSE_CLAIM}`; the token is for that alone, and short."
        },
    },
}
_BODY = {"requestBody": {"required": True, "content": {_FORM: {"schema": _FIELDS}}}}


class AccessToken(BaseModel):
    """RFC 6749 section 5.1."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 a type
    expires_in: int = Field(description="Seconds.")
    scope: str


class TokenError(BaseModel):
    """RFC 6749 section 5.2."""

    error: str
    error_description: str


_ERRORS: Mapping[int | str, dict[str, Any]] = {
    status: {"model": TokenError, "description": meaning}
    for status, meaning in (
        (400, "invalid_request, invalid_grant, unsupported_grant_type or invalid_scope"),
        (401, "invalid_client"),
        (429, "temporarily_unavailable: wait as Retry-After says"),
    )
}


@router.post(
    TOKEN_PATH,
    operation_id="ask-for-token",
    response_model=AccessToken,
    responses=dict(_ERRORS),
    openapi_extra=_BODY,
)
def ask_for_token(
    request: Request,
    body: Annotated[bytes, Depends(BodyUpTo(16 * 1024))],
    work: Work,
    authorization: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Response:
    """Get an access token, with a signed assertion (better) or a client secret."""
    if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != _FORM:
        raise ContentNotTakenError(f"send {_FORM}")
    asked = read_token_request(body, authorization)
    if isinstance(asked, TokenRefused):
        return _refusal(asked, authorization)
    answer = issue_token(asked, work=work, settings=machine_of(request).settings)
    if isinstance(answer, TokenRefused):
        return _refusal(answer, authorization)
    told = AccessToken(
        access_token=answer.token,
        expires_in=int(answer.lasts.total_seconds()),
        scope=" ".join(sorted(answer.scopes)),
    )
    return JSONResponse(told.model_dump(), headers=_NEVER_KEPT)


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
        "grant_types_supported": [GRANT_TYPE],
        "response_types_supported": [],
        "scopes_supported": [scope.value for scope in Scope],
        "token_endpoint_auth_methods_supported": _METHODS,
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
    }

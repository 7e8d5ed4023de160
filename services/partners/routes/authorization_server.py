"""What a client needs to know of our tokens (RFC 8414)."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request

from services.partners.client_assertion import ALGORITHMS
from services.partners.machine import machine_of
from services.partners.scopes import Scope
from services.partners.token_form import GRANT_TYPE

METADATA_PATH = "/.well-known/oauth-authorization-server"

router = APIRouter()

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

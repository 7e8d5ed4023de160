"""The OpenAPI document, for whoever makes a client: of the interfaces, and of nobody's data.

What is served is what is published (`schemas/published/openapi-partners.json`), with our address.
"""

import json
from functools import cache
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from schemas.publishing import OPENAPI, PUBLISHED
from services.interfaces.partners.edge import machine_of

DOCUMENT_PATH = "/partners/v1/openapi.json"
_JSON = "application/json"
_KEPT_AN_HOUR = {"Cache-Control": "public, max-age=3600"}
_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "OpenAPI 3.1.",
        "content": {
            _JSON: {"schema": {"type": "object", "required": ["openapi", "info", "paths"]}}
        },
    }
}

router = APIRouter()


@router.get(
    DOCUMENT_PATH,
    operation_id="describe-interfaces",
    response_class=Response,
    responses=_ANSWER,
)
def describe_interfaces(request: Request) -> Response:
    """Give this document."""
    at = machine_of(request).settings.public_url
    return Response(_document(at), headers=_KEPT_AN_HOUR, media_type=_JSON)


@cache
def _document(public_url: str) -> bytes:
    document = json.loads((PUBLISHED / OPENAPI).read_bytes())
    document["servers"] = [{"url": public_url}]
    return json.dumps(document, ensure_ascii=False).encode()

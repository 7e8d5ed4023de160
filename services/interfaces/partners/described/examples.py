"""Examples in the OpenAPI document, of invented people: what is asked, and what is answered.

A test sends each request and holds each answer against its schema.
"""

from collections.abc import Mapping
from typing import Any, Final

from services.interfaces.partners.push.children_schema import EXAMPLE as CHILDREN

_CHILD_ID: Final = "5f0c1e7ab2d94c3f8e6a7b9c0d1e2f30"
_WORKER_ID: Final = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
_RECEIPT: Final = "3b0d8a0e6c1f4a5b9d7e2f6a8c4b1d0e"
_CONNECTION: Final = "01932f6e-8d5a-7c31-9e42-5b8f0a6d1c27"
_QUESTION: Final = {
    "subject": {"type": "practitioner", "id": _WORKER_ID},
    "action": {"name": "read"},
    "resource": {
        "type": "person",
        "id": _CHILD_ID,
        "properties": {"category": "child-health", "source": "health-visiting"},
    },
    "context": {"purpose": "direct-care"},
}
_CLASS_LIST: Final = (
    "UPN,Legal Surname,Legal Forename,Date of Birth,Class\n"
    "T999200119011,Quillfeather,Rowan,03/05/2019,Willow\n"
)
_EVENT: Final = {
    "specversion": "1.0",
    "id": "2026-12-01-autumn-list",
    "source": "urn:example:school-office",
    "type": "tellonce.schools.sent.v1",
    "time": "2026-12-01T08:00:00Z",
    "datacontenttype": "text/csv",
    "data": _CLASS_LIST,
}

ASKED: Final[Mapping[str, Mapping[str, object]]] = {
    "ask-for-token": {
        "application/x-www-form-urlencoded": {
            "grant_type": "client_credentials",
            "client_id": "your-client-id",
            "client_secret": "as-it-was-given-to-you",
            "scope": "dispositions:read",
        }
    },
    "evaluate": {"application/json": _QUESTION},
    "evaluate-several": {"application/json": {"evaluations": [_QUESTION]}},
    "check-events": {
        "application/cloudevents+json": _EVENT,
        "application/cloudevents-batch+json": [_EVENT],
    },
    "answer-connection": {
        "application/json": {
            "answer": "decline",
            "reason": "waiting-list",
            "suggested_service": "5b0d1c52-6c1e-4f7b-9d6a-2f1f6d0b7a11",
            "words": "We have a place again in the spring.",
            "role": "Coordinator",
        }
    },
    "push-children": {"application/json": CHILDREN},
    "push-events": {
        "application/cloudevents+json": _EVENT,
        "application/cloudevents-batch+json": [_EVENT],
    },
}
"""By operation and media type."""

ANSWERED: Final[Mapping[str, object]] = {
    "ask-for-token": {
        "access_token": "an opaque text",
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": "dispositions:read",
    },
    "evaluate": {"decision": True},
    "evaluate-several": {"evaluations": [{"decision": True}]},
    "check-events": {
        "messages": [{"event": 0, "index": 0, "is_readable": True, "faults": []}],
    },
    "answer-connection": {"connection": _CONNECTION, "version": 5, "status": "declined"},
    "push-children": [
        "2026-12-01_08:00:00.000000_7d3c2b1a-0f9e-4d8c-8b7a-6f5e4d3c2b1a",
        "2026-12-01_08:00:00.000000_1a2b3c4d-5e6f-4a7b-9c8d-0e1f2a3b4c5d",
    ],
    "push-events": {
        "dispositions": [
            {
                "event": 0,
                "index": 0,
                "receipt": _RECEIPT,
                "disposition": "withheld",
                "reason": "no-decision",
                "field": None,
            }
        ]
    },
}
"""Of a success, by operation."""


def with_examples(operation: dict[str, Any]) -> None:
    """Add those of an operation."""
    name = operation.get("operationId", "")
    asked = operation.get("requestBody", {}).get("content", {})
    for media_type, example in ASKED.get(name, {}).items():
        asked[media_type]["example"] = example
    if name in ANSWERED:
        (told,) = operation["responses"]["200"]["content"].values()
        told["example"] = ANSWERED[name]

"""CloudEvents for tests; ask only for what matters."""

import base64
from itertools import count
from typing import Any

from schemas.vocabulary import Source

_numbers = count(1)
_MEDIA_TYPES = {
    Source.HEALTH_VISITING: "application/fhir+xml",
    Source.SCHOOLS: "application/xml",
    Source.SOCIAL_CARE: "application/json",
}


def an_event(content: bytes, kind: Source = Source.HEALTH_VISITING, **more: Any) -> dict[str, Any]:
    """Build an event of a source in structured mode."""
    attributes: dict[str, Any] = {
        "specversion": "1.0",
        "id": f"event-{next(_numbers)}",
        "source": "urn:example:sender",
        "type": f"tellonce.{kind}.sent.v1",
        "datacontenttype": _MEDIA_TYPES[kind],
        "data_base64": base64.b64encode(content).decode(),
    }
    merged = attributes | more
    return {name: value for name, value in merged.items() if value is not None}

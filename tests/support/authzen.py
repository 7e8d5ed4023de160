"""AuthZEN requests for tests; ask only for what matters."""

from typing import Any


def an_evaluation(**more: Any) -> dict[str, Any]:
    """Build a request: by default a practitioner reads a patient's record for treatment."""
    request: dict[str, Any] = {
        "subject": {"type": "Practitioner", "id": "me"},
        "action": {"name": "read"},
        "resource": {"type": "Patient", "id": "p1"},
        "context": {"purpose": "TREAT"},
    }
    return request | more

"""What the envelope of a NEMS message tells although the message cannot be read: codes alone."""

import re
from collections.abc import Iterator

from connectors.health_visiting.nems.message import (
    ODS_CODE,
    EventCode,
    MessageEventType,
    extension,
    identifier_value,
    resources_in,
)
from connectors.health_visiting.nems.nodes import Node, child, children, descend, value
from connectors.ports import Unreadable, Urgency
from schemas.errors import UnreadableMessageError

_EVENTS = frozenset(EventCode)
# What has not the form of an ODS code may be anything, a name for one.
_ORGANISATION = re.compile(r"[A-Z0-9]{3}|(?=.*[0-9])[A-Z0-9]{4,9}")
_ALERTS = re.compile(r"alert|safeguard|protect")
# PDS marks who is protected on the resource itself: restricted, very restricted, redacted.
_PROTECTED = frozenset({"R", "V", "REDACTED"})
_TAKEN_BACK = "entered-in-error"


def unreadable_with_envelope(
    document: Node, error: UnreadableMessageError, message_id: str | None
) -> Unreadable:
    """Why it cannot be read, with its event, its sender and what about it cannot wait."""
    bundle = child(document, "Bundle") or {}
    header = descend(bundle, "entry", "resource", "MessageHeader") or {}
    event = (value(child(header, "event"), "code") or "").strip().casefold()
    return Unreadable(
        error.field,
        error.reason,
        message_id,
        event=event if event in _EVENTS else None,
        sender=_sender_of(header, bundle),
        urgency=_urgency_of(header, event, bundle),
    )


def _sender_of(header: Node, bundle: Node) -> str | None:
    reference = value(child(header, "responsible"), "reference")
    for url, kind, resource in _entries(bundle):
        if kind == "Organization" and reference in {url, f"{kind}/{value(resource, 'id')}"}:
            code = identifier_value(resource, ODS_CODE) or ""
            return code if _ORGANISATION.fullmatch(code) else None
    return None


def _urgency_of(header: Node, event: str, bundle: Node) -> Urgency | None:
    resources = [(kind, resource) for _, kind, resource in _entries(bundle)]
    patients = [resource for kind, resource in resources if kind == "Patient"]
    if event == EventCode.DEATH_NOTIFICATION or any(map(_states_death, patients)):
        return Urgency.DEATH
    if any(_is_protected(patient) for patient in patients):
        return Urgency.RESTRICTION
    if _ALERTS.search(event):
        return Urgency.SAFETY
    kind_of = descend(
        extension(header, "Extension-MessageEventType-1"), "valueCodeableConcept", "coding"
    )
    if value(kind_of, "code") == MessageEventType.DELETE:
        return Urgency.REMOVAL
    is_taken_back = any(value(resource, "status") == _TAKEN_BACK for _, resource in resources)
    return Urgency.REMOVAL if is_taken_back else None


def _states_death(patient: Node) -> bool:
    is_dated = value(patient, "deceasedDateTime") is not None
    return is_dated or value(patient, "deceasedBoolean") == "true"


def _is_protected(patient: Node) -> bool:
    marks = children(child(patient, "meta") or {}, "security")
    return any(value(mark, "code") in _PROTECTED for mark in marks)


def _entries(bundle: Node) -> Iterator[tuple[str | None, str, Node]]:
    for entry in children(bundle, "entry"):
        for kind, resource in resources_in(child(entry, "resource") or {}):
            yield value(entry, "fullUrl"), kind, resource

"""What the envelope of a NEMS message tells although it cannot be read: its sender, and urgency."""

import re
from collections.abc import Iterator

from connectors.health_visiting.nems.entries import resources_in
from connectors.health_visiting.nems.events import EventCode, event_named
from connectors.health_visiting.nems.message import (
    ODS_CODE,
    MessageEventType,
    event_types_in,
)
from connectors.health_visiting.nems.nodes import Node, child, children, descend, value
from connectors.health_visiting.register.marks import is_restricted
from connectors.ports import Urgency

# What has not the form of an ODS code may be anything, a name for one.
_ORGANISATION = re.compile(r"[A-Z0-9]{3}|(?=.*[0-9])[A-Z0-9]{4,9}")
_ALERTS = re.compile(r"alert|safeguard|protect")
_TAKEN_BACK = "entered-in-error"


def sender_of(document: Node) -> str | None:
    """The ODS code of the organisation that is responsible for the message."""
    bundle, header = _opened(document)
    reference = value(child(header, "responsible"), "reference")
    for url, kind, resource in _entries(bundle):
        if kind == "Organization" and reference in {url, f"{kind}/{value(resource, 'id')}"}:
            stated = (i for i in children(resource, "identifier") if value(i, "use") != "old")
            codes = (value(i, "value") or "" for i in stated if value(i, "system") == ODS_CODE)
            return next((code for code in codes if _ORGANISATION.fullmatch(code)), None)
    return None


def urgency_of(document: Node) -> Urgency | None:
    """What of it cannot wait, the gravest first."""
    bundle, header = _opened(document)
    code = value(child(header, "event"), "code") or ""
    event = (event_named(code) or code).casefold()
    resources = [(kind, resource) for _, kind, resource in _entries(bundle)]
    patients = [resource for kind, resource in resources if kind == "Patient"]
    if event == EventCode.DEATH_NOTIFICATION or any(map(_states_death, patients)):
        return Urgency.DEATH
    if any(map(is_restricted, patients)):
        return Urgency.RESTRICTION
    if _ALERTS.search(event):
        return Urgency.SAFETY
    is_taken_back = any(value(resource, "status") == _TAKEN_BACK for _, resource in resources)
    return Urgency.REMOVAL if is_taken_back or _is_delete(header) else None


def _opened(document: Node) -> tuple[Node, Node]:
    bundle = child(document, "Bundle") or {}
    return bundle, descend(bundle, "entry", "resource", "MessageHeader") or {}


def _is_delete(header: Node) -> bool:
    stated = (descend(one, "valueCodeableConcept", "coding") for one in event_types_in(header))
    return any(value(kind, "code") == MessageEventType.DELETE for kind in stated)


def _states_death(patient: Node) -> bool:
    is_dated = value(patient, "deceasedDateTime") is not None
    return is_dated or value(patient, "deceasedBoolean") == "true"


def _entries(bundle: Node) -> Iterator[tuple[str | None, str, Node]]:
    for entry in children(bundle, "entry"):
        for kind, resource in resources_in(child(entry, "resource") or {}):
            yield value(entry, "fullUrl"), kind, resource

"""Of a NEMS message that cannot be read: its kind, and whom it names, as far as that stands there.

Nothing here raises: what is ill-formed names nobody. A number counts where it passes its check and
nothing says that it was not verified. Source: NHS England, NEMS, Event-MessageHeader-1.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from connectors.health_visiting.nems.entries import resources_in
from connectors.health_visiting.nems.events import ALIASES, EventCode, kind_of_event, message_kind
from connectors.health_visiting.nems.message import (
    MessageEventType,
    event_type_of,
    extension,
    names_of,
    version_of,
)
from connectors.health_visiting.nems.nodes import Node, child, children, descend, value
from connectors.health_visiting.persons.numbers import verified_numbers
from connectors.ports import AboutWhom
from schemas.errors import UnreadableMessageError
from schemas.identifiers import Identifier, nhs_number_identifier
from schemas.records.kinds import MessageKind
from schemas.records.message import Version

_PATIENT = ("patient", "subject")
_NUMBER = re.compile(rb'nhs-number"[^0-9<>]{0,120}(?:/>[^0-9]{0,120})?"([0-9]{10})"')
_MOST_NUMBERS = 4
_CODES = (*EventCode, *ALIASES)
_BEGINNING = 64 * 1024
"""So much of a text is looked through: header and patient stand at its beginning."""


def about_of_text(data: bytes) -> AboutWhom | None:
    """Whom a text names that is cut off or no message: by what stands after a number's system."""
    data = data[:_BEGINNING]
    found = dict.fromkeys(number.decode() for number in _NUMBER.findall(data))
    numbers = [nhs_number_identifier(text) for text in found]
    verified = tuple(number for number in numbers if number.is_verified)[:_MOST_NUMBERS]
    if not verified:
        return None
    event = next((code for code in _CODES if f'"{code}"'.encode() in data), None)
    kind = MessageKind.UNKNOWN if event is None else kind_of_event(event)
    return AboutWhom(kind, verified)


def about_of_bundle(document: Node) -> AboutWhom | None:
    """Whom a message names that cannot be read; None where not even its header can be found."""
    bundle = child(document, "Bundle")
    header = descend(bundle, "entry", "resource", "MessageHeader")
    if bundle is None or header is None:
        return None
    resources = _resources(bundle)
    focus = resources.get(value(child(header, "focus"), "reference") or "")
    return AboutWhom(
        message_kind(header),
        tuple(dict.fromkeys(_numbers(bundle, header, focus, resources))),
        names_of(header, focus),
        _version(header),
        _removes(header),
    )


def _numbers(
    bundle: Node, header: Node, focus: Node | None, resources: Mapping[str, Node]
) -> Iterator[Identifier]:
    """The routing number, and that of the patient whom the message is about.

    Where it does not say which of several that is, and is routed by nobody's number, all of them.
    """
    routing = extension(header, "Extension-RoutingDemographics-1") or {}
    routed = nhs_number_identifier(
        value(descend(extension(routing, "nhsNumber"), "valueIdentifier"), "value") or ""
    )
    if routed.is_verified:
        yield routed
    patients = _patients(bundle)
    theirs = [q for name in _PATIENT for q in patients if q is _target(focus, name, resources)]
    if not theirs and (len(patients) == 1 or not routed.is_verified):
        theirs = list(patients)
    for patient in theirs:
        yield from verified_numbers(patient)


def _target(focus: Node | None, name: str, resources: Mapping[str, Node]) -> Node | None:
    return resources.get(value(child(focus or {}, name), "reference") or "")


def _patients(bundle: Node) -> Sequence[Node]:
    return [
        resource
        for entry in children(bundle, "entry")
        for kind, resource in resources_in(child(entry, "resource") or {})
        if kind == "Patient"
    ]


def _resources(bundle: Node) -> Mapping[str, Node]:
    found: dict[str, Node] = {}
    for entry in children(bundle, "entry"):
        for kind, resource in resources_in(child(entry, "resource") or {}):
            found[value(entry, "fullUrl") or f"{kind}/{value(resource, 'id')}"] = resource
    return found


def _version(header: Node) -> Version | None:
    try:
        return version_of(header)
    except UnreadableMessageError:
        return None


def _removes(header: Node) -> bool:
    try:
        return event_type_of(header) is MessageEventType.DELETE
    except UnreadableMessageError:
        return False

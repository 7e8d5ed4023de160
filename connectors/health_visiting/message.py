"""A NEMS message bundle opened: its header understood, its entries at hand, nothing mapped yet.

Source: NHS England, National Events Management Service, event message bundles (FHIR STU3).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connectors.health_visiting.elements import child, children, value
from connectors.health_visiting.header import (
    EventCode,
    EventType,
    Routing,
    event_of,
    event_type_of,
    routing_of,
    version_of,
)
from connectors.health_visiting.nodes import Node
from schemas.errors import UnreadableMessageError
from schemas.records.message import Version

ODS_CODE = "https://fhir.nhs.uk/Id/ods-organization-code"

_CODE_FORM = re.compile(r"[A-Za-z0-9]{3,12}")


@dataclass(frozen=True, slots=True, repr=False)
class NemsMessage:
    """The parts of a message bundle that its mapper needs."""

    header: Node
    event: EventCode
    event_type: EventType
    version: Version
    routing: Routing
    resources: dict[str, Node]
    kinds: dict[str, list[Node]]

    def resolve(self, reference: Node | None) -> Node | None:
        """The resource that a Reference element points to, when it is in the bundle."""
        target = value(reference, "reference")
        return None if target is None else self.resources.get(target)

    def of_type(self, name: str) -> Sequence[Node]:
        """The resources of one type, in bundle order."""
        return self.kinds.get(name, ())

    def is_of_type(self, resource: Node | None, name: str) -> bool:
        """Whether a resource of the bundle is of that type."""
        return any(resource is one for one in self.of_type(name))

    def focus(self, *names: str) -> Node:
        """The resource that the message is about, which must be of one of these types."""
        resource = self.resolve(child(self.header, "focus"))
        if resource is None:
            raise UnreadableMessageError(field="MessageHeader.focus", reason="not-found")
        if not any(self.is_of_type(resource, name) for name in names):
            raise UnreadableMessageError(field="MessageHeader.focus", reason="unexpected-type")
        return resource

    @property
    def publisher(self) -> str:
        """Whose statement this is: `pds` or the ODS code of the responsible organisation."""
        if self.event.startswith("pds-"):
            return "pds"
        return self.organisation_code(child(self.header, "responsible")) or "unknown"

    def organisation_code(self, reference: Node | None) -> str | None:
        """The ODS code of an organisation in the bundle, or at the end of a directory address."""
        organisation = self.resolve(reference)
        if organisation is not None:
            code = identifier_value(organisation, ODS_CODE) or ""
        else:
            code = (value(reference, "reference") or "").rpartition("Organization/")[2]
        return code if _CODE_FORM.fullmatch(code) else None


def read_message(document: Node) -> NemsMessage:
    """Open a bundle; raises UnreadableMessageError naming what is missing or ill-formed."""
    bundle = child(document, "Bundle")
    if bundle is None:
        raise UnreadableMessageError(field="Bundle", reason="wrong-root")
    if value(bundle, "type") != "message":
        raise UnreadableMessageError(field="Bundle.type", reason="not-a-message")
    resources, kinds = _resources(bundle)
    header = next(iter(resources.values()), None)
    if header is None or not any(header is one for one in kinds.get("MessageHeader", ())):
        raise UnreadableMessageError(field="MessageHeader", reason="missing")
    if value(header, "id") is None:
        raise UnreadableMessageError(field="MessageHeader.id", reason="missing")
    event = event_of(header)
    return NemsMessage(
        header=header,
        event=event,
        event_type=event_type_of(header),
        version=version_of(header, event),
        routing=routing_of(header),
        resources=resources,
        kinds=kinds,
    )


def identifier_value(resource: Node | None, system: str) -> str | None:
    """The value of a resource's identifier of one system."""
    if resource is None:
        return None
    for identifier in children(resource, "identifier"):
        if value(identifier, "system") == system:
            return value(identifier, "value")
    return None


def resources_in(holder: Node) -> Iterator[tuple[str, Node]]:
    """The resources in an element that holds them, each with the name of its type."""
    for kind, found in holder.items():
        for resource in found if isinstance(found, list) else ():
            yield kind, resource


def _resources(bundle: Node) -> tuple[dict[str, Node], dict[str, list[Node]]]:
    """The resources by what refers to them, and by type.

    One without fullUrl is known by type and id, as references between them then are.
    """
    by_url: dict[str, Node] = {}
    by_kind: dict[str, list[Node]] = {}
    for entry in children(bundle, "entry"):
        held = list(resources_in(child(entry, "resource") or {}))
        if len(held) != 1:
            raise UnreadableMessageError(field="Bundle.entry", reason="incomplete")
        kind, resource = held[0]
        url = value(entry, "fullUrl") or f"{kind}/{value(resource, 'id') or len(by_url)}"
        if url in by_url:
            raise UnreadableMessageError(field="Bundle.entry.fullUrl", reason="duplicate")
        by_url[url] = resource
        by_kind.setdefault(kind, []).append(resource)
    return by_url, by_kind

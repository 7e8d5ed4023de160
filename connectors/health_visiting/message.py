"""A NEMS message bundle opened: its header understood, its entries at hand, nothing mapped yet.

Source: NHS England, National Events Management Service, event message bundles (FHIR STU3).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from connectors.health_visiting.elements import FHIR, child, children, date_time, descend, value
from connectors.safe_xml import Element
from schemas.errors import UnreadableMessageError
from schemas.records.message import Version

ODS_CODE = "https://fhir.nhs.uk/Id/ods-organization-code"

_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
_VERSION_ID = re.compile(r"[0-9]{1,9}")
_CODE_FORM = re.compile(r"[A-Za-z0-9]{3,12}")


class EventCode(StrEnum):
    """What happened: MessageHeader.event.code."""

    PROFESSIONAL_CONTACTS = "professional-contacts-1"
    BIRTH_NOTIFICATION = "pds-birth-notification-1"
    CHANGE_OF_ADDRESS = "pds-change-of-address-1"
    CHANGE_OF_GP = "pds-change-of-gp-1"
    DEATH_NOTIFICATION = "pds-death-notification-1"
    RECORD_CHANGE = "pds-record-change-1"
    VACCINATIONS = "vaccinations-1"
    NEWBORN_HEARING = "newborn-hearing-1"
    NIPE_OUTCOME = "nipe-outcome-1"
    BLOOD_SPOT_OUTCOME = "blood-spot-test-outcome-1"


class EventType(StrEnum):
    """Whether the message adds, replaces or takes back: Extension-MessageEventType-1."""

    NEW = "new"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True, repr=False)
class Routing:
    """Whom the message was routed by: Extension-RoutingDemographics-1."""

    nhs_number: str | None = None
    family_name: str | None = None
    given_names: tuple[str, ...] = ()
    birth: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class NemsMessage:
    """The parts of a message bundle that its mapper needs."""

    header: Element
    event: EventCode
    event_type: EventType
    version: Version
    routing: Routing
    resources: dict[str, Element]

    def resolve(self, reference: Element | None) -> Element | None:
        """The resource that a Reference element points to, when it is in the bundle."""
        target = value(reference, "reference")
        return None if target is None else self.resources.get(target)

    def of_type(self, name: str) -> Iterator[Element]:
        """The resources of one type, in bundle order."""
        tag = FHIR + name
        return (resource for resource in self.resources.values() if resource.tag == tag)

    def focus(self, *names: str) -> Element:
        """The resource that the message is about, which must be of one of these types."""
        resource = self.resolve(child(self.header, "focus"))
        if resource is None:
            raise UnreadableMessageError(field="MessageHeader.focus", reason="not-found")
        if resource.tag not in {FHIR + name for name in names}:
            raise UnreadableMessageError(field="MessageHeader.focus", reason="unexpected-type")
        return resource

    @property
    def publisher(self) -> str:
        """Whose statement this is: `pds` or the ODS code of the responsible organisation."""
        if self.event.startswith("pds-"):
            return "pds"
        return self.organisation_code(child(self.header, "responsible")) or "unknown"

    def organisation_code(self, reference: Element | None) -> str | None:
        """The ODS code of an organisation in the bundle, or at the end of a directory address."""
        organisation = self.resolve(reference)
        if organisation is not None:
            code = identifier_value(organisation, ODS_CODE) or ""
        else:
            code = (value(reference, "reference") or "").rpartition("Organization/")[2]
        return code if _CODE_FORM.fullmatch(code) else None


def read_message(root: Element) -> NemsMessage:
    """Open a parsed bundle; raises UnreadableMessageError naming what is missing or ill-formed."""
    if root.tag != FHIR + "Bundle":
        raise UnreadableMessageError(field="Bundle", reason="wrong-root")
    if value(root, "type") != "message":
        raise UnreadableMessageError(field="Bundle.type", reason="not-a-message")
    resources = _resources_by_url(root)
    header = next(iter(resources.values()), None)
    if header is None or header.tag != FHIR + "MessageHeader":
        raise UnreadableMessageError(field="MessageHeader", reason="missing")
    if value(header, "id") is None:
        raise UnreadableMessageError(field="MessageHeader.id", reason="missing")
    event = _member(EventCode, descend(header, "event"), field="MessageHeader.event.code")
    return NemsMessage(
        header=header,
        event=event,
        event_type=_event_type(header),
        version=_version(header, event),
        routing=_routing(header),
        resources=resources,
    )


def identifier_value(resource: Element | None, system: str) -> str | None:
    """The value of a resource's identifier of one system."""
    if resource is None:
        return None
    for identifier in children(resource, "identifier"):
        if value(identifier, "system") == system:
            return value(identifier, "value")
    return None


def extension(parent: Element, name: str) -> Element | None:
    """The extension whose URL is `name` or ends in `/name`: systems differ in the part before."""
    for element in children(parent, "extension"):
        if (element.get("url") or "").rpartition("/")[2] == name:
            return element
    return None


def _resources_by_url(root: Element) -> dict[str, Element]:
    resources: dict[str, Element] = {}
    for entry in children(root, "entry"):
        holder = child(entry, "resource")
        url = value(entry, "fullUrl")
        if holder is None or len(holder) != 1 or url is None:
            raise UnreadableMessageError(field="Bundle.entry", reason="incomplete")
        if url in resources:
            raise UnreadableMessageError(field="Bundle.entry.fullUrl", reason="duplicate")
        resources[url] = holder[0]
    return resources


def _event_type(header: Element) -> EventType:
    concept = descend(
        extension(header, "Extension-MessageEventType-1"), "valueCodeableConcept", "coding"
    )
    return _member(EventType, concept, field="MessageHeader.extension[messageEventType]")


_Codes = TypeVar("_Codes", EventCode, EventType)


def _member(codes: type[_Codes], coding: Element | None, *, field: str) -> _Codes:
    code = value(coding, "code")
    if code is None:
        raise UnreadableMessageError(field=field, reason="missing")
    try:
        return codes(code)
    except ValueError as error:
        raise UnreadableMessageError(field=field, reason="unknown") from error


def _version(header: Element, event: EventCode) -> Version:
    meta = child(header, "meta")
    number = value(meta, "versionId") or "0"
    if not _VERSION_ID.fullmatch(number):
        raise UnreadableMessageError(field="MessageHeader.meta.versionId", reason="not-a-number")
    updated = value(meta, "lastUpdated")
    if updated is None and event is EventCode.RECORD_CHANGE:
        # It carries no records, so nothing is ordered by it; NHS examples leave lastUpdated out.
        return Version(_instant(value(header, "timestamp"), "MessageHeader.timestamp"), int(number))
    return Version(_instant(updated, "MessageHeader.meta.lastUpdated"), int(number))


def _instant(text: str | None, field: str) -> str:
    if text is None:
        raise UnreadableMessageError(field=field, reason="missing")
    try:
        if not _INSTANT.fullmatch(text):
            raise UnreadableMessageError(field=field, reason="not-an-instant")
        moment = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UnreadableMessageError(field=field, reason="not-an-instant") from error
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _routing(header: Element) -> Routing:
    outer = extension(header, "Extension-RoutingDemographics-1")
    if outer is None:
        return Routing()
    name = descend(extension(outer, "name"), "valueHumanName")
    birth = extension(outer, "birthDateTime")
    return Routing(
        nhs_number=value(descend(extension(outer, "nhsNumber"), "valueIdentifier"), "value"),
        family_name=value(name, "family"),
        given_names=() if name is None else tuple(given_names(name)),
        birth=date_time(birth, "valueDateTime", field="MessageHeader.routing.birthDateTime"),
    )


def given_names(name: Element) -> Iterator[str]:
    """The given names of a HumanName, blanks left out."""
    return (
        text for given in children(name, "given") if (text := (given.get("value") or "").strip())
    )

"""A NEMS message bundle opened: its header understood, its entries at hand, nothing mapped yet.

Sources: NHS England, National Events Management Service, event message bundles and
Event-MessageHeader-1 (FHIR STU3).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from typing import TypeVar

from connectors.health_visiting.nems.nodes import (
    Node,
    attribute,
    child,
    children,
    date_time,
    descend,
    own_value,
    value,
)
from connectors.health_visiting.nems.statuses import in_force
from schemas.errors import UnreadableMessageError
from schemas.records.kinds import MessageKind
from schemas.records.message import Version
from schemas.uk_time import uk_day

# The header: what happened, in which version, whom the message was routed by.

_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
_VERSION_ID = re.compile(r"[0-9]{1,9}")


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
    ENCOUNTER = "encounter-1"
    ASSESSMENT_SCALES = "assessment-scales-1"
    FEEDING_STATUS = "feeding-status-1"
    PERSONAL_CONTACTS = "personal-contacts-1"
    LEGAL_INFORMATION = "legal-information-1"
    INDIVIDUAL_REQUIREMENTS = "individual-requirements-1"


_KINDS: Mapping[str, MessageKind] = {
    EventCode.PROFESSIONAL_CONTACTS: MessageKind.PROFESSIONAL_CONTACT,
    EventCode.BIRTH_NOTIFICATION: MessageKind.BIRTH_NOTIFICATION,
    EventCode.CHANGE_OF_ADDRESS: MessageKind.CHANGE_OF_ADDRESS,
    EventCode.CHANGE_OF_GP: MessageKind.CHANGE_OF_PRACTICE,
    EventCode.DEATH_NOTIFICATION: MessageKind.DEATH_NOTIFICATION,
    EventCode.RECORD_CHANGE: MessageKind.RECORD_CHANGE,
    EventCode.VACCINATIONS: MessageKind.VACCINATION,
    EventCode.NEWBORN_HEARING: MessageKind.SCREENING,
    EventCode.NIPE_OUTCOME: MessageKind.SCREENING,
    EventCode.BLOOD_SPOT_OUTCOME: MessageKind.SCREENING,
    EventCode.ENCOUNTER: MessageKind.CONTACT,
    EventCode.ASSESSMENT_SCALES: MessageKind.ASSESSMENT,
    EventCode.FEEDING_STATUS: MessageKind.FEEDING,
    EventCode.PERSONAL_CONTACTS: MessageKind.PERSONAL_CONTACT,
    EventCode.LEGAL_INFORMATION: MessageKind.LEGAL_STATUS,
    EventCode.INDIVIDUAL_REQUIREMENTS: MessageKind.REQUIREMENTS,
}
# Events that nothing here reads, by what their code begins with; the version may be any.
_NOT_READ = {
    "safety-alert": MessageKind.SAFETY_ALERT,
    "pds-death-notification": MessageKind.DEATH_NOTIFICATION,
    "vaccination": MessageKind.VACCINATION,
    "legal-information": MessageKind.LEGAL_STATUS,
}


def message_kind(header: Node) -> MessageKind:
    """What kind of message it is, also where nothing here reads it."""
    return kind_of_event(value(child(header, "event"), "code") or "")


def kind_of_event(code: str) -> MessageKind:
    """What kind of message a code is that of; unknown for one that nobody told us of."""
    not_read = (kind for begun, kind in _NOT_READ.items() if code.startswith(begun))
    return _KINDS.get(code) or next(not_read, MessageKind.UNKNOWN)


_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def header_id(header: Node | None) -> str | None:
    """The id of a message, where it has the form of one; anything else could hold anything."""
    found = value(header, "id")
    return found.lower() if found is not None and _UUID.fullmatch(found) else None


def names_of(header: Node, focus: Node | None) -> tuple[str, ...]:
    """What a message is called, and what it is about, each among messages of its event."""
    event, own = value(child(header, "event"), "code") or "", header_id(header)
    identifier = None if focus is None else child(focus, "identifier")
    number = value(identifier, "value")
    return (
        *(() if own is None else (f"{event}/id/{own}",)),
        *(() if number is None else (f"{event}/{value(identifier, 'system') or ''}|{number}",)),
    )


class MessageEventType(StrEnum):
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


def event_of(header: Node) -> EventCode:
    """What happened; raises UnreadableMessageError for an event that nobody told us of."""
    return _member(EventCode, child(header, "event"), field="MessageHeader.event.code")


def event_type_of(header: Node) -> MessageEventType:
    """New, update or delete; raises UnreadableMessageError."""
    coding = descend(
        extension(header, "Extension-MessageEventType-1"), "valueCodeableConcept", "coding"
    )
    return _member(MessageEventType, coding, field="MessageHeader.extension[messageEventType]")


def version_of(header: Node, event: EventCode | None) -> Version:
    """The source's own sequence: lastUpdated in UTC, then versionId."""
    meta = child(header, "meta")
    number = value(meta, "versionId") or "0"
    if not _VERSION_ID.fullmatch(number):
        raise UnreadableMessageError(field="MessageHeader.meta.versionId", reason="not-a-number")
    updated = value(meta, "lastUpdated")
    if updated is None and event is EventCode.RECORD_CHANGE:
        # NHS examples leave lastUpdated out; it carries no record but of a death, if any.
        return Version(_instant(value(header, "timestamp"), "MessageHeader.timestamp"), int(number))
    return Version(_instant(updated, "MessageHeader.meta.lastUpdated"), int(number))


def routing_of(header: Node) -> Routing:
    """Whom the message was routed by; all of it may be missing."""
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


def extension(parent: Node, name: str) -> Node | None:
    """The extension whose URL is `name` or ends in `/name`: systems differ in the part before."""
    for element in children(parent, "extension"):
        if (attribute(element, "url") or "").rpartition("/")[2] == name:
            return element
    return None


def given_names(name: Node) -> Iterator[str]:
    """The given names of a HumanName, blanks left out."""
    return (text for given in children(name, "given") if (text := own_value(given)))


_Codes = TypeVar("_Codes", EventCode, MessageEventType)


def _member(codes: type[_Codes], coding: Node | None, *, field: str) -> _Codes:
    code = value(coding, "code")
    if code is None:
        raise UnreadableMessageError(field=field, reason="missing")
    try:
        return codes(code)
    except ValueError as error:
        raise UnreadableMessageError(field=field, reason="unknown") from error


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


ODS_CODE = "https://fhir.nhs.uk/Id/ods-organization-code"

_CODE_FORM = re.compile(r"[A-Za-z0-9]{3,12}")


@dataclass(frozen=True, repr=False)
class NemsMessage:
    """The parts of a message bundle that its mapper needs.

    `day` is that on which the message says what it says, in the United Kingdom (ISO 8601). Without
    slots, because what is asked for again and again is looked up once.
    """

    header: Node
    event: EventCode
    event_type: MessageEventType
    version: Version
    day: str
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
        return self.sender or "unknown"

    @cached_property
    def sender(self) -> str | None:
        """The ODS code of the organisation that is responsible for the message."""
        return self.organisation_code(child(self.header, "responsible"))

    def organisation_code(self, reference: Node | None) -> str | None:
        """The ODS code of an organisation in the bundle, or at the end of a directory address."""
        organisation = self.resolve(reference)
        if organisation is not None:
            code = identifier_value(organisation, ODS_CODE, self.day) or ""
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
    event_type, version = event_type_of(header), version_of(header, event)
    return NemsMessage(
        header=header,
        event=event,
        event_type=event_type,
        version=version,
        day=uk_day(datetime.fromisoformat(version.at)).isoformat(),
        routing=routing_of(header),
        resources=resources,
        kinds=kinds,
    )


def identifier_value(resource: Node | None, system: str, day: str) -> str | None:
    """The value of a resource's identifier of one system that is in force on that day."""
    for identifier in in_force(children(resource or {}, "identifier"), day):
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


# As what NEMS sends each event to a MESH mailbox: the workflow ids.

_LETTERS_AND_DIGITS = re.compile(r"[^A-Z0-9]")
_OF_PDS = "PDS"


def is_known_workflow(workflow_id: str | None) -> bool:
    """Whether messages of this workflow are events that we map.

    NEMS names a workflow after its event: `PROFESSIONALCONTACTS_1`, `BIRTHNOTIFICATION_1`,
    `PDS_RECORD_CHANGE_1`. Its own pages write the same one with and without the part for PDS and
    with other underscores (DOMAIN section 2.1.1), so only letters and digits are compared.
    """
    return workflow_id is not None and _compact(workflow_id).removeprefix(_OF_PDS) in _KNOWN


def _compact(name: str) -> str:
    return _LETTERS_AND_DIGITS.sub("", name.upper())


_KNOWN = frozenset(_compact(event).removeprefix(_OF_PDS) for event in EventCode)

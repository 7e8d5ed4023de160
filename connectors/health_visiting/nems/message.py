"""A NEMS message bundle opened: its header understood, its entries at hand, nothing mapped yet.

What the specification wants and a sender leaves out is made up for only where nothing else can be
meant; else it is named. Sources: NHS England, National Events Management Service, event message
bundles and Event-MessageHeader-1 (FHIR STU3); Digital Child Health, event header design.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property

from connectors.health_visiting.nems.entries import Entries, entries_of
from connectors.health_visiting.nems.events import EventCode, event_named
from connectors.health_visiting.nems.nodes import (
    Node,
    attribute,
    child,
    children,
    date_time,
    descend,
    digest_of,
    own_value,
    value,
    without_marks,
)
from connectors.health_visiting.nems.statuses import in_force
from schemas.errors import UnreadableMessageError
from schemas.records.message import Version
from schemas.uk_time import uk_day

# The header: what happened, in which version, whom the message was routed by.

_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
_VERSION_ID = re.compile(r"[0-9]{1,9}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def header_id(header: Node | None) -> str | None:
    """The id of a message, where it has the form of one; anything else could hold anything."""
    found = value(header, "id")
    return found.lower() if found is not None and _UUID.fullmatch(found) else None


def names_of(header: Node, focus: Node | None) -> tuple[str, ...]:
    """What a message is called, and what it is about, each among messages of its event."""
    code, own = value(child(header, "event"), "code") or "", header_id(header)
    event = event_named(code) or code
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
    code = value(child(header, "event"), "code")
    event = None if code is None else event_named(code)
    if event is None:
        reason = "missing" if code is None else "unknown"
        raise UnreadableMessageError(field="MessageHeader.event.code", reason=reason)
    return event


# Each release of the specification has an extension of its own for the same three codes.
_EVENT_TYPES = (
    "Extension-MessageEventType-1",
    "Extension-DCH-MessageEventType-1",
    "Extension-EMS-MessageEventType-1",
)


def event_type_of(header: Node) -> MessageEventType:
    """New, update or delete; raises UnreadableMessageError, also for two of them at once."""
    field = "MessageHeader.extension[messageEventType]"
    stated = (descend(one, "valueCodeableConcept", "coding") for one in event_types_in(header))
    codes = {code for one in stated if (code := value(one, "code")) is not None}
    if len(codes) != 1:
        raise UnreadableMessageError(field=field, reason="several-values" if codes else "missing")
    try:
        return MessageEventType(codes.pop())
    except ValueError as error:
        raise UnreadableMessageError(field=field, reason="unknown") from error


def event_types_in(header: Node) -> Iterator[Node]:
    """The extensions that say whether a message adds, replaces or takes back."""
    return (one for name in _EVENT_TYPES if (one := extension(header, name)) is not None)


def version_of(header: Node) -> Version:
    """The source's own sequence: lastUpdated in UTC, then versionId.

    Digital Child Health requires no lastUpdated, nor did the first release of the events service:
    then it is the time of publishing. The register's events of today need it: they come out of
    order, and a change of address comes twice.
    """
    meta = child(header, "meta")
    number = version_number_of(meta, "MessageHeader.meta.versionId")
    updated = value(meta, "lastUpdated")
    if updated is None and not _needs_order(value(child(header, "event"), "code") or ""):
        published = value(header, "timestamp")
        return Version(instant_of(published, "MessageHeader.timestamp"), number)
    return Version(instant_of(updated, "MessageHeader.meta.lastUpdated"), number)


def version_number_of(meta: Node | None, field: str) -> int:
    """Meta.versionId, 0 where there is none; raises UnreadableMessageError naming `field`."""
    number = value(meta, "versionId") or "0"
    if not _VERSION_ID.fullmatch(number):
        raise UnreadableMessageError(field=field, reason="not-a-number")
    return int(number)


def _needs_order(code: str) -> bool:
    return code.startswith("pds-") and code != EventCode.RECORD_CHANGE


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


def instant_of(text: str | None, field: str) -> str:
    """A FHIR instant in UTC, to the microsecond; raises UnreadableMessageError naming `field`."""
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
    slots, because what is asked for again and again is looked up once. `content` tells what is said
    from anything else that is, where the focus has nothing of its own to be known by.
    """

    header: Node
    event: EventCode
    event_type: MessageEventType
    version: Version
    day: str
    routing: Routing
    entries: Entries
    content: str | None = None

    def resolve(self, reference: Node | None) -> Node | None:
        """The resource that a Reference element points to, when it is in the bundle."""
        return self.entries.resolve(reference)

    def of_type(self, name: str) -> Sequence[Node]:
        """The resources of one type, in bundle order."""
        return self.entries.by_kind.get(name, ())

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
    entries = entries_of(bundle)
    header = next(iter(entries.by_url.values()), None)
    if header is None or not any(header is one for one in entries.by_kind.get("MessageHeader", ())):
        raise UnreadableMessageError(field="MessageHeader", reason="missing")
    event = event_of(header)
    event_type, version = event_type_of(header), version_of(header)
    header = _with_focus(header, event, entries)
    return NemsMessage(
        header=header,
        event=event,
        event_type=event_type,
        version=version,
        day=uk_day(datetime.fromisoformat(version.at)).isoformat(),
        routing=routing_of(header),
        entries=entries,
        content=_content(header, event_type, entries),
    )


# What each event is about, where its header does not lead there.

_BY_KIND = {
    EventCode.PROFESSIONAL_CONTACTS: ("EpisodeOfCare", "Encounter"),
    EventCode.VACCINATIONS: ("Immunization", "Encounter"),
    EventCode.FAILSAFE_ALERT: ("Communication",),
    EventCode.FAILSAFE_ALERT_NULLIFIED: ("Communication",),
}
_MOSTLY = ("Encounter",)


def _with_focus(header: Node, event: EventCode, entries: Entries) -> Node:
    """The header, led to the only resource of its kind where its own focus leads nowhere."""
    if entries.resolve(child(header, "focus")) is not None:
        return header
    kinds = ("Communication",) if event.startswith("pds-") else _BY_KIND.get(event, _MOSTLY)
    for kind in kinds:
        found = entries.by_kind.get(kind, ())
        if len(found) > 1:
            return header
        for url, resource in entries.by_url.items():
            if found and resource is found[0]:
                return {**header, "focus": [{"reference": [{"value": url}]}]}
    return header


def _content(header: Node, event_type: MessageEventType, entries: Entries) -> str | None:
    """A digest of all but the header, for something new whose focus has neither number nor id.

    An update or a deletion has to name what it replaces.
    """
    focus = entries.resolve(child(header, "focus"))
    if focus is None or event_type is not MessageEventType.NEW:
        return None
    if value(child(focus, "identifier"), "value") or value(focus, "id"):
        return None
    said = {kind: several for kind, several in entries.by_kind.items() if kind != "MessageHeader"}
    return digest_of([without_marks(one) for several in said.values() for one in several])


def identifier_value(resource: Node | None, system: str, day: str) -> str | None:
    """The value of a resource's identifier of one system that is in force on that day."""
    for identifier in in_force(children(resource or {}, "identifier"), day):
        if value(identifier, "system") == system:
            return value(identifier, "value")
    return None

"""The header of a NEMS message: what happened, in which version, whom it was routed by.

Source: NHS England, National Events Management Service, Event-MessageHeader-1 (FHIR STU3).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from connectors.health_visiting.elements import (
    attribute,
    child,
    children,
    date_time,
    descend,
    own_value,
    value,
)
from connectors.health_visiting.nodes import Node
from schemas.errors import UnreadableMessageError
from schemas.records.message import Version

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


def event_of(header: Node) -> EventCode:
    """What happened; raises UnreadableMessageError for an event that nobody told us of."""
    return _member(EventCode, child(header, "event"), field="MessageHeader.event.code")


def event_type_of(header: Node) -> EventType:
    """New, update or delete; raises UnreadableMessageError."""
    coding = descend(
        extension(header, "Extension-MessageEventType-1"), "valueCodeableConcept", "coding"
    )
    return _member(EventType, coding, field="MessageHeader.extension[messageEventType]")


def version_of(header: Node, event: EventCode) -> Version:
    """The source's own sequence: lastUpdated in UTC, then versionId."""
    meta = child(header, "meta")
    number = value(meta, "versionId") or "0"
    if not _VERSION_ID.fullmatch(number):
        raise UnreadableMessageError(field="MessageHeader.meta.versionId", reason="not-a-number")
    updated = value(meta, "lastUpdated")
    if updated is None and event is EventCode.RECORD_CHANGE:
        # It carries no records, so nothing is ordered by it; NHS examples leave lastUpdated out.
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


_Codes = TypeVar("_Codes", EventCode, EventType)


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

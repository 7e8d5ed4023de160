"""Signals of the national notification service: that something changed, of whom, and where to ask.

A signal carries no record. So it is shown as a reason to ask its source, until the register has
answered (`answers`); only a death, and one number in the place of another, act by themselves. Some
come with the record itself beside them, which is then read as if it had been asked for. Sources:
NHS England, Multicast Notification Service, signals in FHIR R4 (subscriptions backport) and as
CloudEvents, and its catalogue of events.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from connectors.health_visiting.nems.entries import resources_in
from connectors.health_visiting.nems.message import header_id, instant_of
from connectors.health_visiting.nems.nodes import Node, child, children, descend, digest_of, value
from connectors.health_visiting.persons.deaths import death_by_status
from connectors.health_visiting.persons.numbers import superseded
from connectors.health_visiting.persons.people import death_of
from connectors.parsing.demographics import is_iso_date
from connectors.ports import AboutWhom, Unreadable, Urgency
from schemas.errors import UnreadableMessageError
from schemas.identifiers import Identifier, nhs_number_identifier
from schemas.records.kinds import MessageKind
from schemas.records.message import Demographics, Record, SourceMessage, Subject, Version
from schemas.records.payloads import Occurrence, OccurrenceKind, Period
from schemas.records.unused import Unused, UnusedPart, WhyUnused, as_part
from schemas.vocabulary import Category, Source

_HISTORY: Final = "history"
_NAMED: Final = re.compile(r"(?P<name>[a-z][a-z0-9-]{0,79})-[0-9]{1,3}")
_FIELD: Final = "Signal"
_REF: Final = "patient"
_DAY: Final = len("YYYY-MM-DD")
_IDENTITY = Category.IDENTITY_AND_CONTACT


@dataclass(frozen=True, slots=True)
class SignalEvent:
    """What an event is about, as it goes on after "Changed at its source:", and who may see it."""

    about: str
    category: Category
    kind: MessageKind = MessageKind.RECORD_CHANGE


_DEATH: Final = "pds-death-notification"
_NUMBER: Final = "nhs-number-change"
_TEST: Final = "mns-test-signal"
EVENTS: Final[Mapping[str, SignalEvent]] = MappingProxyType(
    {
        _DEATH: SignalEvent("a notification of death", _IDENTITY, MessageKind.DEATH_NOTIFICATION),
        _NUMBER: SignalEvent("the NHS number", _IDENTITY),
        "pds-record-change": SignalEvent("who the person is, or where", _IDENTITY),
        "pds-change-of-gp": SignalEvent(
            "the general practice", Category.PRACTITIONERS, MessageKind.CHANGE_OF_PRACTICE
        ),
        "gpreg-change-gp-req": SignalEvent(
            "a request to register with a general practice",
            Category.PRACTITIONERS,
            MessageKind.CHANGE_OF_PRACTICE,
        ),
        "imms-vaccination-record-change": SignalEvent(
            "a vaccination", Category.CHILD_HEALTH, MessageKind.VACCINATION
        ),
        "patientflags-change": SignalEvent(
            "what helps the person to be understood",
            Category.COMMUNICATION_NEEDS,
            MessageKind.REQUIREMENTS,
        ),
        "nhshco-hc-complete": SignalEvent(
            "a health check", Category.CHILD_HEALTH, MessageKind.ASSESSMENT
        ),
        "pathology-laboratory-reporting-test-result-stored": SignalEvent(
            "a test result", Category.CHILD_HEALTH, MessageKind.CONTACT
        ),
        "pdm-resource-change": SignalEvent(
            "a health record", Category.CHILD_HEALTH, MessageKind.CONTACT
        ),
        **{
            f"vrs-proxy-role-{became}": SignalEvent(
                "who may act for the person",
                Category.FAMILY_AND_HOUSEHOLD,
                MessageKind.PERSONAL_CONTACT,
            )
            for became in ("created", "changed", "deleted")
        },
        _TEST: SignalEvent("a test", _IDENTITY),
    }
)
_OF_THE_REGISTER: Final = ("pds-", _NUMBER)
_REGISTER: Final = "The national register of patients"
_ELSEWHERE: Final = "The NHS service that keeps it"
_ASK: Final = ("What to do", "Ask its source: what has changed was not sent")


def noticed_scope(key: str) -> str:
    """All that signals have told of one person, until the register has answered."""
    return f"{key}/changed"


@dataclass(frozen=True, slots=True, repr=False)
class Signal:
    """One signal, in whichever form it came.

    `focus` is where to ask; `status` is that of a number or a death, which only the first version
    of the service told; `record` what its source sent beside it, as a document of its own.
    """

    id: str | None
    digest: str
    type: str
    time: str | None
    number: str | None
    born: str | None = None
    family_name: str | None = None
    focus: str | None = None
    status: str | None = None
    record: Node | None = None
    unused: tuple[UnusedPart, ...] = ()

    @property
    def name(self) -> str:
        """What happened, without its version."""
        found = _NAMED.fullmatch(self.type)
        return found["name"] if found else ""

    @property
    def event(self) -> SignalEvent | None:
        """What it is about, as far as anybody told us."""
        return EVENTS.get(self.name)

    @property
    def message_id(self) -> str:
        """The same whenever it is delivered, whatever is between its elements."""
        return f"signal.{self.id or 'none'}.{self.digest}"


def signal_in(document: Node) -> Signal | None:
    """The signal that a document is; None for any other document."""
    bundle = child(document, "Bundle")
    if bundle is not None:
        return _of_bundle(bundle) if value(bundle, "type") == _HISTORY else None
    is_cloud_event = value(document, "type") is not None and "subject" in document
    return _of_cloud_event(document) if is_cloud_event else None


def _of_bundle(bundle: Node) -> Signal | None:
    """In FHIR: the status of a subscription, and perhaps the resource that it is about."""
    entries = children(bundle, "entry")
    held = [list(resources_in(child(entry, "resource") or {})) for entry in entries]
    told = next((one for found in held for kind, one in found if kind == "Parameters"), None)
    if told is None:
        return None
    event, context = _parameter(told, "notification-event"), _parameter(told, "additional-context")
    subject = descend(_part(context, "subject"), "valueReference", "identifier")
    others = [(kind, one) for found in held for kind, one in found if kind != "Parameters"]
    beside: list[Node] = [{kind: [one]} for kind, one in others]
    parts = [UnusedPart(as_part(next(iter(one))), WhyUnused.KIND_NOT_READ) for one in beside[1:]]
    return Signal(
        id=header_id(bundle),
        digest=digest_of(list(entries)),
        type=value(_part(context, "event-type"), "valueString") or "",
        time=value(_part(event, "timestamp"), "valueInstant") or value(bundle, "timestamp"),
        number=value(subject, "value"),
        focus=value(descend(_part(event, "focus"), "valueReference"), "reference"),
        record=beside[0] if beside else None,
        unused=tuple(parts),
    )


def _of_cloud_event(event: Node) -> Signal:
    """As a CloudEvent; its first version had the person's name and birth, and data of its own."""
    subject, data = child(event, "subject") or {}, child(event, "data")
    identity = value({"id": [{"value": event["id"]}]}, "id") if "id" in event else None
    told: Node = {name: found for name, found in event.items() if isinstance(found, list)}
    return Signal(
        id=header_id({"id": [{"value": identity or ""}]}),
        digest=digest_of([told]),
        type=value(event, "type") or "",
        time=value(event, "time"),
        number=value(event, "subject") or value(subject, "nhsNumber"),
        born=value(subject, "dob"),
        family_name=value(subject, "familyName"),
        focus=value(event, "dataref") or value(data, "fullUrl"),
        status=value(data, "nhsNumberStatus") or value(data, "deathNotificationStatus"),
    )


def _parameter(parameters: Node, name: str) -> Node | None:
    return next((p for p in children(parameters, "parameter") if value(p, "name") == name), None)


def _part(parameter: Node | None, name: str) -> Node | None:
    parts = children(parameter or {}, "part")
    return next((part for part in parts if value(part, "name") == name), None)


# What it comes to.


def source_message_from_signal(signal: Signal) -> SourceMessage:
    """What a signal tells by itself; raises UnreadableMessageError with the field and the reason.

    Of one that only tests the way nothing is told.
    """
    event = signal.event
    if event is None:
        raise UnreadableMessageError(field=f"{_FIELD}.type", reason=_why_no_event(signal))
    version = Version(instant_of(signal.time, f"{_FIELD}.time"))
    number = _verified(signal)
    others = tuple(_replaced_or_replacing(signal, number))
    current = next((one for one in others if one.is_verified), number)
    subject = Subject(_REF, others or (number,), _demographics(signal))
    records = () if signal.name == _TEST else tuple(_records(signal, event, current, version))
    return SourceMessage(
        source=Source.HEALTH_VISITING,
        message_id=signal.message_id,
        version=version,
        subjects=(subject,),
        records=records,
        kind=event.kind,
        names=_names(signal),
        unused=Unused(parts=signal.unused),
    )


def unreadable_signal(signal: Signal, error: UnreadableMessageError) -> Unreadable:
    """Why a signal cannot be read, and whom it names."""
    event, number = signal.event, nhs_number_identifier(signal.number or "")
    kind = MessageKind.UNKNOWN if event is None else event.kind
    about = AboutWhom(kind, (number,) if number.is_verified else (), _names(signal))
    urgency = Urgency.DEATH if signal.name == _DEATH else None
    return Unreadable(error.field, error.reason, signal.message_id, about=about, urgency=urgency)


def _why_no_event(signal: Signal) -> str:
    return "unknown" if signal.type else "missing"


def _verified(signal: Signal) -> Identifier:
    number = nhs_number_identifier(signal.number or "")
    if not number.is_verified:
        reason = "missing" if signal.number is None else "check-digit"
        raise UnreadableMessageError(field=f"{_FIELD}.subject", reason=reason)
    return number


def _replaced_or_replacing(signal: Signal, number: Identifier) -> Iterator[Identifier]:
    """Both numbers, where one took the place of another and the record to ask for has that one."""
    asked = nhs_number_identifier((signal.focus or "").rstrip("/").rpartition("/")[2])
    if signal.name == _NUMBER and asked.is_verified and asked.value != number.value:
        yield asked
        yield superseded(number)


def _demographics(signal: Signal) -> Demographics:
    born = signal.born if signal.born is not None and is_iso_date(signal.born) else None
    return Demographics(family_name=signal.family_name, date_of_birth=born)


def _names(signal: Signal) -> tuple[str, ...]:
    return () if signal.id is None else (f"{signal.type}/id/{signal.id}",)


def _records(
    signal: Signal, event: SignalEvent, number: Identifier, version: Version
) -> Iterator[Record]:
    key, is_of_register = f"patient/pds/{number.value}", signal.name.startswith(_OF_THE_REGISTER)
    if signal.name == _DEATH:
        said = death_by_status(signal.status)
        yield death_of(key, _REF, said, signalled=True)
        if said is None:
            yield death_of(key, _REF, None, signalled=False)
    notice = Occurrence(
        kind=OccurrenceKind.CONTACT,
        title=f"Changed at its source: {event.about}",
        period=Period(version.at[:_DAY]),
        agency_name=_REGISTER if is_of_register else _ELSEWHERE,
        details=(_ASK,),
    )
    whose = noticed_scope(key if is_of_register else f"patient/mns/{number.value}")
    scopes = (whose,) if is_of_register else ()
    yield Record(f"{whose}/{signal.name}", event.category, (_REF,), notice, scopes=scopes)

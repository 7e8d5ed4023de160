"""Vaccinations that come without a message around them, as the message that they amount to.

The national immunisation service answers with R4 resources: one Immunization with its Patient
inside it, or those that it found of one person, in a searchset. All that a message says beside them
they say themselves: when it was recorded stands in each, and who was responsible is the
organisation that performed it. Sources: NHS England, Immunisation FHIR API; HL7 UK Core,
Immunization (FHIR R4).
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from connectors.health_visiting.nems.entries import resources_in
from connectors.health_visiting.nems.events import EventCode
from connectors.health_visiting.nems.message import (
    ODS_CODE,
    MessageEventType,
    instant_of,
    version_number_of,
)
from connectors.health_visiting.nems.nodes import Node, child, children, descend, value
from schemas.errors import UnreadableMessageError

_KIND: Final = "Immunization"
_SETS: Final = frozenset({"searchset", "collection"})
_RECORDED: Final = f"{_KIND}.recorded"
_MOST_VERSIONS: Final = 999_999_999
_DIRECTORY: Final = "https://directory.spineservices.nhs.uk/STU3/Organization/"
_DAY: Final = len("YYYY-MM-DD")


def in_a_message(document: Node) -> Node:
    """The document as a message of vaccinations, where it is bare ones; else as it is.

    Raises UnreadableMessageError where they are of several people, or one does not say when it was
    recorded.
    """
    found = _bare(document)
    given = [resource for _, kind, resource in found if kind == _KIND]
    if not given:
        return document
    lifted = [one for number, entry in enumerate(found) for one in _lifted(entry, number)]
    urls = {url for url, _, _ in lifted}
    entries = [
        (url, kind, _with_patient(resource, urls, add) if kind == _KIND else resource)
        for add in [lifted]
        for url, kind, resource in list(lifted)
    ]
    entries += lifted[len(entries) :]
    _refuse_several_people([resource for _, kind, resource in entries if kind == _KIND])
    focus = next(url for url, kind, _ in entries if kind == _KIND)
    header = ("urn:header", "MessageHeader", _header(given, focus))
    return {
        "Bundle": [
            {"type": _text("message"), "entry": [_entry(*one) for one in (header, *entries)]}
        ]
    }


_Entry = tuple[str, str, Node]
"""An address, a type, and the resource there."""


def _bare(document: Node) -> Sequence[_Entry]:
    """The resources of a document that is no message; none of any other document."""
    bundle = child(document, "Bundle")
    if bundle is None:
        return [("urn:focus", kind, one) for kind, one in resources_in(document) if kind == _KIND]
    if value(bundle, "type") not in _SETS:
        return []
    return [
        (value(entry, "fullUrl") or f"{kind}/{value(resource, 'id') or number}", kind, resource)
        for number, entry in enumerate(children(bundle, "entry"))
        for kind, resource in resources_in(child(entry, "resource") or {})
        if kind != "OperationOutcome"
    ]


def _lifted(entry: _Entry, number: int) -> Iterator[_Entry]:
    """A resource, and those inside it, each at an address that no other resource's has."""
    url, kind, resource = entry
    inside = [
        (f"#{value(one, 'id')}", kind_inside, one)
        for holder in children(resource, "contained")
        for kind_inside, one in resources_in(holder)
    ]
    renamed = {own: f"#{number}-{own[1:]}" for own, _, _ in inside}
    rest = {name: found for name, found in resource.items() if name != "contained"}
    yield url, kind, _referring(rest, renamed)
    for own, kind_inside, one in inside:
        yield renamed[own], kind_inside, one


def _referring(node: Node, renamed: dict[str, str]) -> Node:
    """The same, with references to what was renamed."""
    if not renamed:
        return node
    told: dict[str, Any] = {}
    for name, found in node.items():
        if name == "reference" and isinstance(found, list):
            told[name] = [{**one, "value": _renamed(one, renamed)} for one in found]
        elif isinstance(found, list):
            told[name] = [_referring(one, renamed) for one in found]
        else:
            told[name] = found
    return told


def _renamed(reference: Node, renamed: dict[str, str]) -> str:
    stated = reference.get("value")
    target = stated if isinstance(stated, str) else ""
    return renamed.get(target, target)


def _with_patient(immunization: Node, urls: set[str], entries: list[_Entry]) -> Node:
    """It, with a Patient who has no more than the number by which it names one that is not here."""
    patient = child(immunization, "patient") or {}
    numbers = children(patient, "identifier")
    reference = value(patient, "reference")
    if reference in urls or not numbers:
        return immunization
    url = f"urn:patient:{value(numbers[0], 'value')}"
    if url not in urls:
        urls.add(url)
        entries.append((url, "Patient", {"identifier": list(numbers)}))
    return {**immunization, "patient": [{"reference": _text(url)}]}


def _refuse_several_people(immunizations: Sequence[Node]) -> None:
    people = {value(child(one, "patient"), "reference") for one in immunizations}
    if len(people) > 1:
        raise UnreadableMessageError(field=f"{_KIND}.patient", reason="several-values")


# What stands in a header, said by the resources themselves.


def _header(given: Sequence[Node], focus: str) -> Node:
    updated, number = _version(given)
    kind = {"system": _text("urn:message-event-type"), "code": _text(MessageEventType.NEW.value)}
    responsible = next((code for one in given if (code := _performed_by(one))), None)
    header: dict[str, Any] = {
        "extension": [
            {"url": "Extension-MessageEventType-1", "valueCodeableConcept": [{"coding": [kind]}]}
        ],
        "meta": [{"lastUpdated": _text(updated), "versionId": _text(str(number))}],
        "event": [{"code": _text(EventCode.VACCINATIONS.value)}],
        "focus": [{"reference": _text(focus)}],
    }
    if responsible is not None:
        header["responsible"] = [{"reference": _text(_DIRECTORY + responsible)}]
    return header


def _version(given: Sequence[Node]) -> tuple[str, int]:
    """The latest time at which one was recorded or changed, and how often they were together.

    So a set with one more, or with a later version of one, is later. A search may leave out when
    each was recorded; then it is no earlier than it was given.
    """
    times, versions = [], 0
    for one in given:
        meta = child(one, "meta")
        stated = value(meta, "lastUpdated") or value(one, "recorded")
        stated = stated or value(one, "occurrenceDateTime")
        if stated is not None and len(stated) == _DAY:
            stated = f"{stated}T00:00:00Z"
        times.append(instant_of(stated, _RECORDED))
        versions += version_number_of(meta, f"{_KIND}.meta.versionId")
    return max(times), min(versions, _MOST_VERSIONS)


def _performed_by(immunization: Node) -> str | None:
    """The ODS code of the organisation that performed it."""
    for performer in children(immunization, "performer"):
        identifier = descend(performer, "actor", "identifier")
        if value(identifier, "system") == ODS_CODE:
            return value(identifier, "value")
    return None


def _entry(url: str, kind: str, resource: Node) -> Node:
    return {"fullUrl": _text(url), "resource": [{kind: [resource]}]}


def _text(text: str) -> list[Node]:
    return [{"value": text}]

"""A Patient as the register answers who asks for one: R4, without a message around it.

It is all that the register holds of somebody, so what it leaves out is so no longer; but of
somebody whom it marks as restricted it leaves out where they are, and that says nothing. It tells
no time of its own, so it holds from when it came. Sources: NHS England, Personal Demographics
Service FHIR API (retrieving and searching patients, restricted and superseded patients); HL7 UK
Core, Patient (FHIR R4).
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from connectors.health_visiting.mapped import Mapped, focus_key
from connectors.health_visiting.nems.entries import resources_in
from connectors.health_visiting.nems.events import EventCode
from connectors.health_visiting.nems.message import ODS_CODE, MessageEventType, NemsMessage
from connectors.health_visiting.nems.nodes import (
    Node,
    child,
    children,
    period_of,
    value,
    without_marks,
)
from connectors.health_visiting.nems.statuses import status_of_element
from connectors.health_visiting.persons.numbers import NHS_NUMBER
from connectors.health_visiting.persons.people import Person, death_record
from connectors.health_visiting.persons.subjects import refuse_several, single_person
from connectors.health_visiting.register.changes import LOCATION, practice_key, practices_scope
from connectors.health_visiting.register.marks import is_redacted, is_restricted
from connectors.health_visiting.register.signals import noticed_scope
from schemas.errors import UnreadableMessageError
from schemas.identifiers import nhs_number_identifier
from schemas.records.message import Record, clearing
from schemas.records.payloads import GENERAL_PRACTICE, Involvement
from schemas.vocabulary import Action, Category

_KIND: Final = "Patient"
_SETS: Final = frozenset({"searchset", "collection"})
_BESIDE: Final = frozenset({_KIND, "OperationOutcome"})
_FOCUS: Final = "urn:register:patient"
_ID: Final = f"{_KIND}.id"


def is_answer(document: Node) -> bool:
    """Whether a document is a Patient without a message, or those that a search has found."""
    return bool(_patients(document))


def as_message(document: Node, *, at: str | None, asked: str | None = None) -> Node:
    """The document as the message that it amounts to, where it is such an answer; else as it is.

    `at` is when it came, for one that does not say it; `asked` the number by which was asked, where
    that is known. Raises UnreadableMessageError for several people, and for a number that is not
    that of the record.
    """
    found = _patients(document)
    if not found:
        return document
    if len(found) > 1:
        raise UnreadableMessageError(field="Bundle.entry", reason="several-values")
    ((url, patient),) = found
    if "replaced-by" in (value(link, "type") for link in children(patient, "link")):
        raise UnreadableMessageError(field=f"{_KIND}.link", reason="replaced")
    patient = without_marks(_with_numbers(_dated(patient, at), asked or _number_in(url)))
    header = _header(patient)
    entries = [("urn:header", "MessageHeader", header), (_FOCUS, _KIND, patient)]
    return {"Bundle": [{"type": _text("message"), "entry": [_entry(*one) for one in entries]}]}


def with_moment(data: bytes, at: str) -> bytes:
    """The text of an answer in JSON, that says when it came: it is kept, and read again later.

    Numbers are written as texts, as they are read, so that none is written otherwise.
    """
    told = json.loads(data.removeprefix(b"\xef\xbb\xbf"), parse_int=str, parse_float=str)
    entries = told.get("entry")
    held = [one.get("resource") for one in _each(entries) if isinstance(one, dict)]
    for one in (told, *(resource for each in held for resource in _each(each))):
        if isinstance(one, dict) and one.get("resourceType") == _KIND:
            metas = _each(one.get("meta")) or [{}]
            dated = {"lastUpdated": at, **(metas[0] if isinstance(metas[0], dict) else {})}
            one["meta"] = [dated, *metas[1:]] if metas[1:] else dated
    return json.dumps(told).encode()


def _each(found: Any) -> list[Any]:
    """What stands there, once or several times."""
    return found if isinstance(found, list) else [] if found is None else [found]


def _patients(document: Node) -> list[tuple[str, Node]]:
    """Those that the register answers with, each with the address under which it was asked for.

    In an answer of another service Patients stand beside what was found: they carry no mark.
    """
    bundle = child(document, "Bundle")
    if bundle is None:
        return [("", one) for one in children(document, _KIND) if _is_numbered(one)]
    if value(bundle, "type") not in _SETS:
        return []
    held = [
        (value(entry, "fullUrl") or "", kind, resource)
        for entry in children(bundle, "entry")
        for kind, resource in resources_in(child(entry, "resource") or {})
    ]
    if not {kind for _, kind, _ in held} <= _BESIDE:
        return []
    return [(url, one) for url, kind, one in held if kind == _KIND and _is_marked(one)]


def _is_numbered(patient: Node) -> bool:
    stated = (value(i, "system") for i in children(patient, "identifier"))
    return NHS_NUMBER in stated or _number_in(value(patient, "id") or "") is not None


def _is_marked(patient: Node) -> bool:
    return child(child(patient, "meta") or {}, "security") is not None


def _dated(patient: Node, at: str | None) -> Node:
    """The Patient as `with_moment` writes it: so it is the same message when it is read again."""
    meta = child(patient, "meta") or {}
    if at is None or "lastUpdated" in meta:
        return patient
    return {**patient, "meta": [{**meta, "lastUpdated": _text(at)}]}


def _header(patient: Node) -> Node:
    kind: Node = {"code": _text(MessageEventType.NEW.value)}
    return {
        "extension": [
            {"url": "Extension-MessageEventType-1", "valueCodeableConcept": [{"coding": [kind]}]}
        ],
        "meta": [without_marks(child(patient, "meta") or {})],
        "event": [{"code": _text(EventCode.REGISTER_ANSWER.value)}],
        "focus": [{"reference": _text(_FOCUS)}],
    }


# Under which number it was asked, and which numbers this one took the place of.


def _with_numbers(patient: Node, asked: str | None) -> Node:
    """The Patient with each former number as one; its id is its number, which is not said twice.

    Whoever asks by a number that was replaced is answered with the record that replaced it.
    """
    own = _number_in(value(patient, "id") or "")
    stated = [i for i in children(patient, "identifier") if value(i, "system") == NHS_NUMBER]
    present = [value(i, "value") for i in stated if value(i, "use") != "old"]
    if own is not None and present and own not in present:
        raise UnreadableMessageError(field=_ID, reason="contradicts:Patient.identifier[nhs-number]")
    known = {own, *(value(i, "value") for i in stated)}
    more = [_identifier(own)] if own is not None and not present else []
    former = dict.fromkeys(number for number in (asked, *_replaced(patient)) if number is not None)
    more += [_identifier(number, use="old") for number in former if number not in known]
    return {**patient, "identifier": [*children(patient, "identifier"), *more]} if more else patient


def _replaced(patient: Node) -> Iterator[str | None]:
    """Source: FHIR R4, Patient.link, replaces."""
    for link in children(patient, "link"):
        if value(link, "type") == "replaces":
            other = child(link, "other")
            yield _number_in(value(other, "reference") or "")
            yield _number_in(value(child(other or {}, "identifier"), "value") or "")


def _number_in(address: str) -> str | None:
    """The NHS number at the end of an address, or that it is."""
    text = address.rstrip("/").rpartition("/")[2]
    return text if nhs_number_identifier(text).is_verified else None


def _identifier(number: str, *, use: str | None = None) -> Node:
    told: Node = {"system": _text(NHS_NUMBER), "value": _text(number)}
    return told if use is None else {**told, "use": _text(use)}


# What it says.


def register_answer_from_message(message: NemsMessage) -> Mapped:
    """All that the register holds; raises UnreadableMessageError for a record that is withdrawn."""
    patient = message.focus(_KIND)
    if is_redacted(patient):
        raise UnreadableMessageError(field="Patient.meta.security", reason="redacted")
    person = single_person(message, patient, focus_key=focus_key(message, patient))
    refuse_several(person)
    mapped = Mapped.of_person(message, patient, person, tuple(_records(message, person, patient)))
    if is_restricted(patient) and not children(patient, "name"):
        # Also left out of a restricted record, which is not that they have none.
        kept = (one for one in mapped.records if one.source_id != f"{person.key}/details")
        mapped = replace(mapped, records=tuple(kept))
    return mapped


def _records(message: NemsMessage, person: Person, patient: Node) -> Iterator[Record]:
    facts, subjects = person.facts, (person.subject.ref,)
    identity = Category.IDENTITY_AND_CONTACT
    yield clearing(noticed_scope(person.key), identity, subjects)
    if facts is None or facts.death is None:
        yield from (death_record(person, None, signalled=flag) for flag in (False, True))
    else:
        yield death_record(person, None, signalled=True)
    if facts is None or facts.communication is None:
        yield _gone(f"{person.key}/communication", Category.COMMUNICATION_NEEDS, person)
    if is_restricted(patient):  # where somebody is was left out, which is not that they are nowhere
        return
    if not any(children(patient, name) for name in ("address", "telecom")):
        yield _gone(f"{person.key}/contact", identity, person)
    yield clearing(practices_scope(person.key), Category.PRACTITIONERS, subjects)
    for reference in children(patient, "generalPractitioner"):
        yield from _practice(message, person, reference)


def _practice(message: NemsMessage, person: Person, reference: Node) -> Iterator[Record]:
    """The practice that somebody is registered with, which is named by its code alone."""
    identifier = child(reference, "identifier") or {}
    code = value(identifier, "value") if value(identifier, "system") == ODS_CODE else None
    if code is None:
        return
    yield Record(
        practice_key(person.key, code),
        Category.PRACTITIONERS,
        (person.subject.ref,),
        Involvement(
            service=GENERAL_PRACTICE,
            agency_code=code,
            agency_name=value(reference, "display"),
            period=period_of(identifier, "period", field="Patient.generalPractitioner.period"),
            status=status_of_element(identifier, message.day),
        ),
        labels=LOCATION,
        scopes=(practices_scope(person.key),),
    )


def _gone(source_id: str, category: Category, person: Person) -> Record:
    return Record(source_id, category, (person.subject.ref,), None, Action.REMOVE)


def _entry(url: str, kind: str, resource: Node) -> Node:
    return {"fullUrl": _text(url), "resource": [{kind: [resource]}]}


def _text(text: str) -> list[Node]:
    return [{"value": text}]

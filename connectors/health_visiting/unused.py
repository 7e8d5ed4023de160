"""What of a NEMS message became no record, told by the nodes that nobody read. Pure.

A resource counts as used where anything of it was read beside what only tells what it is and whom
it is about; of a used one single elements count that nobody read. Written words that stand in no
record stay at their source, read or not. What only carries the rest (ids, references, systems,
what the header is routed by) says nothing of anybody and is not counted.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from connectors.health_visiting.nems.message import NemsMessage
from connectors.health_visiting.nems.nodes import READ, Node, child
from schemas.records.message import Record
from schemas.records.unused import (
    NOTHING_UNUSED,
    MoreAtSource,
    MoreKind,
    Unused,
    UnusedPart,
    WhyUnused,
    as_fields,
    as_part,
)
from schemas.vocabulary import Action

READ_TYPES = frozenset(
    {
        "AllergyIntolerance",
        "CareTeam",
        "Communication",
        "Condition",
        "Encounter",
        "EpisodeOfCare",
        "HealthcareService",
        "Immunization",
        "MessageHeader",
        "Observation",
        "Organization",
        "Patient",
        "Practitioner",
        "PractitionerRole",
        "Procedure",
        "ProcedureRequest",
        "QuestionnaireResponse",
        "ReferralRequest",
        "RelatedPerson",
        "ServiceRequest",
        "Task",
    }
)
"""The types of resource of which anything is read, in whatever kind of event."""
_WHAT_IT_IS = frozenset(
    {
        "category",
        "code",
        "context",
        "encounter",
        "extension",
        "id",
        "identifier",
        "meta",
        "patient",
        "status",
        "subject",
        "type",
    }
)
_CARRIES_ONLY = frozenset(
    {
        "assigner",
        "fullUrl",
        "id",
        "identifier",
        "implicitRules",
        "language",
        "meta",
        "reference",
        "resourceType",
        "system",
        "url",
        "use",
        "userSelected",
        "version",
        READ,
    }
)
_NOT_OF_IT = _CARRIES_ONLY | {"text"}
_WRITTEN = frozenset(
    {"comment", "comments", "conclusion", "contentString", "description", "note", "valueString"}
)
# What the Personal Demographics Service tells besides is how somebody is registered.
_REGISTER = "pds"
_MAY_BE_WRITTEN = _WRITTEN | {"text"}
_READ_AND_VALUE = 2
_ERROR = "entered-in-error"
_ADDS_TO_THE_REST = "additional"
_KINDS = {
    MoreKind.ALERT: "Flag",
    MoreKind.PLAN: "CarePlan Goal NutritionOrder",
    MoreKind.ALLERGY: "AllergyIntolerance AdverseEvent",
    MoreKind.CONDITION: "Condition ClinicalImpression DetectedIssue RiskAssessment",
    MoreKind.MEDICINE: "MedicationStatement MedicationRequest MedicationAdministration "
    "MedicationDispense",
    MoreKind.FINDING: "Observation DiagnosticReport FamilyMemberHistory QuestionnaireResponse "
    "Specimen",
    MoreKind.TREATMENT: "Procedure Immunization ImmunizationRecommendation DeviceUseStatement",
    MoreKind.APPOINTMENT: "Appointment AppointmentResponse Slot",
    MoreKind.WORKER: "CareTeam EpisodeOfCare",
    MoreKind.REFERRAL: "ReferralRequest ProcedureRequest ServiceRequest Task",
    MoreKind.DOCUMENT: "DocumentReference Composition Media Binary",
    MoreKind.RELATIVE: "RelatedPerson",
}
_KIND_OF_TYPE = {name: kind for kind, names in _KINDS.items() for name in names.split()}
# Who sent it, who works there and where, and what holds the rest together.
_OF_NO_PERSON = frozenset(
    {
        "Communication",
        "Device",
        "Encounter",
        "HealthcareService",
        "List",
        "Location",
        "Medication",
        "MessageHeader",
        "Organization",
        "Patient",
        "Practitioner",
        "PractitionerRole",
        "Provenance",
    }
)

# Is nothing but the words in it.
_WRITES = frozenset({"Communication", "List"})


def unused_of(
    message: NemsMessage, records: Sequence[Record], *, also: Iterable[MoreAtSource] = ()
) -> Unused:
    """What of a message nobody read, once its records are made; nothing of one that takes back.

    `also` is what was read and is not told on.
    """
    if not any(record.action is Action.UPSERT for record in records):
        return NOTHING_UNUSED
    subjects = {ref for record in records for ref in record.subjects}
    whose = _whose(message) if len(subjects) == 1 else None
    focus = message.resolve(child(message.header, "focus"))
    found = _NotUsed(message, focus, whose, is_of_register=message.publisher == _REGISTER)
    for kind, resources in message.entries.by_kind.items():
        if kind != "MessageHeader":
            for resource in resources:
                found.take(kind, resource)
    written = found.written
    if written:
        told = "\n".join(_words_in([record.payload for record in records]))
        written = [words for words in written if words not in told]
    free_texts = len(written) + found.narratives
    if free_texts:
        found.more[MoreKind.NOTE] += free_texts
    for one in also:
        found.more[one.kind] += one.count
    return Unused(
        tuple(UnusedPart(*part, count) for part, count in sorted(found.parts.items())),
        as_fields(found.fields),
        free_texts,
        tuple(MoreAtSource(kind, found.more[kind]) for kind in MoreKind if kind in found.more),
    )


def _whose(message: NemsMessage) -> Node | None:
    """The Patient whom the message is about, where it names one or has only one."""
    focus = message.resolve(child(message.header, "focus")) or {}
    named = (message.resolve(child(focus, name)) for name in ("patient", "subject"))
    patients = message.of_type("Patient")
    only = patients[0] if len(patients) == 1 else None
    return next((one for one in named if one is not None), only)


@dataclass(slots=True)
class _LeftUnread:
    """What one resource says: the paths that nobody read, and what is written in words."""

    unread: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _NotUsed:
    """What was found so far: parts and why, fields, words."""

    message: NemsMessage
    focus: Node | None
    whose: Node | None
    is_of_register: bool
    parts: Counter[tuple[str, WhyUnused]] = field(default_factory=Counter)
    fields: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    narratives: int = 0
    more: Counter[MoreKind] = field(default_factory=Counter)

    def take(self, kind: str, resource: Node) -> None:
        """One resource of the bundle."""
        said = _LeftUnread()
        is_used = _read_in(resource, kind, said)
        why = self._why(kind, resource, is_used=is_used or resource is self.focus)
        is_theirs = why not in {WhyUnused.ANOTHER_PERSON, WhyUnused.ENTERED_IN_ERROR}
        if is_theirs and _narrative(resource) == _ADDS_TO_THE_REST:
            self.narratives += 1
        if why is None:
            self.fields += said.unread
            self.written += said.written
            return
        self.parts[as_part(kind), why] += 1
        if is_theirs and (kind in _WRITES or kind not in _OF_NO_PERSON) and not self.is_of_register:
            self.written += said.written
            if kind not in _OF_NO_PERSON:
                self.more[_KIND_OF_TYPE.get(kind, MoreKind.OTHER)] += 1

    def _why(self, kind: str, resource: Node, *, is_used: bool) -> WhyUnused | None:
        if is_used:
            return None
        if _value(resource, "status") == _ERROR:
            return WhyUnused.ENTERED_IN_ERROR
        if self._is_of_somebody_else(kind, resource):
            return WhyUnused.ANOTHER_PERSON
        return WhyUnused.NOT_REFERENCED if kind in READ_TYPES else WhyUnused.KIND_NOT_READ

    def _is_of_somebody_else(self, kind: str, resource: Node) -> bool:
        if self.whose is None:
            return False
        if kind == "Patient":
            return resource is not self.whose
        names = (name for name in ("subject", "patient") if name in resource)
        targets = (self.message.resolve(child(resource, name)) for name in names)
        return any(one is not None and one is not self.whose for one in targets)


def _read_in(resource: Node, kind: str, said: _LeftUnread) -> bool:
    """Whether it was used; adds what nobody read, and what is written in it."""
    is_used = READ in resource
    for name, found in resource.items():
        if name in _NOT_OF_IT or type(found) is not list:
            continue
        was_read = _is_read_leaf(found, name) or _walk_each(found, kind, name, name, said)
        is_used = is_used or (was_read and name not in _WHAT_IT_IS)
    return is_used


def _is_read_leaf(nodes: list[Node], name: str) -> bool:
    """Whether it is one value that was read, as most are: then it need not be walked."""
    if len(nodes) > 1 or name in _MAY_BE_WRITTEN:
        return False
    one = nodes[0]
    return len(one) == _READ_AND_VALUE and READ in one and "value" in one


def _walk_each(nodes: list[Node], path: str, name: str, named: str, said: _LeftUnread) -> bool:
    """Whether anything in children of one name was read; `named` is as what their words count."""
    was_read, may_be_written = False, name in _MAY_BE_WRITTEN
    place = f"{path}.{name}"
    for one in nodes:
        is_leaf = len(one) == _READ_AND_VALUE and READ in one and "value" in one
        if is_leaf and not may_be_written:
            was_read = True
            continue
        if name == "extension":
            place = f"{path}{_extension(one)}"
        was_read = _walk(one, place, named, said) or was_read
    return was_read


def _walk(node: Node, path: str, name: str, said: _LeftUnread) -> bool:
    """Whether anything in it was read; adds the paths that nobody read, and what is written."""
    was_read = False
    value = node.get("value")
    if type(value) is str:
        was_read = READ in node
        if name in _WRITTEN and _is_written(value):
            said.written.append(value.strip())
        elif not was_read:
            said.unread.append(path)
        if len(node) == 1 + was_read:
            return was_read
    for inner, found in node.items():
        if inner == "reference":
            was_read = was_read or _is_followed(found)
        elif inner not in _CARRIES_ONLY and type(found) is list:
            named = inner if name not in _WRITTEN or inner != "text" else name
            if _is_read_leaf(found, inner) or _walk_each(found, path, inner, named, said):
                was_read = True
    return was_read


def _is_followed(references: str | list[Node]) -> bool:
    return any(READ in one for one in references)


def _extension(element: Node) -> str:
    url = element.get("url")
    return f".extension[{url.rpartition('/')[2]}]" if isinstance(url, str) else ".extension"


def _is_written(value: str) -> bool:
    """Whether it is words; a number is a result."""
    return any(character.isalpha() for character in value)


def _value(parent: Node | None, name: str) -> str | None:
    """As it stands there, without being remembered as read."""
    found = None if parent is None else parent.get(name)
    value = found[0].get("value") if isinstance(found, list) else None
    return value if isinstance(value, str) else None


def _narrative(resource: Node) -> str | None:
    """What a resource's narrative is to the rest of it. Source: FHIR STU3, NarrativeStatus."""
    return _value(child(resource, "text"), "status")


def _words_in(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif is_dataclass(value):
            yield from _words_in(getattr(value, one.name) for one in fields(value))
        elif isinstance(value, tuple):
            yield from _words_in(value)

"""Birth notifications: the baby, the birth itself, the mother, and how they are related."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from connectors.health_visiting.clinical.findings import found_in, name_of
from connectors.health_visiting.mapped import Mapped, focus_record, is_taken_back
from connectors.health_visiting.nems.message import MessageEventType, NemsMessage, extension
from connectors.health_visiting.nems.nodes import (
    Node,
    child,
    children,
    coding_of,
    day_told,
    descend,
    value,
)
from connectors.health_visiting.nems.statuses import caution_of_result, status_of
from connectors.health_visiting.nems.whose import stated
from connectors.health_visiting.persons.doubts import refuse_other_birth_date
from connectors.health_visiting.persons.numbers import PATIENT_NUMBER
from connectors.health_visiting.persons.people import (
    PatientFacts,
    Person,
    death_record,
    patient_facts,
    person_from_facts,
    person_records,
)
from connectors.health_visiting.persons.relatives import relationship_kind
from connectors.health_visiting.persons.subjects import (
    ROUTING_NUMBER,
    refuse_bad_check_digit,
    refuse_unknowable,
)
from schemas.errors import UnreadableMessageError
from schemas.identifiers import Identifier, nhs_number_identifier
from schemas.records.message import Record
from schemas.records.payloads import (
    Coding,
    FactStatus,
    Occurrence,
    OccurrenceKind,
    Period,
    PersonDetails,
    Relationship,
    RelationshipKind,
)
from schemas.vocabulary import Category, Label

# The birth itself.

_BIRTHS = "382341000000101"
_MEASURES = {
    "364589006": "Birth weight",
    "412726003": "Length of gestation",
    _BIRTHS: "Births at this delivery",
}
_STILLBIRTH = "237364002"
_LIVE = "1"
# NHS Data Dictionary, live or still birth indicator: ante-partum, intra-partum, indeterminate.
_STILL = frozenset({"2", "3", "4"})
_DELIVERY_PLACE = "delivery-place"


def occurrence_of_birth(message: NemsMessage, baby: Node) -> Occurrence:
    """The birth: when, where, weight and gestation. Abnormalities suspected are left at source."""
    return Occurrence(
        kind=OccurrenceKind.BIRTH,
        title="Birth",
        period=Period(start=_born_at(baby)),
        outcome=_live_or_still(message, baby),
        agency_name=_delivery_place(message, baby),
        details=tuple(_measures(message, baby)),
    )


def _born_at(baby: Node) -> str | None:
    born = child(baby, "birthDate")
    time = None if born is None else extension(born, "patient-birthTime")
    return day_told(time, "valueDateTime") or value(baby, "birthDate")


def _measures(message: NemsMessage, baby: Node) -> Iterator[tuple[str, str]]:
    """What was measured of the baby; how many were born is said of the mother."""
    ours = {id(one) for one in stated(message, "Observation", of=baby)}
    for observation in message.of_type("Observation"):
        codes = {value(c, "code") for c in _codes_observed(observation)}
        is_of_delivery = (
            _BIRTHS in codes and caution_of_result(observation, message.day) is not None
        )
        is_measured = "valueQuantity" in observation or "valueInteger" in observation
        found = found_in(observation, message.day) if is_measured else None
        if found is not None and (id(observation) in ours or is_of_delivery):
            label = next((words for code, words in _MEASURES.items() if code in codes), None)
            yield label or name_of(observation), found


def _codes_observed(observation: Node) -> Sequence[Node]:
    return children(child(observation, "code") or {}, "coding")


def _live_or_still(message: NemsMessage, baby: Node) -> str | None:
    observation = _indicating(message, baby)
    if observation is None:
        return None
    outcome = _outcome_in_words(_indicator_in(observation))
    return outcome and f"{outcome}{caution_of_result(observation, message.day)}"


def _outcome_in_words(indicator: Coding | None) -> str | None:
    if indicator is None:
        return None
    if indicator.code == _LIVE:
        return "Live birth"
    return indicator.display if indicator.display != indicator.code else "Stillbirth recorded"


def _indicating(message: NemsMessage, baby: Node) -> Node | None:
    """The observation that says whether the baby was born alive."""
    for observation in stated(message, "Observation", of=baby):
        if any(value(c, "code") == _STILLBIRTH for c in _codes_observed(observation)):
            return observation
    return None


def _indicator_in(observation: Node) -> Coding | None:
    return coding_of(child(observation, "valueCodeableConcept"))


def _is_stillbirth(indicator: Coding) -> bool:
    return indicator.code in _STILL or "stillb" in indicator.display.casefold().replace(" ", "")


def _delivery_place(message: NemsMessage, baby: Node) -> str | None:
    for episode in stated(message, "EpisodeOfCare", of=baby):
        if value(descend(episode, "type", "coding"), "code") == _DELIVERY_PLACE:
            place = child(episode, "managingOrganization")
            return value(message.resolve(place), "name") or value(place, "display")
    return None


def birth_from_message(message: NemsMessage) -> Mapped:
    """Baby, birth and mother; the header is routed by the mother's demographics.

    Source: NEMS pds-birth-notification-1.
    """
    focus = message.focus("Communication", "Patient")
    baby_patient, parent_patient, relation = _family(message)
    baby_facts = _facts(message, baby_patient)
    parent_facts = None if parent_patient is None else _facts(message, parent_patient)
    baby_number, parent_number = _numbers(message, baby_facts, parent_facts)
    baby = _person(message, focus, baby_facts, ref="baby", number=baby_number)
    refuse_unknowable(baby.subject)
    records = [_birth_record(message, focus, baby, baby_facts.element)]
    people = [baby]
    if parent_facts is not None:
        parent = _person(message, focus, parent_facts, ref="parent", number=parent_number)
        people.append(parent)
        records.append(_relationship_record(message, focus, baby, parent, relation))
    if not is_taken_back(message, focus):
        records = [record for person in people for record in person_records(person)] + records
    records.extend(_stillborn_record(message, focus, baby))
    return Mapped(tuple(person.subject for person in people), tuple(records))


def _facts(message: NemsMessage, patient: Node) -> PatientFacts:
    return patient_facts(patient, message.day, routed=message.routing.nhs_number)


def _family(message: NemsMessage) -> tuple[Node, Node | None, Node | None]:
    patients = list(message.of_type("Patient"))
    relation = next(iter(message.of_type("RelatedPerson")), None)
    if relation is None:
        if len(patients) != 1:
            reason = "missing" if patients else "not-found"
            raise UnreadableMessageError(field="RelatedPerson", reason=reason)
        return patients[0], None, None
    baby = message.resolve(child(relation, "patient"))
    if baby is None:
        raise UnreadableMessageError(field="RelatedPerson.patient", reason="not-found")
    others = [patient for patient in patients if patient is not baby]
    if len(others) > 1:
        raise UnreadableMessageError(field="Patient", reason="several-values")
    return baby, (others[0] if others else None), relation


def _numbers(
    message: NemsMessage, baby: PatientFacts, parent: PatientFacts | None
) -> tuple[Identifier | None, Identifier | None]:
    """Both NHS numbers, in agreement with the header.

    (1) The baby's must pass its check; the parent's may fail it and is then unverified.
    (2) The two may not be the same.
    (3) The header's number is one of them, or that of a parent sent without one.
    (4) The header's birth date is that of the person whose number it holds, unless the message
        takes the birth back: leaving it in place is the greater danger.
    """
    baby_number = baby.number
    refuse_bad_check_digit(baby_number)  # (1)
    parent_number = None if parent is None else parent.number
    if baby_number and parent_number and baby_number.value == parent_number.value:
        raise UnreadableMessageError(field=PATIENT_NUMBER, reason="shared-by-two")  # (2)
    text = message.routing.nhs_number
    routed = None if text is None else nhs_number_identifier(text)
    if parent is not None and parent_number is None and not _same(routed, baby_number):
        parent_number = routed  # (3)
    if routed and not (_same(routed, baby_number) or _same(routed, parent_number)):
        raise UnreadableMessageError(field=PATIENT_NUMBER, reason=f"contradicts:{ROUTING_NUMBER}")
    whom = baby if parent is None or _same(routed, baby_number) else parent
    if message.event_type is not MessageEventType.DELETE:
        refuse_other_birth_date(whom, message.routing.birth)  # (4)
    return baby_number, parent_number


def _same(one: Identifier | None, other: Identifier | None) -> bool:
    return one is not None and other is not None and one.value == other.value


def _person(
    message: NemsMessage,
    focus: Node,
    facts: PatientFacts,
    *,
    ref: str,
    number: Identifier | None,
) -> Person:
    otherwise = f"{message.event}/id|{value(focus, 'id')}/{ref}"
    return person_from_facts(
        message, facts, ref=ref, number=number, birth=None, otherwise=otherwise
    )


def _birth_record(message: NemsMessage, focus: Node, baby: Person, patient: Node) -> Record:
    return focus_record(
        message,
        focus,
        source_id=f"{baby.key}/birth",
        category=Category.CHILD_HEALTH,
        subjects=(baby.subject.ref,),
        build=lambda: occurrence_of_birth(message, patient),
        labels=frozenset({Label.LOCATION}),
    )


def _stillborn_record(message: NemsMessage, focus: Node, baby: Person) -> Iterator[Record]:
    """That the baby was born dead, or that it was not after all: nobody rings to visit them."""
    facts = baby.facts
    observation = None if facts is None else _indicating(message, facts.element)
    indicator = None if observation is None else _indicator_in(observation)
    if facts is None or indicator is None:
        return
    born = facts.born
    still = _is_stillbirth(indicator)
    if still or message.event_type is MessageEventType.UPDATE:
        died = PersonDetails(died=born, has_died=None if born else True) if still else None
        said = None if is_taken_back(message, focus) else died
        yield replace(death_record(baby, said), source_id=f"{baby.key}/birth/stillborn")


def _relationship_record(
    message: NemsMessage, focus: Node, baby: Person, parent: Person, relation: Node | None
) -> Record:
    return focus_record(
        message,
        focus,
        source_id=f"{baby.key}/birth/parent",
        category=Category.FAMILY_AND_HOUSEHOLD,
        subjects=(baby.subject.ref, parent.subject.ref),
        build=lambda: Relationship(
            _kind(relation), name=_name(parent), status=_status(message, relation)
        ),
        labels=frozenset({Label.THIRD_PARTY}),
    )


def _status(message: NemsMessage, relation: Node | None) -> FactStatus:
    if relation is None:
        return FactStatus.HOLDS
    return status_of("RelatedPerson", relation, message.day)


def _name(parent: Person) -> str | None:
    return None if parent.facts is None else parent.facts.name.spoken


def _kind(relation: Node | None) -> RelationshipKind:
    """A birth is notified of a parent, whatever the code."""
    stated = None if relation is None else child(relation, "relationship")
    return relationship_kind(stated, otherwise=RelationshipKind.PARENT)

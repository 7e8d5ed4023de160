"""Whom a message about one patient is about, with every contradiction refused."""

from collections.abc import Sequence
from dataclasses import replace

from connectors.health_visiting.mapped import is_taken_back
from connectors.health_visiting.nems.message import MessageEventType, NemsMessage, Routing
from connectors.health_visiting.nems.nodes import Node, child, value
from connectors.health_visiting.nems.whose import is_of
from connectors.health_visiting.persons.doubts import (
    contradicts_itself,
    days_meant,
    doubt_about_birth,
)
from connectors.health_visiting.persons.numbers import PATIENT_NUMBER, numbers_stated, superseded
from connectors.health_visiting.persons.people import (
    PatientFacts,
    Person,
    patient_facts,
    person_from_facts,
    person_key,
)
from connectors.parsing.demographics import is_placeholder_name
from schemas.errors import UnreadableMessageError
from schemas.identifiers import Identifier, nhs_number_identifier
from schemas.records.message import Demographics, Subject
from schemas.vocabulary import IdentifierStatus

ROUTING_NUMBER = "MessageHeader.routing.nhsNumber"

_PATIENT = "patient"
_DAY = len("YYYY-MM-DD")


def single_person(message: NemsMessage, focus: Node, *, focus_key: str) -> Person:
    """The one patient of the message, who must agree with the header's routing demographics.

    (1) Find the Patient; only a delete may come without one.
    (2) Neither number may fail its check digit, and the two may not differ, unless the header
        still has the number that was replaced by the one that was traced for the same person
        (deploy/decisions/2026-11-30-a-replaced-number-in-the-header.md).
    (3) Where the birth dates differ neither is believed, and the person says so; nor is one whose
        own time of birth is on another day, where the header names none.
    (4) Somebody with neither number nor birth date cannot be told from others.
    Raises UnreadableMessageError with the field and the reason, but for a removal that says which
    record it takes back: leaving that in place is the greater danger
    (deploy/decisions/2026-11-22-contradicting-removal.md).
    """
    try:
        return _agreed_person(message, focus, focus_key=focus_key)
    except UnreadableMessageError:
        if is_taken_back(message, focus) and (numbers := _all_numbers(message)):
            return _whoever_it_is(message, numbers, focus_key=focus_key)
        raise


def refuse_several(person: Person) -> None:
    """Raise UnreadableMessageError for a removal that may mean several people.

    Where a record is keyed by its person, only the right person tells which one is meant.
    """
    if person.others:
        raise UnreadableMessageError(field=PATIENT_NUMBER, reason=f"contradicts:{ROUTING_NUMBER}")


def _agreed_person(message: NemsMessage, focus: Node, *, focus_key: str) -> Person:
    patient = _patient_of(message, focus)  # (1)
    if patient is None:
        return _person_from_routing(message, focus_key=focus_key)
    facts = patient_facts(patient, message.day, routed=message.routing.nhs_number)
    if not is_taken_back(message, focus):
        facts = _with_replaced_number(facts, message.routing)
    number = _agreed_number(facts, message.routing.nhs_number)  # (2)
    doubt = doubt_about_birth(message, facts, number, ref=_PATIENT)  # (3)
    is_contradicted = doubt is not None or contradicts_itself(message, facts)
    person = person_from_facts(
        message,
        replace(facts, born=None) if is_contradicted else facts,
        ref=_PATIENT,
        number=number,
        birth=None if is_contradicted else _day(message.routing.birth),
        otherwise=focus_key,
    )
    if is_contradicted:
        person = replace(person, doubt=doubt, is_birth_contradicted=True)
    refuse_unknowable(person.subject)  # (4)
    return person


def refuse_bad_check_digit(number: Identifier | None) -> None:
    """Raise UnreadableMessageError for an NHS number whose check digit does not agree."""
    if number is None or number.is_verified:
        return
    if not nhs_number_identifier(number.value).is_verified:
        raise UnreadableMessageError(field=PATIENT_NUMBER, reason="check-digit")


def refuse_unknowable(subject: Subject) -> None:
    """Raise UnreadableMessageError for a person without number whose birth date is not known."""
    current = [i for i in subject.identifiers if i.status is not IdentifierStatus.SUPERSEDED]
    if not current and subject.demographics.date_of_birth is None:
        raise UnreadableMessageError(field=PATIENT_NUMBER, reason="missing")


def _all_numbers(message: NemsMessage) -> list[Identifier]:
    """Every NHS number of the message that passes its check, in Patients or header, each once."""
    texts = [text for one in message.of_type("Patient") for text in numbers_stated(one)]
    texts.append(message.routing.nhs_number or "")
    found = {number.value: number for number in map(nhs_number_identifier, texts)}
    return [number for number in found.values() if number.is_verified]


def _whoever_it_is(
    message: NemsMessage, numbers: Sequence[Identifier], *, focus_key: str
) -> Person:
    """Whoever a removal may mean, by number alone: what contradicts itself is not learnt from."""
    subjects = [Subject(f"patient-{n}", (number,)) for n, number in enumerate(numbers)]
    key = person_key(message, numbers[0], otherwise=focus_key)
    return Person(subjects[0], key, None, tuple(subjects[1:]))


def _patient_of(message: NemsMessage, focus: Node) -> Node | None:
    for name in ("patient", "subject"):
        reference = child(focus, name)
        if reference is not None and value(reference, "reference"):
            patient = message.resolve(reference)
            if patient is None:
                raise UnreadableMessageError(field=f"focus.{name}", reason="not-found")
            # A relative's name must not become that of the child by whom it was routed.
            if not message.is_of_type(patient, "Patient"):
                raise UnreadableMessageError(field=f"focus.{name}", reason="unexpected-type")
            return patient
    patients = list(message.of_type("Patient"))
    if len(patients) == 1:
        if not is_of(message, focus, patients[0]):
            raise UnreadableMessageError(field="focus.subject", reason="contradicts:Patient")
        return patients[0]
    if patients:
        raise UnreadableMessageError(field="Patient", reason="several-values")
    if message.event_type is not MessageEventType.DELETE:
        raise UnreadableMessageError(field="Patient", reason="missing")
    return None


def _with_replaced_number(facts: PatientFacts, routing: Routing) -> PatientFacts:
    """The facts with the header's number as a former one, if all else there is the person's.

    Name and date of birth have to agree in full, and the source has to say that it traced the
    number that its Patient has: twins, namesakes of another day and slips are still refused.
    """
    number = facts.number
    if number is None or not facts.is_traced or routing.nhs_number == number.value:
        return facts
    routed = nhs_number_identifier(routing.nhs_number or "")
    if not routed.is_verified:
        return facts
    if routed.value in {number.value, *(n.value for n in facts.former_numbers)}:
        return facts
    return _with_former(facts, routed) if _is_of_the_same(facts, routing) else facts


def _with_former(facts: PatientFacts, routed: Identifier) -> PatientFacts:
    return replace(facts, former_numbers=(*facts.former_numbers, superseded(routed)))


def _is_of_the_same(facts: PatientFacts, routing: Routing) -> bool:
    name = facts.name
    if name.placeholder or not (name.family and name.given and facts.born and routing.birth):
        return False
    ours, routed = (name.family, *name.given), (routing.family_name or "", *routing.given_names)
    is_same_name = [n.casefold() for n in ours] == [n.casefold() for n in routed]
    return is_same_name and len(facts.born) == _DAY and facts.born in days_meant(routing.birth)


def _agreed_number(facts: PatientFacts, routed: str | None) -> Identifier | None:
    number = facts.number
    refuse_bad_check_digit(number)
    if routed is None or (number is not None and number.value == routed):
        return number
    routed_number = _routed_number(routed)
    if routed_number.value in {former.value for former in facts.former_numbers}:
        return number or routed_number
    if number is not None and number.value != routed_number.value:
        raise UnreadableMessageError(field=PATIENT_NUMBER, reason=f"contradicts:{ROUTING_NUMBER}")
    return number or routed_number


def _routed_number(text: str) -> Identifier:
    number = nhs_number_identifier(text)
    if not number.is_verified:
        raise UnreadableMessageError(field=ROUTING_NUMBER, reason="check-digit")
    return number


def _person_from_routing(message: NemsMessage, *, focus_key: str) -> Person:
    routing = message.routing
    if routing.nhs_number is None:
        raise UnreadableMessageError(field=ROUTING_NUMBER, reason="missing")
    number = _routed_number(routing.nhs_number)
    subject = Subject("patient", (number,), _demographics_from_routing(routing))
    return Person(subject, person_key(message, number, otherwise=focus_key), None)


def _demographics_from_routing(routing: Routing) -> Demographics:
    family, given = routing.family_name, routing.given_names
    return Demographics(
        family_name=family,
        given_names=given,
        date_of_birth=_day(routing.birth),
        placeholder_name=is_placeholder_name(family=family, given=given),
    )


def _day(text: str | None) -> str | None:
    return None if text is None else text[:_DAY]

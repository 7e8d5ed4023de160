"""Whoever else a message has a Patient of: of them only that they have died. Pure.

An event is about one patient, or a baby and a parent. What it repeats of others is theirs to be
told by a message of their own; but nobody waits for that who reads here that they have died.
"""

from collections.abc import Iterator
from dataclasses import replace

from connectors.health_visiting.mapped import Mapped
from connectors.health_visiting.nems.message import MessageEventType, NemsMessage
from connectors.health_visiting.nems.nodes import Node, value
from connectors.health_visiting.persons.deaths import death_stated
from connectors.health_visiting.persons.numbers import numbers_stated
from connectors.health_visiting.persons.people import Person, death_record, person_key
from schemas.identifiers import Identifier, nhs_number_identifier
from schemas.records.message import Record, Subject


def with_deaths_of_others(message: NemsMessage, mapped: Mapped) -> Mapped:
    """The same, with the death of everybody else who is told from others by one sound number."""
    is_only_one = len(message.of_type("Patient")) == len(mapped.subjects) == 1
    if is_only_one or message.event_type is MessageEventType.DELETE:
        return mapped
    known = {i.value for subject in mapped.subjects for i in subject.identifiers}
    found = {p.key: (p, record) for p, record in _deaths(message) if known.isdisjoint(_numbers(p))}
    if not found:
        return mapped
    persons, records = zip(*found.values(), strict=True)
    subjects = tuple(person.subject for person in persons)
    told = (*mapped.records, *records)
    return replace(mapped, subjects=(*mapped.subjects, *subjects), records=told)


def _deaths(message: NemsMessage) -> Iterator[tuple[Person, Record]]:
    for number, patient in enumerate(message.of_type("Patient")):
        stated = death_stated(patient, value(patient, "birthDate"))
        identifier = _only_number(patient)
        if stated is None or stated.said is None or identifier is None:
            continue
        if stated.said.says_died:
            ref = f"other-{number}"
            key = person_key(message, identifier, otherwise=ref)
            person = Person(Subject(ref, (identifier,)), key, None)
            yield person, death_record(person, stated.said)


def _only_number(patient: Node) -> Identifier | None:
    found = {text: nhs_number_identifier(text) for text in numbers_stated(patient)}
    sound = [number for number in found.values() if number.is_verified]
    return sound[0] if len(found) == 1 and sound else None


def _numbers(person: Person) -> set[str]:
    return {identifier.value for identifier in person.subject.identifiers}

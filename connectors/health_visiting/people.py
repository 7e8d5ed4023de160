"""A person of a message: the subject, and the records about nobody but them."""

from collections.abc import Iterator
from dataclasses import dataclass

from connectors.health_visiting.message import NemsMessage
from connectors.health_visiting.patients import PatientFacts
from schemas.identifiers import Identifier
from schemas.records.message import Record
from schemas.records.payloads import ContactDetails, PersonDetails
from schemas.records.subject import Demographics, Subject
from schemas.vocabulary import Category, Label

_LOCATION = frozenset({Label.LOCATION})


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """One person: the subject, the key of their own records, and the Patient when one was sent.

    `others` are whom a removal may mean besides, where its message contradicts itself.
    """

    subject: Subject
    key: str
    facts: PatientFacts | None
    others: tuple[Subject, ...] = ()


def person_from_facts(
    message: NemsMessage,
    facts: PatientFacts,
    *,
    ref: str,
    number: Identifier | None,
    birth: str | None,
    otherwise: str,
) -> Person:
    """A person as the Patient states them; `birth` stands in where the Patient has no birth date.

    `otherwise` keys the records of somebody without a verified NHS number.
    """
    subject = Subject(
        ref=ref,
        identifiers=tuple(n for n in (number, *facts.former_numbers) if n is not None),
        demographics=Demographics(
            family_name=facts.name.family,
            given_names=facts.name.given,
            date_of_birth=facts.born or birth,
            postcode=facts.postcode,
            placeholder_name=facts.name.placeholder,
        ),
    )
    return Person(subject, person_key(message, number, otherwise=otherwise), facts)


def person_key(message: NemsMessage, number: Identifier | None, *, otherwise: str) -> str:
    """What a person's own records are keyed by: publisher and verified NHS number.

    An unverified number may be somebody else's: it must not overwrite that person's records.
    """
    if number is None or not number.is_verified:
        return otherwise
    return f"patient/{message.publisher}/{number.value}"


def person_records(person: Person) -> Iterator[Record]:
    """What the message says about the person: details, contact details, communication needs."""
    facts, subjects = person.facts, (person.subject.ref,)
    if facts is None:
        return
    identity = Category.IDENTITY_AND_CONTACT
    details = _details(facts, person.subject.demographics)
    yield Record(f"{person.key}/details", identity, subjects, details)
    if facts.addresses or facts.telecoms:
        contact = ContactDetails(facts.addresses, facts.telecoms)
        yield Record(f"{person.key}/contact", identity, subjects, contact, labels=_LOCATION)
    if facts.communication is not None:
        yield Record(
            f"{person.key}/communication",
            Category.COMMUNICATION_NEEDS,
            subjects,
            facts.communication,
        )


def _details(facts: PatientFacts, demographics: Demographics) -> PersonDetails:
    return PersonDetails(
        family_name=facts.name.family,
        given_names=facts.name.given,
        known_as=facts.name.known_as,
        date_of_birth=demographics.date_of_birth,
        sex=facts.sex,
        died=facts.died,
        multiple_birth_order=facts.birth_order,
        placeholder_name=facts.name.placeholder,
        is_verified=facts.is_traced,
    )

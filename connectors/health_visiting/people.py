"""A person of a message: what their Patient says of them, and the records about nobody else."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connectors.health_visiting.nems.message import NemsMessage, extension, given_names
from connectors.health_visiting.nems.nodes import (
    Node,
    child,
    children,
    date_time,
    descend,
    is_before,
    own_value,
    period_of,
    value,
    words_of,
)
from connectors.parsing import limits
from connectors.parsing.demographics import is_placeholder_name, postcode_as_compared
from schemas.errors import UnreadableMessageError
from schemas.identifiers import Identifier, nhs_number_identifier
from schemas.records.message import BirthDoubt, Demographics, Record, Subject
from schemas.records.payloads import (
    Address,
    CommunicationNeeds,
    ContactDetails,
    PersonDetails,
    Telecom,
)
from schemas.vocabulary import Category, IdentifierStatus, Label

# What a Patient element says, read once.

PATIENT_NUMBER = "Patient.identifier[nhs-number]"
NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"

_NAME_USES = ("official", "usual", None, "temp")
_TELECOM_SYSTEMS = frozenset({"phone", "sms", "email"})
_MULTIPLE_BIRTH_ORDERS = frozenset("1234567")
_STATUS = "Extension-CareConnect-NHSNumberVerificationStatus-1"
_VERIFIED = "01"
# FHIR IdentifierUse: no longer considered valid, or replaced.
_REPLACED = "old"


@dataclass(frozen=True, slots=True, repr=False)
class Name:
    """A person's name in use, and what they are known as."""

    family: str | None = None
    given: tuple[str, ...] = ()
    known_as: str | None = None
    placeholder: bool = False

    @property
    def spoken(self) -> str | None:
        """The name as people say it: given names, then family name."""
        return " ".join((*self.given, self.family or "")).strip() or None


@dataclass(frozen=True, slots=True, repr=False)
class PatientFacts:
    """What one Patient element states, and the element for what only some events need."""

    element: Node
    number: Identifier | None
    former_numbers: tuple[Identifier, ...]
    name: Name
    born: str | None
    sex: str | None
    died: str | None
    birth_order: int | None
    addresses: tuple[Address, ...]
    telecoms: tuple[Telecom, ...]
    communication: CommunicationNeeds | None
    is_traced: bool

    @property
    def postcode(self) -> str | None:
        """The postcode of the present home, as it is compared."""
        home = next((address for address in self.addresses if address.use == "home"), None)
        return None if home is None else postcode_as_compared(home.postcode)


def patient_facts(patient: Node) -> PatientFacts:
    """Read a Patient; raises UnreadableMessageError for ill-formed or contradictory statements."""
    born = date_time(patient, "birthDate", field="Patient.birthDate")
    stated = [i for i in children(patient, "identifier") if value(i, "system") == NHS_NUMBER]
    number = _number_of([i for i in stated if value(i, "use") != _REPLACED])
    return PatientFacts(
        element=patient,
        number=number,
        former_numbers=tuple(_former(i) for i in stated if value(i, "use") == _REPLACED),
        name=name_from_elements(children(patient, "name")),
        born=born,
        sex=value(patient, "gender"),
        died=_died(patient, born),
        birth_order=_birth_order(value(patient, "multipleBirthInteger")),
        addresses=tuple(
            address_from_element(address, field="Patient.address")
            for address in children(patient, "address")
        ),
        telecoms=tuple(telecoms_of(patient)),
        communication=_communication(patient),
        is_traced=number is not None and number.is_verified and _states_trace(patient),
    )


def name_from_elements(names: Sequence[Node]) -> Name:
    """The name in use among HumanName elements: official before usual before temporary."""
    by_use = {value(name, "use"): name for name in reversed(names)}
    nickname = by_use.get("nickname")
    known_as = None if nickname is None else " ".join(given_names(nickname)) or None
    for use in _NAME_USES:
        if use in by_use:
            family = value(by_use[use], "family")
            given = tuple(given_names(by_use[use]))
            placeholder = use == "temp" or is_placeholder_name(family=family, given=given)
            return Name(family, given, known_as, placeholder)
    return Name(known_as=known_as)


def display_name(practitioner: Node | None) -> str | None:
    """The name of a Practitioner as people say it."""
    if practitioner is None:
        return None
    return name_from_elements(children(practitioner, "name")).spoken


def telephone_of(resource: Node | None) -> str | None:
    """The first telephone number of a resource."""
    telecoms = telecoms_of(resource or {})
    return next((telecom.value for telecom in telecoms if telecom.system == "phone"), None)


def telecoms_of(resource: Node) -> Iterator[Telecom]:
    """The telephone numbers and e-mail addresses of a resource."""
    for telecom in children(resource, "telecom"):
        system, number = value(telecom, "system"), value(telecom, "value")
        if system in _TELECOM_SYSTEMS and number is not None:
            yield Telecom(system, number)


def numbers_stated(patient: Node) -> list[str]:
    """The texts of the NHS numbers that a Patient states, whatever they are."""
    return [
        value(identifier, "value") or ""
        for identifier in children(patient, "identifier")
        if value(identifier, "system") == NHS_NUMBER
    ]


def verified_numbers(patient: Node) -> Iterator[Identifier]:
    """A Patient's NHS numbers that are theirs as far as is known, also one that was replaced."""
    for identifier in children(patient, "identifier"):
        if value(identifier, "system") == NHS_NUMBER and _traced(identifier):
            number = nhs_number_identifier(value(identifier, "value") or "")
            if number.is_verified:
                yield number


def _number_of(identifiers: Sequence[Node]) -> Identifier | None:
    """The NHS number; verified unless its check digit or its status code says otherwise.

    The status system's URL differs between sources (DOMAIN section 2.4), so only its code is read.
    """
    numbers = [
        nhs_number_identifier(value(i, "value") or "", verified=_traced(i)) for i in identifiers
    ]
    if len({number.value for number in numbers}) > 1:
        raise UnreadableMessageError(field=PATIENT_NUMBER, reason="several-values")
    if numbers and len(numbers[0].value) > limits.IDENTIFIER_CHARACTERS:
        raise UnreadableMessageError(field=PATIENT_NUMBER, reason="too-long")
    return numbers[0] if numbers and numbers[0].value else None


def _former(identifier: Node) -> Identifier:
    """A number that was replaced by another; one that fails its check was never anybody's."""
    number = nhs_number_identifier(value(identifier, "value") or "", verified=_traced(identifier))
    if not number.is_verified:
        return number
    return Identifier(number.scheme, number.value, IdentifierStatus.SUPERSEDED)


def _traced(identifier: Node) -> bool:
    status = extension(identifier, _STATUS)
    if status is None:
        return True
    return value(descend(status, "valueCodeableConcept", "coding"), "code") == _VERIFIED


def _states_trace(patient: Node) -> bool:
    """Whether the source says how its number was verified.

    A number that passes its check digit and says nothing more was traced by nobody.
    """
    return any(
        extension(identifier, _STATUS) is not None
        for identifier in children(patient, "identifier")
        if value(identifier, "system") == NHS_NUMBER
    )


def _birth_order(order: str | None) -> int | None:
    return int(order) if order in _MULTIPLE_BIRTH_ORDERS else None


def _died(patient: Node, born: str | None) -> str | None:
    died = date_time(patient, "deceasedDateTime", field="Patient.deceasedDateTime")
    if died and born and is_before(died, born):
        raise UnreadableMessageError(
            field="Patient.deceasedDateTime", reason="contradicts:Patient.birthDate"
        )
    return died


def address_from_element(address: Node, *, field: str) -> Address:
    """An Address element; raises UnreadableMessageError naming `field` for a bad period."""
    lines = [own_value(line) for line in children(address, "line")]
    lines += [value(address, "city"), value(address, "district")]
    return Address(
        lines=tuple(line for line in lines if line),
        postcode=value(address, "postalCode"),
        period=period_of(address, "period", field=f"{field}.period"),
        use=value(address, "use") or "home",
    )


def _communication(patient: Node) -> CommunicationNeeds | None:
    languages = [words_of(child(c, "language")) for c in children(patient, "communication")]
    interpreter = None
    stated = extension(patient, "Extension-CareConnect-NHSCommunication-1")
    if stated is not None:
        language = descend(extension(stated, "language"), "valueCodeableConcept")
        languages.append(words_of(language))
        interpreter = value(extension(stated, "interpreterRequired"), "valueBoolean")
    spoken = tuple(language for language in languages if language)
    if not spoken and interpreter is None:
        return None
    needed = {"true": True, "false": False}.get(interpreter or "")
    return CommunicationNeeds(languages=spoken, interpreter_needed=needed)


_LOCATION = frozenset({Label.LOCATION})


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """One person: the subject, the key of their own records, and the Patient when one was sent.

    `others` are whom a removal may mean besides, where its message contradicts itself; `doubt` is
    what contradicts itself in one that states something.
    """

    subject: Subject
    key: str
    facts: PatientFacts | None
    others: tuple[Subject, ...] = ()
    doubt: BirthDoubt | None = None


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
    """What the message says about the person: details, contact details, communication needs.

    Details without the date that is in doubt would take the place of those with it.
    """
    facts, subjects = person.facts, (person.subject.ref,)
    if facts is None:
        return
    identity = Category.IDENTITY_AND_CONTACT
    details = _details(facts, person.subject.demographics)
    if person.doubt is None:
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

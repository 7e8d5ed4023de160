"""Patient elements: what they say about a person, read once."""

from collections.abc import Iterator
from dataclasses import dataclass

from connectors import limits
from connectors.demographics import is_placeholder_name, postcode_as_compared
from connectors.health_visiting.elements import (
    FHIR,
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
from connectors.health_visiting.message import extension, given_names
from connectors.safe_xml import Element
from schemas.errors import UnreadableMessageError
from schemas.identifiers import Identifier, nhs_number_identifier
from schemas.records.payloads import Address, CommunicationNeeds, Telecom

PATIENT_NUMBER = "Patient.identifier[nhs-number]"
NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"

_NAME_USES = ("official", "usual", None, "temp")
_TELECOM_SYSTEMS = frozenset({"phone", "sms", "email"})
_MULTIPLE_BIRTH_ORDERS = frozenset("1234567")
_VERIFIED = "01"


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

    element: Element
    number: Identifier | None
    name: Name
    born: str | None
    sex: str | None
    died: str | None
    birth_order: int | None
    addresses: tuple[Address, ...]
    telecoms: tuple[Telecom, ...]
    communication: CommunicationNeeds | None

    @property
    def postcode(self) -> str | None:
        """The postcode of the present home, as it is compared."""
        home = next((address for address in self.addresses if address.use == "home"), None)
        return None if home is None else postcode_as_compared(home.postcode)


def patient_facts(patient: Element) -> PatientFacts:
    """Read a Patient; raises UnreadableMessageError for ill-formed or contradictory statements."""
    parts: dict[str, list[Element]] = {}
    for part in patient:
        parts.setdefault(part.tag, []).append(part)
    born = date_time(patient, "birthDate", field="Patient.birthDate")
    return PatientFacts(
        element=patient,
        number=_number_of(parts.get(FHIR + "identifier", [])),
        name=name_from_elements(parts.get(FHIR + "name", [])),
        born=born,
        sex=_first_value(parts, "gender"),
        died=_died(patient, born) if FHIR + "deceasedDateTime" in parts else None,
        birth_order=_birth_order(_first_value(parts, "multipleBirthInteger")),
        addresses=tuple(_address(address) for address in parts.get(FHIR + "address", ())),
        telecoms=tuple(_telecoms(parts.get(FHIR + "telecom", []))),
        communication=_communication(patient, parts),
    )


def name_from_elements(names: list[Element]) -> Name:
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


def display_name(practitioner: Element | None) -> str | None:
    """The name of a Practitioner as people say it."""
    if practitioner is None:
        return None
    return name_from_elements(list(children(practitioner, "name"))).spoken


def telephone_of(resource: Element | None) -> str | None:
    """The first telephone number of a resource."""
    if resource is None:
        return None
    telecoms = _telecoms(children(resource, "telecom"))
    return next((telecom.value for telecom in telecoms if telecom.system == "phone"), None)


def _first_value(parts: dict[str, list[Element]], name: str) -> str | None:
    found = parts.get(FHIR + name)
    return own_value(found[0]) if found else None


def _number_of(identifiers: list[Element]) -> Identifier | None:
    """The NHS number; verified unless its check digit or its status code says otherwise.

    The status system's URL differs between sources (DOMAIN section 2.4), so only its code is read.
    """
    found = [i for i in identifiers if value(i, "system") == NHS_NUMBER]
    numbers = [nhs_number_identifier(value(i, "value") or "", verified=_traced(i)) for i in found]
    if len({number.value for number in numbers}) > 1:
        raise UnreadableMessageError(field=PATIENT_NUMBER, reason="several-values")
    if numbers and len(numbers[0].value) > limits.IDENTIFIER_CHARACTERS:
        raise UnreadableMessageError(field=PATIENT_NUMBER, reason="too-long")
    return numbers[0] if numbers and numbers[0].value else None


def _traced(identifier: Element) -> bool:
    status = extension(identifier, "Extension-CareConnect-NHSNumberVerificationStatus-1")
    if status is None:
        return True
    return value(descend(status, "valueCodeableConcept", "coding"), "code") == _VERIFIED


def _birth_order(order: str | None) -> int | None:
    return int(order) if order in _MULTIPLE_BIRTH_ORDERS else None


def _died(patient: Element, born: str | None) -> str | None:
    died = date_time(patient, "deceasedDateTime", field="Patient.deceasedDateTime")
    if died and born and is_before(died, born):
        raise UnreadableMessageError(
            field="Patient.deceasedDateTime", reason="contradicts:Patient.birthDate"
        )
    return died


def _address(address: Element) -> Address:
    lines = [own_value(line) for line in children(address, "line")]
    lines += [value(address, "city"), value(address, "district")]
    return Address(
        lines=tuple(line for line in lines if line),
        postcode=value(address, "postalCode"),
        period=period_of(address, "period", field="Patient.address.period"),
        use=value(address, "use") or "home",
    )


def _telecoms(elements: Iterator[Element] | list[Element]) -> Iterator[Telecom]:
    for telecom in elements:
        system, number = value(telecom, "system"), value(telecom, "value")
        if system in _TELECOM_SYSTEMS and number is not None:
            yield Telecom(system, number)


def _communication(patient: Element, parts: dict[str, list[Element]]) -> CommunicationNeeds | None:
    languages = [words_of(child(c, "language")) for c in parts.get(FHIR + "communication", ())]
    interpreter = None
    if FHIR + "extension" in parts:
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

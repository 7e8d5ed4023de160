"""NEMS messages as text, built from what a case cares about; everything else has a default."""

from dataclasses import dataclass
from uuid import NAMESPACE_URL, UUID, uuid5

from lxml import etree

FHIR = "http://hl7.org/fhir"
NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
ODS_CODE = "https://fhir.nhs.uk/Id/ods-organization-code"
SNOMED = "http://snomed.info/sct"
VERIFICATION = (
    "https://fhir.hl7.org.uk/STU3/StructureDefinition/"
    "Extension-CareConnect-NHSNumberVerificationStatus-1"
)

Part = etree._Element


def part(
    name: str, *children: Part | None, value: str | None = None, url: str | None = None
) -> Part:
    """One FHIR element; children that are None are left out."""
    element = etree.Element(f"{{{FHIR}}}{name}", nsmap={None: FHIR})
    if url is not None:
        element.set("url", url)
    if value is not None:
        element.set("value", value)
    element.extend([child for child in children if child is not None])
    return element


def maybe(name: str, value: str | None) -> Part | None:
    """A primitive element, or nothing."""
    return None if value is None else part(name, value=value)


def concept(name: str, code: str, display: str | None = None, system: str = SNOMED) -> Part:
    """A CodeableConcept with one coding."""
    coding = part(
        "coding", part("system", value=system), part("code", value=code), maybe("display", display)
    )
    return part(name, coding)


def identifier(system: str, value: str, *extensions: Part) -> Part:
    """An Identifier."""
    return part("identifier", *extensions, part("system", value=system), part("value", value=value))


def reference(name: str, key: str | None, display: str | None = None) -> Part | None:
    """A Reference to another entry of the same bundle, by the key it was entered under."""
    if key is None:
        return None
    return part(name, part("reference", value=url_of(key)), maybe("display", display))


def url_of(key: str) -> str:
    """The fullUrl of an entry; anything with a colon is taken as a URL itself."""
    return key if ":" in key else f"urn:uuid:{resource_id(key)}"


def resource_id(key: str) -> str:
    """The id of an entry, the same for the same key."""
    return str(uuid5(NAMESPACE_URL, key))


def resource(kind: str, key: str, *children: Part | None) -> tuple[str, Part]:
    """A resource with its id, under the key that references use."""
    return key, part(kind, part("id", value=resource_id(key)), *children)


@dataclass(frozen=True)
class APerson:
    """Somebody a message is about."""

    key: str = "patient"
    nhs_number: str | None = "9990000018"
    family: str | None = "Marlow"
    given: tuple[str, ...] = ("Edie",)
    born: str | None = "2024-03-05"
    gender: str = "female"
    use: str = "official"
    status: str | None = "01"
    lines: tuple[str, ...] = ("1 Test Lane",)
    postcode: str | None = "NF1 1AA"
    telephone: str | None = None
    birth_order: str | None = None
    language: str | None = None
    interpreter: bool | None = None
    gp: str | None = None
    mother_link: str | None = None
    died: str | None = None
    death_status: str | None = None
    deceased: str | None = None
    birth_time: str | None = None


@dataclass(frozen=True)
class AHeader:
    """What the message header says; routing follows the person unless it is given."""

    event: str = "professional-contacts-1"
    event_type: str = "new"
    message_id: str | None = None
    updated: str | None = "2026-09-01T09:00:00+00:00"
    version_id: str | None = None
    routing_number: str | None = "same"
    routing_birth: str | None = "same"
    routing_family: str | None = "same"
    timestamp: str = "2026-09-01T09:00:00+00:00"
    responsible: str | None = "organisation"


def message(
    header: AHeader, person: APerson, focus: str | None, *entries: tuple[str, Part]
) -> bytes:
    """A message bundle routed by `person` and focused on the entry of that key."""
    bundle = part(
        "Bundle",
        part("id", value=resource_id(f"bundle/{header}/{person}")),
        part("type", value="message"),
        entry(*_header(header, person, focus)),
        *(entry(*keyed) for keyed in entries),
    )
    _make_ids_own(bundle, [key for key, _ in entries], f"{header.event}/{person.nhs_number}")
    return as_text(bundle)


def _make_ids_own(bundle: Part, keys: list[str], whose: str) -> None:
    """Give the entries ids that no other person's message has."""
    own = {resource_id(key): resource_id(f"{whose}/{key}") for key in keys}
    own |= {f"urn:uuid:{old}": f"urn:uuid:{new}" for old, new in own.items()}
    for element in bundle.iter():
        if element.get("value") in own:
            element.set("value", own[element.get("value")])


def as_text(bundle: Part) -> bytes:
    """The XML of a bundle, indented."""
    etree.indent(bundle, "\t")
    return etree.tostring(bundle, xml_declaration=True, encoding="UTF-8") + b"\n"


def entry(key: str, held: Part) -> Part:
    """One entry of a bundle."""
    return part("entry", part("fullUrl", value=url_of(key)), part("resource", held))


def _header(header: AHeader, person: APerson, focus: str | None) -> tuple[str, Part]:
    message_id = header.message_id or resource_id(f"message/{header}/{person}/{focus}")
    meta = part("meta", maybe("versionId", header.version_id), maybe("lastUpdated", header.updated))
    held = part(
        "MessageHeader",
        part("id", value=message_id),
        meta,
        _routing(header, person),
        _event_type(header.event_type),
        part(
            "event",
            part("system", value="https://fhir.nhs.uk/STU3/CodeSystem/EventType-1"),
            part("code", value=header.event),
        ),
        part("timestamp", value=header.timestamp),
        part("source", part("endpoint", value="urn:nhs:addressing:asid:999900000001")),
        reference("responsible", header.responsible),
        reference("focus", focus),
    )
    return f"urn:uuid:{message_id}" if _is_uuid(message_id) else "header", held


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _event_type(code: str) -> Part:
    return part(
        "extension",
        concept(
            "valueCodeableConcept",
            code,
            system="https://fhir.nhs.uk/STU3/CodeSystem/MessageEventType-1",
        ),
        url="https://fhir.nhs.uk/STU3/StructureDefinition/Extension-MessageEventType-1",
    )


def _routing(header: AHeader, person: APerson) -> Part:
    number = person.nhs_number if header.routing_number == "same" else header.routing_number
    birth = person.born if header.routing_birth == "same" else header.routing_birth
    family = person.family if header.routing_family == "same" else header.routing_family
    named = part("valueHumanName", maybe("family", family), *_given(person))
    parts = [part("extension", named, url="name")]
    if number is not None:
        held = part(
            "valueIdentifier", part("system", value=NHS_NUMBER), part("value", value=number)
        )
        parts.insert(0, part("extension", held, url="nhsNumber"))
    if birth is not None:
        parts.append(part("extension", part("valueDateTime", value=birth), url="birthDateTime"))
    return part(
        "extension",
        *parts,
        url="https://fhir.nhs.uk/STU3/StructureDefinition/Extension-RoutingDemographics-1",
    )


def _given(person: APerson) -> list[Part]:
    return [part("given", value=given) for given in person.given]

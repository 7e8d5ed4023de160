"""Elements that several resources share: periods, telecoms, references."""

from schemas.fhir_mapping.systems import Resource, extension, extension_value, without_empty
from schemas.identifiers import PersonId
from schemas.records.payloads import Address, Coding, Period, Telecom

_PATIENT = "Patient/"
_ADDRESS_USES = frozenset({"home", "work", "temp", "old", "billing"})


def person_reference(person: PersonId) -> Resource:
    """A relative reference by the person's opaque id (FHIR R4 section 2.3.0.1)."""
    return {"reference": _PATIENT + person}


def person_from_reference(reference: Resource) -> PersonId:
    """Back from person_reference."""
    return PersonId(reference["reference"].removeprefix(_PATIENT))


def period_element(period: Period) -> Resource:
    """A Period; empty when neither end is known."""
    return without_empty(start=period.start, end=period.end)


def period_from_element(element: Resource | None) -> Period:
    """Back from a Period element or its absence."""
    found = element or {}
    return Period(found.get("start"), found.get("end"))


def telecom_element(telecom: Telecom) -> Resource:
    """A ContactPoint."""
    return {"system": telecom.system, "value": telecom.value}


def telecoms_from(resource: Resource) -> tuple[Telecom, ...]:
    """The telecoms of a resource."""
    return tuple(Telecom(t["system"], t["value"]) for t in resource.get("telecom", []))


def address_element(address: Address) -> Resource:
    """An Address; a use that FHIR has no code for (`father's home`) stands in an extension."""
    has_code = address.use in _ADDRESS_USES
    return without_empty(
        use=address.use if has_code else None,
        line=list(address.lines),
        postalCode=address.postcode,
        period=period_element(address.period),
        extension=[] if has_code else [extension("address-use", kind="String", value=address.use)],
    )


def address_from_element(element: Resource) -> Address:
    """Back from an Address."""
    return Address(
        tuple(element.get("line", [])),
        element.get("postalCode"),
        period_from_element(element.get("period")),
        element.get("use") or extension_value(element, "address-use"),
    )


def coding_element(coding: Coding) -> Resource:
    """A Coding."""
    return without_empty(system=coding.system, code=coding.code, display=coding.display)


def coding_from_element(element: Resource) -> Coding:
    """Back from a Coding."""
    return Coding(element["system"], element["code"], element.get("display", ""))

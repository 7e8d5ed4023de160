"""What several resources share: our code systems and extensions; periods, telecoms, references."""

from typing import Any

from schemas.identifiers import PersonId
from schemas.records.payloads import Address, Coding, FactStatus, Period, Telecom

# Code systems and extensions that the bundles use beside FHIR's own.

PERSON = "urn:tell-once:person"
CATEGORY = "urn:tell-once:category"
KIND = "urn:tell-once:kind:"
SOURCE = "urn:tell-once:source:"
LABEL = "urn:tell-once:label"
KEPT_TO = "urn:tell-once:kept-to"
OCCURRENCE = "urn:tell-once:occurrence"
PLAN = "urn:tell-once:plan"
RELATIONSHIP = "urn:tell-once:relationship"
AGENCY = "urn:tell-once:agency"
WORKER = "urn:tell-once:worker"
ACCOUNT = "urn:tell-once:account"
RECORD = "urn:tell-once:record"
SERVICE = "urn:tell-once:service"
CONNECTION = "urn:tell-once:connection"
REASON = "urn:tell-once:connection-reason"
_EXTENSION = "urn:tell-once:extension:"

Resource = dict[str, Any]
"""A FHIR resource or element as its JSON object."""


_SAYS_SOMETHING = (False, 0)


def without_empty(**elements: Any) -> Resource:
    """The elements that are there: FHIR forbids empty ones (R4 section 2.6.2)."""
    return {name: value for name, value in elements.items() if value or value in _SAYS_SOMETHING}


def extension(name: str, *, kind: str, value: Any) -> Resource:
    """One of our own extensions; `kind` is FHIR's value[x] suffix."""
    return {"url": _EXTENSION + name, f"value{kind}": value}


def extensions_by_name(resource: Resource) -> dict[str, list[Any]]:
    """Every value of every extension of our own on the resource, in order, by its name."""
    found: dict[str, list[Any]] = {}
    for one in resource.get("extension", ()):
        values = [value for key, value in one.items() if key.startswith("value")]
        found.setdefault(one["url"].removeprefix(_EXTENSION), []).extend(values)
    return found


def extension_values(resource: Resource, name: str) -> list[Any]:
    """Every value of one of our own extensions on the resource, in order."""
    extensions = resource.get("extension")
    if not extensions:  # most have none, and this is asked many times of each record
        return []
    url = _EXTENSION + name
    return [
        value
        for found in extensions
        if found["url"] == url
        for key, value in found.items()
        if key.startswith("value")
    ]


def extension_value(resource: Resource, name: str) -> Any:
    """The value of an extension that stands at most once; None without it."""
    return next(iter(extension_values(resource, name)), None)


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


_NO_LONGER = "old"


def telecom_element(telecom: Telecom) -> Resource:
    """A ContactPoint."""
    return without_empty(
        system=telecom.system,
        value=telecom.value,
        use=_NO_LONGER if telecom.is_former else None,
        period=period_element(telecom.period),
    )


def telecoms_from(resource: Resource) -> tuple[Telecom, ...]:
    """The telecoms of a resource."""
    return tuple(
        Telecom(
            t["system"],
            t["value"],
            period_from_element(t.get("period")),
            is_former=t.get("use") == _NO_LONGER,
        )
        for t in resource.get("telecom", [])
    )


def status_extensions(status: FactStatus) -> list[Resource]:
    """What a record's source says of whether it holds; nothing for what does."""
    if status is FactStatus.HOLDS:
        return []
    return [extension("fact-status", kind="Code", value=status.value)]


def status_from(resource: Resource) -> FactStatus:
    """Back from status_extensions; a record from before is of what holds."""
    code = extension_value(resource, "fact-status")
    return FactStatus.HOLDS if code is None else FactStatus(code)


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

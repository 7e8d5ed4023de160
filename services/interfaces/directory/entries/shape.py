"""What a service may hold in Open Referral UK 3.0: each object's fields, and what each one is.

Written from the profile's JSON Schemas, with the few fields of HSDS 3.0 that it leaves out and
families need: what a language is called, and a contact's telephones. What is not named here is not
kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final


class ValueKind(Enum):
    """What a single value is."""

    ID = auto()
    TEXT = auto()
    LINK = auto()
    EMAIL = auto()
    NUMBER = auto()
    MOMENT = auto()


@dataclass(frozen=True, slots=True)
class One:
    """Another object, by the name of its shape."""

    shape: str


@dataclass(frozen=True, slots=True)
class Many:
    """A list of objects, by the name of their shape."""

    shape: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a closed list."""

    among: frozenset[str]


What = ValueKind | One | Many | Choice


@dataclass(frozen=True, slots=True)
class ObjectShape:
    """An object's fields; `required` are those without which it is none."""

    required: frozenset[str]
    fields: Mapping[str, What]


ACTIVE: Final = "active"
INACTIVE: Final = "inactive"
STATUSES: Final = frozenset({ACTIVE, INACTIVE, "defunct", "temporarily closed"})
PLACES: Final = frozenset({"physical", "postal", "virtual"})


def _shape(required: str, **fields: What) -> ObjectShape:
    return ObjectShape(frozenset(required.split()), {"id": ValueKind.ID, **fields})


SHAPES: Final[Mapping[str, ObjectShape]] = {
    "service": _shape(
        "id name status",
        organization_id=ValueKind.ID,
        name=ValueKind.TEXT,
        description=ValueKind.TEXT,
        url=ValueKind.LINK,
        email=ValueKind.EMAIL,
        status=Choice(STATUSES),
        fees=ValueKind.TEXT,
        accreditations=ValueKind.TEXT,
        minimum_age=ValueKind.NUMBER,
        maximum_age=ValueKind.NUMBER,
        assured_date=ValueKind.TEXT,
        assurer_email=ValueKind.EMAIL,
        alert=ValueKind.TEXT,
        application_process=ValueKind.TEXT,
        last_modified=ValueKind.MOMENT,
        schedules=Many("schedule"),
        service_areas=Many("service_area"),
        service_at_locations=Many("service_at_location"),
        languages=Many("language"),
        organization=One("organization"),
        funding=Many("funding"),
        cost_options=Many("cost_option"),
        contacts=Many("contact"),
        attributes=Many("attribute"),
    ),
    "schedule": _shape(
        "id",
        valid_from=ValueKind.TEXT,
        valid_to=ValueKind.TEXT,
        dtstart=ValueKind.TEXT,
        freq=Choice(frozenset({"WEEKLY", "MONTHLY"})),
        interval=ValueKind.NUMBER,
        byday=ValueKind.TEXT,
        bymonthday=ValueKind.TEXT,
        description=ValueKind.TEXT,
        opens_at=ValueKind.TEXT,
        closes_at=ValueKind.TEXT,
        schedule_link=ValueKind.LINK,
        attending_type=ValueKind.TEXT,
        notes=ValueKind.TEXT,
    ),
    "service_area": _shape(
        "id",
        name=ValueKind.TEXT,
        extent=ValueKind.TEXT,
        extent_type=ValueKind.TEXT,
        uri=ValueKind.TEXT,
        service_area=ValueKind.TEXT,
    ),
    "service_at_location": _shape(
        "id", location_id=ValueKind.ID, location=One("location"), schedules=Many("schedule")
    ),
    "location": _shape(
        "id location_type",
        location_type=Choice(PLACES),
        name=ValueKind.TEXT,
        description=ValueKind.TEXT,
        latitude=ValueKind.NUMBER,
        longitude=ValueKind.NUMBER,
        external_identifier=ValueKind.TEXT,
        external_identifier_type=ValueKind.TEXT,
        addresses=Many("address"),
        accessibility=Many("accessibility"),
    ),
    "address": _shape(
        "id address_1 city state_province postal_code country address_type",
        attention=ValueKind.TEXT,
        address_1=ValueKind.TEXT,
        city=ValueKind.TEXT,
        region=ValueKind.TEXT,
        state_province=ValueKind.TEXT,
        postal_code=ValueKind.TEXT,
        country=ValueKind.TEXT,
        address_type=Choice(PLACES),
    ),
    "accessibility": _shape(
        "id",
        description=ValueKind.TEXT,
        details=ValueKind.TEXT,
        url=ValueKind.LINK,
        accessibility=ValueKind.TEXT,
    ),
    "language": _shape("id", name=ValueKind.TEXT, code=ValueKind.TEXT),
    "organization": _shape(
        "id name description",
        name=ValueKind.TEXT,
        description=ValueKind.TEXT,
        email=ValueKind.EMAIL,
        website=ValueKind.LINK,
        uri=ValueKind.LINK,
        parent_organization_id=ValueKind.ID,
        organization_identifiers=Many("organization_identifier"),
    ),
    "organization_identifier": _shape(
        "id identifier_type identifier",
        identifier_scheme=ValueKind.TEXT,
        identifier_type=ValueKind.TEXT,
        identifier=ValueKind.TEXT,
    ),
    "funding": _shape("id", source=ValueKind.TEXT),
    "cost_option": _shape(
        "id",
        valid_from=ValueKind.TEXT,
        valid_to=ValueKind.TEXT,
        option=ValueKind.TEXT,
        amount=ValueKind.NUMBER,
        amount_description=ValueKind.TEXT,
    ),
    "contact": _shape("id", name=ValueKind.TEXT, title=ValueKind.TEXT, phones=Many("phone")),
    "phone": _shape("id number", number=ValueKind.TEXT, description=ValueKind.TEXT),
    "attribute": _shape(
        "id",
        link_type=ValueKind.TEXT,
        taxonomy_term_id=ValueKind.ID,
        taxonomy_term=One("taxonomy_term"),
    ),
    "taxonomy_term": _shape(
        "id name description",
        name=ValueKind.TEXT,
        description=ValueKind.TEXT,
        parent_id=ValueKind.ID,
        taxonomy=ValueKind.TEXT,
        taxonomy_id=ValueKind.ID,
        term_uri=ValueKind.LINK,
        term=ValueKind.TEXT,
    ),
    "taxonomy": _shape(
        "id name description",
        name=ValueKind.TEXT,
        description=ValueKind.TEXT,
        uri=ValueKind.LINK,
        version=ValueKind.TEXT,
        taxonomy_terms=Many("taxonomy_term"),
    ),
}

FILLED_IN: Final[Mapping[str, Mapping[str, str]]] = {
    "address": {"state_province": "", "country": "GB", "address_type": "physical"},
}
"""What addresses in England leave out although the profile asks for it: filled in, not parked."""

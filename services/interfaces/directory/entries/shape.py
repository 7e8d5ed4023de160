"""What a service may hold in Open Referral UK 3.0: each object's fields, and what each one is.

Written from the profile's JSON Schemas, with the few fields of HSDS 3.0 that it leaves out and
families need: what a language is called, and a contact's telephones. What is not named here is not
kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final


class Kind(Enum):
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


What = Kind | One | Many | Choice


@dataclass(frozen=True, slots=True)
class ObjectShape:
    """An object's fields; `required` are those without which it is none."""

    required: frozenset[str]
    fields: Mapping[str, What]


ACTIVE: Final = "active"
INACTIVE: Final = "inactive"
STATUSES: Final = frozenset({ACTIVE, INACTIVE, "defunct", "temporarily closed"})
_PLACES: Final = frozenset({"physical", "postal", "virtual"})


def _shape(required: str, **fields: What) -> ObjectShape:
    return ObjectShape(frozenset(required.split()), {"id": Kind.ID, **fields})


SHAPES: Final[Mapping[str, ObjectShape]] = {
    "service": _shape(
        "id name status",
        organization_id=Kind.ID,
        name=Kind.TEXT,
        description=Kind.TEXT,
        url=Kind.LINK,
        email=Kind.EMAIL,
        status=Choice(STATUSES),
        fees=Kind.TEXT,
        accreditations=Kind.TEXT,
        minimum_age=Kind.NUMBER,
        maximum_age=Kind.NUMBER,
        assured_date=Kind.TEXT,
        assurer_email=Kind.EMAIL,
        alert=Kind.TEXT,
        last_modified=Kind.MOMENT,
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
        valid_from=Kind.TEXT,
        valid_to=Kind.TEXT,
        dtstart=Kind.TEXT,
        freq=Choice(frozenset({"WEEKLY", "MONTHLY"})),
        interval=Kind.NUMBER,
        byday=Kind.TEXT,
        bymonthday=Kind.TEXT,
        description=Kind.TEXT,
        opens_at=Kind.TEXT,
        closes_at=Kind.TEXT,
        schedule_link=Kind.LINK,
        attending_type=Kind.TEXT,
        notes=Kind.TEXT,
    ),
    "service_area": _shape(
        "id",
        name=Kind.TEXT,
        extent=Kind.TEXT,
        extent_type=Kind.TEXT,
        uri=Kind.TEXT,
        service_area=Kind.TEXT,
    ),
    "service_at_location": _shape(
        "id", location_id=Kind.ID, location=One("location"), schedules=Many("schedule")
    ),
    "location": _shape(
        "id location_type",
        location_type=Choice(_PLACES),
        name=Kind.TEXT,
        description=Kind.TEXT,
        latitude=Kind.NUMBER,
        longitude=Kind.NUMBER,
        external_identifier=Kind.TEXT,
        external_identifier_type=Kind.TEXT,
        addresses=Many("address"),
        accessibility=Many("accessibility"),
    ),
    "address": _shape(
        "id address_1 city state_province postal_code country address_type",
        attention=Kind.TEXT,
        address_1=Kind.TEXT,
        city=Kind.TEXT,
        region=Kind.TEXT,
        state_province=Kind.TEXT,
        postal_code=Kind.TEXT,
        country=Kind.TEXT,
        address_type=Choice(_PLACES),
    ),
    "accessibility": _shape(
        "id",
        description=Kind.TEXT,
        details=Kind.TEXT,
        url=Kind.LINK,
        accessibility=Kind.TEXT,
    ),
    "language": _shape("id", name=Kind.TEXT, code=Kind.TEXT),
    "organization": _shape(
        "id name description",
        name=Kind.TEXT,
        description=Kind.TEXT,
        email=Kind.EMAIL,
        website=Kind.LINK,
        uri=Kind.LINK,
        parent_organization_id=Kind.ID,
        organization_identifiers=Many("organization_identifier"),
    ),
    "organization_identifier": _shape(
        "id identifier_type identifier",
        identifier_scheme=Kind.TEXT,
        identifier_type=Kind.TEXT,
        identifier=Kind.TEXT,
    ),
    "funding": _shape("id", source=Kind.TEXT),
    "cost_option": _shape(
        "id",
        valid_from=Kind.TEXT,
        valid_to=Kind.TEXT,
        option=Kind.TEXT,
        amount=Kind.NUMBER,
        amount_description=Kind.TEXT,
    ),
    "contact": _shape("id", name=Kind.TEXT, title=Kind.TEXT, phones=Many("phone")),
    "phone": _shape("id number", number=Kind.TEXT, description=Kind.TEXT),
    "attribute": _shape(
        "id",
        link_type=Kind.TEXT,
        taxonomy_term_id=Kind.ID,
        taxonomy_term=One("taxonomy_term"),
    ),
    "taxonomy_term": _shape(
        "id name description",
        name=Kind.TEXT,
        description=Kind.TEXT,
        parent_id=Kind.ID,
        taxonomy=Kind.TEXT,
        taxonomy_id=Kind.ID,
        term_uri=Kind.LINK,
        term=Kind.TEXT,
    ),
    "taxonomy": _shape(
        "id name description",
        name=Kind.TEXT,
        description=Kind.TEXT,
        uri=Kind.LINK,
        version=Kind.TEXT,
        taxonomy_terms=Many("taxonomy_term"),
    ),
}

FILLED_IN: Final[Mapping[str, Mapping[str, str]]] = {
    "address": {"state_province": "", "country": "GB", "address_type": "physical"},
}
"""What addresses in England leave out although the profile asks for it: filled in, not parked."""

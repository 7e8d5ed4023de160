"""People around a child, and what their source says of them; only what is true is sent.

Source: Digital Child Health (CareConnect, STU3), personal-contacts-1: household member, parental
responsibility. What is not stated is unknown, which is not no (DOMAIN section 2.1.2).
"""

from connectors.health_visiting.elements import child, children, period_of, value
from connectors.health_visiting.focus import focus_key, focus_record
from connectors.health_visiting.header import extension
from connectors.health_visiting.mapped import Mapped
from connectors.health_visiting.message import NemsMessage
from connectors.health_visiting.nodes import Node
from connectors.health_visiting.patients import address_from_element, display_name, telecoms_of
from connectors.health_visiting.people import Person
from connectors.health_visiting.relationship_kinds import relationship_kind
from connectors.health_visiting.subjects import single_person
from schemas.errors import UnreadableMessageError
from schemas.records.message import Record
from schemas.records.payloads import Relationship
from schemas.vocabulary import Category, Label

_STATED = {"true": True, "false": False}
_MOST = 20


def personal_contacts_from_message(message: NemsMessage) -> Mapped:
    """A relationship for each RelatedPerson of the message, which should be one."""
    focus = message.focus("Encounter", "RelatedPerson")
    key = focus_key(message, focus)
    person = single_person(message, focus, focus_key=key)
    related = message.of_type("RelatedPerson") or (None,)
    if len(related) > _MOST:
        raise UnreadableMessageError(field="RelatedPerson", reason="too-many")
    records = tuple(
        _record(message, focus, person, one, source_id=f"{key}/{number}" if number else key)
        for number, one in enumerate(related)
    )
    return Mapped.of_person(message, focus, person, records)


def _record(
    message: NemsMessage, focus: Node, person: Person, related: Node | None, *, source_id: str
) -> Record:
    return focus_record(
        message,
        focus,
        source_id=source_id,
        category=Category.FAMILY_AND_HOUSEHOLD,
        subjects=(person.subject.ref,),
        build=lambda: _relationship(related),
        labels=_labels(related or {}),
    )


def _labels(related: Node) -> frozenset[Label]:
    """How to reach somebody tells where they are, which is not the child's to give away."""
    reachable = children(related, "telecom") or children(related, "address")
    return frozenset({Label.THIRD_PARTY, Label.LOCATION} if reachable else {Label.THIRD_PARTY})


def _relationship(related: Node | None) -> Relationship:
    if related is None:
        raise UnreadableMessageError(field="RelatedPerson", reason="missing")
    responsible = _flag(extension(related, "Extension-DCH-ParentalResponsibility-1"))
    # Where somebody lives who has no responsibility is not the child's business.
    homes = children(related, "address") if responsible else ()
    return Relationship(
        kind=relationship_kind(child(related, "relationship")),
        name=display_name(related),
        telecoms=tuple(telecoms_of(related)),
        has_responsibility=responsible,
        same_household=_household_member(related),
        period=period_of(related, "period", field="RelatedPerson.period"),
        addresses=tuple(
            address_from_element(home, field="RelatedPerson.address") for home in homes
        ),
    )


def _household_member(related: Node) -> bool | None:
    stated = extension(related, "Extension-DCH-HouseholdMember-1")
    if stated is None:
        return None
    inner = extension(stated, "householdMember")
    return _flag(stated if inner is None else inner)


def _flag(stated: Node | None) -> bool | None:
    return _STATED.get(value(stated, "valueBoolean") or "")

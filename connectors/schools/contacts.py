"""The people whom a school may ring about a pupil, and the addresses a school holds."""

from collections.abc import Iterator

from connectors.safe_xml import Element
from connectors.schools.header import text_of
from schemas.records.message import Record
from schemas.records.payloads import (
    Address,
    ContactDetails,
    Relationship,
    RelationshipKind,
    Telecom,
)
from schemas.vocabulary import Category, Label

_KINDS = {
    "PAM": RelationshipKind.MOTHER,
    "PAF": RelationshipKind.FATHER,
    "PAR": RelationshipKind.PARENT,
    "STP": RelationshipKind.STEP_PARENT,
    "FOS": RelationshipKind.FOSTER_CARER,
    "GRP": RelationshipKind.GRANDPARENT,
    "SIB": RelationshipKind.SIBLING,
    "CAR": RelationshipKind.CARER,
    "REL": RelationshipKind.OTHER_RELATIVE,
    "FAM": RelationshipKind.OTHER_RELATIVE,
}
_YES = frozenset({"1", "true", "y", "yes"})
_NO = frozenset({"0", "false", "n", "no"})
_THIRD_PARTY = frozenset({Label.THIRD_PARTY})
_THIRD_PARTY_LOCATION = frozenset({Label.THIRD_PARTY, Label.LOCATION})


def contact_records(pupil: Element, *, key: str, ref: str) -> Iterator[Record]:
    """Who each contact is to the pupil, and the other home of one with parental responsibility.

    Source: CTF, Contacts. AddressAsPupil and Responsibility are the school's own statements.
    """
    taken: set[str] = set()
    for position, contact in enumerate(pupil.iterfind("Contacts/Contact"), start=1):
        order = text_of(contact, "Order")
        number = order if order and order not in taken else f"at-{position}"
        taken.add(number)
        source_id = f"{key}/contact/{number}"
        relationship = _relationship_from_contact(contact)
        located = relationship.telecoms or contact.find("Address") is not None
        yield Record(
            source_id,
            Category.FAMILY_AND_HOUSEHOLD,
            (ref,),
            relationship,
            labels=_THIRD_PARTY_LOCATION if located else _THIRD_PARTY,
        )
        yield from _other_home(contact, relationship, source_id=source_id, ref=ref)


def address_from_element(holder: Element, *, use: str = "home") -> Address | None:
    """The address inside a Pupil or Contact, in lines or by BS 7666; None when there is none."""
    address = holder.find("Address")
    if address is None:
        return None
    lines = [(line.text or "").strip() for line in address.iterfind("AddressLines/*")]
    parts = ("SAON", "PAON", "Street", "Locality", "Town", "PostTown")
    lines += [text_of(address, f"BS7666Address/{part}") or "" for part in parts]
    postcode = text_of(address, "PostCode") or text_of(address, "BS7666Address/PostCode")
    kept = tuple(line for line in lines if line)
    return Address(kept, postcode, use=use) if kept or postcode else None


def telecoms_from_element(holder: Element) -> tuple[Telecom, ...]:
    """The telephone numbers and e-mail address inside a Pupil or Contact."""
    numbers = (text_of(phone, "PhoneNo") for phone in holder.iterfind("Phones/Phone"))
    telecoms = [Telecom("phone", number) for number in numbers if number]
    email = text_of(holder, "Email")
    return (*telecoms, Telecom("email", email)) if email else tuple(telecoms)


def _relationship_from_contact(contact: Element) -> Relationship:
    order = text_of(contact, "Order") or ""
    names = (text_of(contact, "Forename"), text_of(contact, "Surname"))
    return Relationship(
        kind=_kind(text_of(contact, "Relationship")),
        name=" ".join(name for name in names if name) or None,
        telecoms=telecoms_from_element(contact),
        has_responsibility=_flag(text_of(contact, "Responsibility")),
        same_household=_flag(text_of(contact, "AddressAsPupil")),
        contact_order=int(order) if order.isascii() and order.isdigit() else None,
    )


def _other_home(
    contact: Element, relationship: Relationship, *, source_id: str, ref: str
) -> Iterator[Record]:
    address = address_from_element(contact, use=f"{relationship.kind.value}'s home")
    if address is None or relationship.same_household or not relationship.has_responsibility:
        return
    yield Record(
        f"{source_id}/home",
        Category.FAMILY_AND_HOUSEHOLD,
        (ref,),
        ContactDetails(addresses=(address,)),
        labels=_THIRD_PARTY_LOCATION,
    )


def _kind(code: str | None) -> RelationshipKind:
    return _KINDS.get((code or "").upper(), RelationshipKind.OTHER)


def _flag(text: str | None) -> bool | None:
    word = (text or "").casefold()
    if word in _YES:
        return True
    return False if word in _NO else None

"""The people whom a school may ring about a pupil."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from connectors.parsing.relationship_words import kind_in_words
from connectors.schools.ctf.fields import Fields, addresses_in, as_compared, telecoms_in
from schemas.records.message import Record
from schemas.records.payloads import (
    Address,
    ContactDetails,
    Involvement,
    Relationship,
    RelationshipKind,
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
_SOCIAL_WORKER = "SWR"
_ORDER_DIGITS = 4
_THIRD_PARTY = frozenset({Label.THIRD_PARTY})


@dataclass(frozen=True, slots=True, repr=False)
class Whose:
    """Whose contacts they are: the pupil's key, ref, home; how what tells a place is labelled.

    `scopes` are those in which everything lies that holds until the school says otherwise.
    """

    key: str
    ref: str
    home: tuple[Address, ...]
    located: frozenset[Label]
    scopes: tuple[str, ...]


def contact_records(pupil: Fields, whose: Whose) -> Iterator[Record]:
    """Who each contact is to the pupil, and the other home of one with parental responsibility.

    Source: CTF, Contacts. AddressAsPupil and Responsibility are the school's own statements. A
    social worker is no relative but somebody who works with the pupil.
    """
    taken: set[str] = set()
    for position, contact in enumerate(pupil.inside("Contacts").each("Contact"), start=1):
        order = contact.text("Order")
        number = order if order and order not in taken else f"at-{position}"
        taken.add(number)
        source_id = f"{whose.key}/contact/{number}"
        if contact.text("Relationship") == _SOCIAL_WORKER:
            worker = _social_worker(contact)
            subjects = (whose.ref,)
            yield Record(source_id, Category.SOCIAL_CARE, subjects, worker, scopes=whose.scopes)
        else:
            yield from _relative_records(contact, whose, source_id=source_id)


def _social_worker(contact: Fields) -> Involvement:
    phones = (telecom.value for telecom in telecoms_in(contact) if telecom.system == "phone")
    return Involvement(
        service="Children's social care",
        practitioner_name=_name(contact),
        role="Social worker",
        telephone=next(phones, None),
    )


def _relative_records(contact: Fields, whose: Whose, *, source_id: str) -> Iterator[Record]:
    kind = _kind(contact.text("Relationship") or "")
    addresses = addresses_in(contact, use=f"{kind.value}'s home")
    same_household = _same_household(contact, addresses, whose)
    is_second_home = _is_home_of_the_child(contact, kind) and not same_household
    second_home = addresses if is_second_home else ()
    relationship = _relationship(contact, kind, second_home, same_household=same_household)
    labels = _THIRD_PARTY | whose.located
    yield Record(
        source_id,
        Category.FAMILY_AND_HOUSEHOLD,
        (whose.ref,),
        relationship,
        labels=labels if relationship.telecoms or addresses else _THIRD_PARTY,
        scopes=whose.scopes,
    )
    if second_home:
        yield Record(
            f"{source_id}/home",
            Category.FAMILY_AND_HOUSEHOLD,
            (whose.ref,),
            ContactDetails(addresses=second_home),
            labels=labels,
            scopes=whose.scopes,
        )


def _kind(said: str) -> RelationshipKind:
    """By its code, or by its words where a system writes these in its place."""
    return _KINDS.get(said.upper()) or kind_in_words(said) or RelationshipKind.OTHER


def _is_home_of_the_child(contact: Fields, kind: RelationshipKind) -> bool:
    """A second home is where somebody with responsibility lives; a childminder's is no home.

    A foster carer has none, whatever a file says (DOMAIN section 3.4).
    """
    return bool(contact.flag("Responsibility")) and kind is not RelationshipKind.FOSTER_CARER


def _relationship(
    contact: Fields,
    kind: RelationshipKind,
    second_home: tuple[Address, ...],
    *,
    same_household: bool | None,
) -> Relationship:
    order = contact.text("Order") or ""
    is_order = order.isascii() and order.isdigit() and len(order) <= _ORDER_DIGITS
    return Relationship(
        kind=kind,
        name=_name(contact),
        telecoms=telecoms_in(contact),
        has_responsibility=contact.flag("Responsibility"),
        same_household=same_household,
        contact_order=int(order) if is_order else None,
        addresses=tuple(replace(address, use="home") for address in second_home),
    )


def _same_household(contact: Fields, addresses: tuple[Address, ...], whose: Whose) -> bool | None:
    """As the school states it, beside the address or in it; or because the two are the same."""
    stated = contact.flag("AddressAsPupil")
    if stated is None:
        stated = contact.inside("Address").flag("AddressAsPupil")
    if stated is None and set(map(as_compared, addresses)) & set(map(as_compared, whose.home)):
        return True
    return stated


def _name(contact: Fields) -> str | None:
    """Forename and surname; the title stands in for a forename that is not given."""
    first = contact.text("Forename") or contact.text("Title")
    return " ".join(name for name in (first, contact.text("Surname")) if name) or None

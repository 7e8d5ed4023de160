"""The people whom a school may ring about a pupil."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from connectors.parsing.relationship_words import SaidOfRelative, relative_in_words
from connectors.schools.ctf.fields import Fields, addresses_in, as_compared, telecoms_in
from schemas.records.message import Record
from schemas.records.payloads import (
    Address,
    ContactDetails,
    FactStatus,
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
# A childminder, a doctor, a head teacher, a religious contact, any other: no relatives.
_OTHERS = frozenset({"CHM", "DOC", "HTC", "RLG", "OTH"})
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
    said = _said_of(contact)
    kind = said.kind or RelationshipKind.OTHER
    addresses = addresses_in(contact, use=f"{kind.value}'s home")
    same_household = _same_household(contact, addresses, whose)
    is_second_home = _is_home_of_the_child(contact, kind) and not same_household
    second_home = addresses if is_second_home and not said.has_died else ()
    relationship = _relationship(contact, said, second_home, same_household=same_household)
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


def _said_of(contact: Fields) -> SaidOfRelative:
    """By its code, or by its words where a system writes these in its place.

    Words of which this makes nothing are counted as such.
    """
    text = contact.text("Relationship") or ""
    if text.upper() in _KINDS:
        return SaidOfRelative(_KINDS[text.upper()])
    said = relative_in_words(text)
    if said.kind is None and text.upper() not in _OTHERS:
        contact.leave("Relationship")
    return said


def _is_home_of_the_child(contact: Fields, kind: RelationshipKind) -> bool:
    """A second home is where somebody with responsibility lives; a childminder's is no home.

    A foster carer has none, whatever a file says (DOMAIN section 3.4).
    """
    return bool(contact.flag("Responsibility")) and kind is not RelationshipKind.FOSTER_CARER


def _relationship(
    contact: Fields,
    said: SaidOfRelative,
    second_home: tuple[Address, ...],
    *,
    same_household: bool | None,
) -> Relationship:
    order = contact.text("Order") or ""
    is_order = order.isascii() and order.isdigit() and len(order) <= _ORDER_DIGITS
    return Relationship(
        kind=said.kind or RelationshipKind.OTHER,
        name=_name(contact),
        telecoms=telecoms_in(contact),
        has_responsibility=contact.flag("Responsibility"),
        same_household=same_household,
        contact_order=int(order) if is_order else None,
        addresses=tuple(replace(address, use="home") for address in second_home),
        status=FactStatus.ENDED if said.has_died else FactStatus.HOLDS,
        has_died=said.has_died,
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

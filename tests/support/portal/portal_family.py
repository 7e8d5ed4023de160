"""Invented relatives and households for the pages."""

from dataclasses import replace

from schemas.identifiers import PersonId
from schemas.records.payloads import Address, RelationshipKind
from services.profile.merging.claims import Claim, Provenance
from services.profile.model import HouseholdMember, HouseholdView, KinView, Responsibility


def the_kin(mother_id: PersonId, health: Provenance, school: Provenance) -> tuple[KinView, ...]:
    """Invent a mother who is known, and a grandmother whom only the school mentions."""
    mother = KinView(
        mother_id,
        (Claim(RelationshipKind.MOTHER, health),),
        (),
        (Claim(Responsibility.STATED, health),),
        (Claim(True, health),),
        (),
        (),
        (),
        True,
    )
    grandmother = replace(
        mother,
        person=None,
        kinds=(Claim(RelationshipKind.GRANDPARENT, school),),
        names=(Claim("Zofia Wren", school),),
        responsibility=(),
        same_household=(),
        languages=(Claim(("pl",), school),),
    )
    return (mother, grandmother)


def the_households(
    child_id: PersonId, mother_id: PersonId, health: Provenance
) -> tuple[HouseholdView, ...]:
    """Invent a child in two households."""
    child = HouseholdMember(child_id, None, None, (health,))
    mother = HouseholdMember(mother_id, None, RelationshipKind.MOTHER, (health,))
    home = HouseholdView(
        Address(("14 Mill Lane", "Exbury"), "EX1 1AA"), "home", True, (child, mother)
    )
    other = Address(("2 Quay Street", "Exbury"), "EX1 2BB")
    return (home, HouseholdView(other, "father's home", True, (child,)))

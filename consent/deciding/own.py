"""One's own: who may see how their own agency knows somebody (DESIGN.md section 4, rule 3a).

It comes before "nothing recorded", and no withdrawal takes it away: it is the agency's own, and it
is name, date of birth and the agency's reference, as the agency's own feed told them. Nothing of
anybody else is, not even that it exists.
"""

from collections.abc import Collection
from datetime import datetime

from consent.model import (
    Exclusion,
    LegitimateRelationship,
    RelationshipGround,
    Restriction,
    RestrictionScope,
)
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import OPENS_FAMILY_RECORDS, Role

OPENS_OWN = frozenset({RelationshipGround.OWN, RelationshipGround.CASE_LOAD})
"""On the agency's books, or on the case-load: no other ground makes somebody one's own."""


def may_see_own(
    practitioner: PractitionerId,
    role: Role,
    person: PersonId,
    *,
    relationships: Collection[LegitimateRelationship],
    restrictions: Collection[Restriction],
    exclusions: Collection[Exclusion],
    at: datetime,
) -> bool:
    """Tell whether the practitioner may see how their agency knows the person.

    (1) A role that opens no family records sees none.
    (2) A restriction of the whole person hides them from everybody who is not on its list.
    (2a) So does the family from whom it has named.
    (3) Otherwise whoever has them as their own, at that time, does.
    """
    if role not in OPENS_FAMILY_RECORDS:  # (1)
        return False
    hidden = any(  # (2)
        restriction.scope is RestrictionScope.PERSON
        and restriction.is_in_force(at)
        and practitioner not in restriction.allowed
        for restriction in restrictions
    )
    excluded = any(
        one.is_in_force(at) and one.keeps_out(practitioner) for one in exclusions
    )  # (2a)
    return not (hidden or excluded) and any(  # (3)
        held.practitioner == practitioner
        and held.subject == person
        and held.ground in OPENS_OWN
        and held.is_in_force(at)
        for held in relationships
    )

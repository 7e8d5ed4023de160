"""Who belongs to the family of the child who was opened: how far relationships are followed. Pure.

Carers are shown with the child and not gone beyond: the other children in a foster home, and their
families, are no part of this one (DOMAIN section 4.3: a placement is no evidence of kinship).
"""

from collections.abc import Iterable

from schemas.identifiers import PersonId
from schemas.records.payloads import RelationshipKind
from schemas.records.published import PublishedRecord
from services.aggregation.relations import ties_in

_GENERATIONS = 2
_NOT_GONE_BEYOND = frozenset(
    {RelationshipKind.FOSTER_CARER, RelationshipKind.CARER, RelationshipKind.OTHER}
)


def family_of(child: PersonId, records: Iterable[PublishedRecord]) -> frozenset[PersonId]:
    """The child, and whom these records tie to them, directly or through their own family."""
    ties = [(tie, tie.kind not in _NOT_GONE_BEYOND) for tie in ties_in(records)]
    found, family = {child}, {child}
    for _ in range(_GENERATIONS):
        reached: set[PersonId] = set()
        for tie, is_kinship in ties:
            if tie.of in family:
                found.add(tie.other)
            if is_kinship and (tie.of in family or tie.other in family):
                reached |= {tie.of, tie.other}
        family |= reached
        found |= reached
    return frozenset(found)

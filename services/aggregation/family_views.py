"""What a source protects reaches no family's view, whatever else is agreed (DOMAIN section 3.5).

Where a child is placed is told to nobody from the birth family. No restriction has to be placed
for that: the label that its source puts on an address is enough. This only takes away from what a
practitioner is shown; whether they may be shown it at all is for `decide` to say.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from consent.model import LegitimateRelationship, RelationshipGround
from schemas.identifiers import PersonId
from schemas.vocabulary import Label, Purpose
from services.aggregation.stored import StoredRecord


def without_protected_places(
    found: Sequence[StoredRecord],
    *,
    opened: PersonId,
    purpose: Purpose,
    relationships: Iterable[LegitimateRelationship],
    at: datetime,
) -> Sequence[StoredRecord]:
    """The records that may be part of this view; nothing hints at those that may not.

    A protected address is part of its own person's view alone, and of none that the family sees:
    its own request for what is held, and a page that is opened while the family is there.
    """
    is_for_family = is_seen_by_family(purpose, relationships, at)
    return [
        record
        for record in found
        if Label.PROTECTED_LOCATION not in record.labels
        or (record.persons == (opened,) and not is_for_family)
    ]


def is_seen_by_family(
    purpose: Purpose, relationships: Iterable[LegitimateRelationship], at: datetime
) -> bool:
    """Whether the family reads along: its own request, or a page opened while it is there."""
    return purpose is Purpose.SUBJECT_ACCESS or any(
        r.ground is RelationshipGround.FAMILY_PRESENT and r.is_in_force(at) for r in relationships
    )

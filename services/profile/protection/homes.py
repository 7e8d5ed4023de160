"""What would tell where a protected person lives is left out of what is shown. Pure.

Where a restriction protects somebody, nobody else's record may tell it (DOMAIN section 3.5): a
child's address tells where the mother is. `decide` is asked of a record about those whom it names;
that somebody else lives there it cannot know (see the decision "protected places"). This only takes
away from what a practitioner is shown, and nothing hints at what it takes.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from consent.model import LegitimateRelationship, RelationshipGround, Restriction
from consent.ports import Decisions
from schemas.identifiers import PersonId, PractitionerId
from schemas.records.payloads import Relationship
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Label, Purpose
from services.profile.ports import StoredRecord


@dataclass(frozen=True, slots=True)
class Onlooker:
    """Who looks, and when; the family, where it reads along, is on nobody's allow-list."""

    practitioner: PractitionerId
    at: datetime
    family_reads_along: bool

    def may_know(self, restriction: Restriction) -> bool:
        """Whether the restriction lets them know where its subject is."""
        return self.practitioner in restriction.allowed and not self.family_reads_along


def without_protected_homes(
    found: Sequence[StoredRecord], onlooker: Onlooker, decisions: Decisions
) -> tuple[Sequence[StoredRecord], frozenset[PersonId]]:
    """The records that tell nothing of where somebody protected is whom one may not know of.

    And of whom a record that is left tells that they live where somebody protected does. Asks
    only where a record names a place.
    """
    places = {place for record in found for place in record.places}
    protecting = decisions.protecting(places) if places else {}
    if not protecting:
        return found, frozenset()
    there = {place: _in_force(protecting[place], onlooker.at) for place in protecting}
    left = [r for r in found if not any(_hides(r, there, onlooker))]
    told = (r.persons[0] for r in left if any(there.get(place) for place in r.places))
    return left, frozenset(told)


def without_who_lives_with(
    opened: Iterable[PublishedRecord], hidden: Collection[PersonId]
) -> Iterator[PublishedRecord]:
    """The records without what says where these persons live, or with whom.

    Who is whose mother is still told; that the two live together is as if nobody had said it.
    """
    if not hidden:
        yield from opened
        return
    for record in opened:
        if isinstance(record.payload, Relationship) and any(p in hidden for p in record.persons):
            untold = replace(record.payload, same_household=None, addresses=())
            yield replace(record, payload=untold)
        else:
            yield record


def _in_force(restrictions: Iterable[Restriction], at: datetime) -> list[Restriction]:
    return [restriction for restriction in restrictions if restriction.is_in_force(at)]


def _hides(
    record: StoredRecord, there: Mapping[bytes, Sequence[Restriction]], onlooker: Onlooker
) -> Iterator[bool]:
    """For each place that it names whether that closes it.

    Of a protected person's own record `decide` has the word: whoever allowed the onlooker to know
    where that person is, decided about this very place.
    """
    for place in record.places:
        who = there.get(place, ())
        is_own = any(
            r.subject in record.persons and r.protects(record.labels, onlooker.at) for r in who
        )
        yield not is_own and not all(onlooker.may_know(r) for r in who)


# What a source protects reaches no family's view, whatever else is agreed (DOMAIN section 3.5).
#
# Where a child is placed is told to nobody from the birth family. No restriction has to be placed
# for that: the label that its source puts on an address is enough.


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
        r.ground is RelationshipGround.FAMILY_CONFIRMED and r.is_in_force(at) for r in relationships
    )

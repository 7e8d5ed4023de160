"""Whose words they are: as whom somebody writes here, and what a worker wrote down as theirs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from consent.decisions.deciders import NOBODY_BELOW
from schemas.identifiers import PersonId
from schemas.records.payloads import Relationship, RelationshipKind, StoryEntry
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Category, Label, Source
from services.people.deciders.naming import references_of
from services.people.family_access.ports import FamilyDoor
from services.people.family_access.reaching import Reached
from services.people.family_access.speaking import name_of
from services.profile.ports import StoredRecord, StoredRecords

_PROTECTED = frozenset({Label.PROTECTED_LOCATION, Label.THIRD_PARTY})
_KINDS = {
    RelationshipKind.MOTHER: "the mother herself, on her own page",
    RelationshipKind.FATHER: "the father himself, on his own page",
    RelationshipKind.GRANDPARENT: "the grandparent themselves, on their own page",
}
_SOMEBODY, _SOMEBODYS_NAME = "themselves, on their own page", "Themselves"


@dataclass(frozen=True, slots=True, repr=False)
class TellingName:
    """What practitioners read of who said it, and by whose hand."""

    name: str
    as_written: str

    @classmethod
    def of(
        cls, one: Reached, reached: Sequence[Reached], *, records: StoredRecords, door: FamilyDoor
    ) -> "TellingName":
        """The name by which sources say who they are to a child, and what they are to this one."""
        children = [one] if not one.is_oneself else [c for c in reached if not c.is_oneself]
        names = (name_of(child, reached, door=door) for child in children)
        name = next((each for each in names if each is not None), _SOMEBODYS_NAME)
        ones = door.clusters.all_of([each.person for each in reached if each.is_oneself])
        kind = None if one.is_oneself else _kind(one.person, set(ones), records)
        return cls(name, _SOMEBODY if kind is None else _KINDS.get(kind, _SOMEBODY))


def told_to_workers(
    reached: Sequence[Reached], *, records: StoredRecords, door: FamilyDoor
) -> Iterator[tuple[PublishedRecord, StoryEntry]]:
    """Entries that are written down as said by whoever looks, about nobody whom they do not reach.

    By the names that sources give them as a parent of a child whom they reach, and only them. What
    was said of a child stands only as long as nobody's no took it away: so it is told of those who
    are too small to say no themselves, and to nobody else, or it would tell of theirs.
    """
    known = {one.person for one in reached if one.is_oneself or _is_small(one.person, door)}
    theirs = frozenset[str]().union(*(one.references for one in reached))
    sealed = [
        record
        for record in records.about(known)
        if record.category is Category.STORY
        and record.source is Source.FAMILY_HUB
        and known.issuperset(record.persons)
        and record.labels.isdisjoint(_PROTECTED)
    ]
    for one in sealed:
        for record in records.open([one]):
            said = record.payload
            if isinstance(said, StoryEntry) and _is_named(said.told_by, theirs, door):
                yield _as_stored(record, one), said


def _is_small(child: PersonId, door: FamilyDoor) -> bool:
    return door.age_of(child).is_below(NOBODY_BELOW)


def _is_named(told_by: str, theirs: frozenset[str], door: FamilyDoor) -> bool:
    named = references_of(told_by, door.here.hasher)
    return named is not None and not theirs.isdisjoint(named.every)


def _as_stored(record: PublishedRecord, sealed: StoredRecord) -> PublishedRecord:
    """A later version of it has to lie where the first one does, kept to as few as now."""
    persons = (sealed.stored_under, *record.persons[1:])
    return replace(record, persons=persons, kept_to=sealed.kept_to)


def _kind(child: PersonId, ones: set[PersonId], records: StoredRecords) -> RelationshipKind | None:
    """What a source says that one of these is to the child."""
    sealed = [
        record
        for record in records.about([child])
        if record.category is Category.FAMILY_AND_HOUSEHOLD
        and len(record.persons) > 1
        and record.persons[0] == child
        and record.persons[1] in ones
    ]
    said = (record.payload for record in records.open(sealed))
    return next((one.kind for one in said if isinstance(one, Relationship)), None)

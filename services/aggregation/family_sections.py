"""The sections of a profile that say who the family is, merged from permitted records. Pure."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from schemas.identifiers import PersonId
from schemas.records.payloads import RelationshipKind
from schemas.records.published import PublishedRecord
from services.aggregation.family import HouseholdView, KinView, PersonView, RelativeView
from services.aggregation.households import households_of
from services.aggregation.kin import kin_of
from services.aggregation.persons import people
from services.aggregation.relations import parents_not_named, relatives


class FamilySections(NamedTuple):
    """Who they are, what each source says of who they are to the child, who lives where."""

    people: tuple[PersonView, ...]
    relatives: tuple[RelativeView, ...]
    kin: tuple[KinView, ...]
    households: tuple[HouseholdView, ...]
    parents_not_named: tuple[RelationshipKind, ...]


def family_sections(
    records: Sequence[PublishedRecord],
    child: PersonId,
    protected: Collection[PersonId],
    today: str,
) -> FamilySections:
    """The family around the child; the order of the records and their repetition do not matter."""
    persons = people(records, child, protected, today)
    stated = relatives(records, child, today)
    kin = kin_of(stated, persons, today)
    kinds = (*(person.relation for person in persons[1:]), *(r.kind for r in stated))
    return FamilySections(
        persons, stated, kin, households_of(persons, kin), parents_not_named(kinds)
    )

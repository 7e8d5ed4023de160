"""Who lives with whom, by every address and "same household"; the family in all its sections. Pure.

A child may belong to two households, and sources may name two for what is one: both are shown.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from schemas.identifiers import PersonId
from schemas.records.payloads import Address, RelationshipKind
from schemas.records.published import PublishedRecord
from services.profile.merging.claims import AddressClaim, Claim, Provenance
from services.profile.merging.family import kin_of, parents_not_named, relatives
from services.profile.merging.people import people
from services.profile.merging.whereabouts import NOBODYS_HOME, present_homes, same_place
from services.profile.model import HouseholdMember, HouseholdView, KinView, PersonView, RelativeView

_HOME = "home"
_WHERE_THE_CHILD_LIVES = frozenset({_HOME, "placement"})


@dataclass(slots=True)
class _Place:
    """A household while it is put together; members by person, or by place among the kin."""

    address: Address | None
    use: str
    members: dict[PersonId | int, HouseholdMember] = field(default_factory=dict)

    def add(self, who: PersonId | int, member: HouseholdMember) -> None:
        there = self.members.get(who)
        if there is not None:
            both = dict.fromkeys((*there.provenances, *member.provenances))
            name, kind = there.name, there.kind
            member = HouseholdMember(there.person, name, kind, tuple(both))
        self.members[who] = member


class _Places:
    """Households by where they are; `homes` are those of the child, by who says so."""

    def __init__(self) -> None:
        self.all: dict[str | None, _Place] = {}
        self.homes: dict[str, tuple[Provenance, ...]] = {}

    def at(self, address: Address) -> _Place:
        return self.all.setdefault(same_place(address), _Place(address, address.use))

    def homes_by(self, claim: Claim[bool]) -> list[_Place]:
        """The child's home as those say it who make the claim; else the only one there is."""
        sources = {provenance.source for provenance in (claim.provenance, *claim.also)}
        found = [
            self.all[place]
            for place, said in self.homes.items()
            if sources & {provenance.source for provenance in said}
        ]
        if not found and len(self.homes) == 1:
            found = [self.all[place] for place in self.homes]
        return found or [self.all.setdefault(None, _Place(None, _HOME))]


def households_of(
    people: Sequence[PersonView], kin: Sequence[KinView]
) -> tuple[HouseholdView, ...]:
    """Every household of which anything is shown, the child's own first.

    `people` begin with the child who was opened.
    """
    child, *_ = people
    places = _Places()
    for person in people:
        for claim in present_homes(person.addresses):
            _settle(places, person, claim, is_home=person.id == child.id)
    for position, relative in enumerate(kin):
        _settle_relative(places, relative, position)
    if None in places.all:
        _add_child(places.all[None], child)
    views = [_view(place, child.id) for place in places.all.values()]
    return tuple(sorted(views, key=lambda view: not view.is_the_childs))


def _settle(places: _Places, person: PersonView, claim: AddressClaim, *, is_home: bool) -> None:
    if claim.address.use in NOBODYS_HOME:
        return
    said = (claim.provenance, *claim.also)
    member = HouseholdMember(person.id, None, person.relation, said)
    places.at(claim.address).add(person.id, member)
    if is_home and claim.address.use in _WHERE_THE_CHILD_LIVES:
        places.homes[same_place(claim.address)] = said


def _settle_relative(places: _Places, relative: KinView, position: int) -> None:
    if not relative.is_current:
        return
    who = position if relative.person is None else relative.person
    for address in relative.addresses:
        if address.is_current:
            said = (address.provenance, *address.also)
            places.at(address.address).add(who, _member(relative, said))
    for claim in relative.same_household:
        if claim.value:
            for home in places.homes_by(claim):
                home.add(who, _member(relative, (claim.provenance, *claim.also)))


def _member(relative: KinView, said: tuple[Provenance, ...]) -> HouseholdMember:
    name = relative.names[0].value if relative.names else None
    return HouseholdMember(relative.person, name, relative.kinds[0].value, said)


def _add_child(nowhere: _Place, child: PersonView) -> None:
    """Who lives with the child, wherever that is, lives with the child."""
    said = dict.fromkeys(p for member in nowhere.members.values() for p in member.provenances)
    itself = HouseholdMember(child.id, None, None, tuple(said))
    nowhere.members = {child.id: itself, **nowhere.members}


def _view(place: _Place, child: PersonId) -> HouseholdView:
    return HouseholdView(
        place.address, place.use, child in place.members, tuple(place.members.values())
    )


# The sections of a profile that say who the family is.


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
    besides: Iterable[PersonId] = (),
) -> FamilySections:
    """The family around the child; the order of the records and their repetition do not matter.

    `besides` are those of whom more is shown than these records.
    """
    persons = people(records, child, protected, today, besides)
    stated = relatives(records, child, today)
    kin = kin_of(stated, persons, today)
    kinds = (*(person.relation for person in persons[1:]), *(r.kind for r in stated))
    return FamilySections(
        persons, stated, kin, households_of(persons, kin), parents_not_named(kinds)
    )

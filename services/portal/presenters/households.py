"""Who lives where, as cards: one a household, since a child may belong to two."""

from dataclasses import dataclass

from services.aggregation.profile import HouseholdMember, HouseholdView, Profile
from services.portal.presenters.cards import Card, Fact, Row, Tag, said_by
from services.portal.presenters.contact import address_in_words
from services.portal.presenters.names import Names, kind_in_words, names_in

_ONE_HOME = 1


@dataclass(frozen=True, slots=True, repr=False)
class HouseholdsView:
    """The households, and what to say before them; empty words where nothing has to be said."""

    cards: tuple[Card, ...]
    about_the_child: str


def households_of(profile: Profile) -> HouseholdsView:
    """Write who lives with whom, as far as anything here says so."""
    names = names_in(profile)
    homes = sum(household.is_the_childs for household in profile.households)
    several = (
        f"Sources name {homes} places where the child lives. More than one may be right: ask the "
        "family."
    )
    return HouseholdsView(
        tuple(_card(household, names) for household in profile.households),
        several if homes > _ONE_HOME else "",
    )


def _card(household: HouseholdView, names: Names) -> Card:
    where = household.address
    heading = address_in_words(where) if where else "With the child, address not given"
    members = tuple(_member(member, names) for member in household.members)
    tags = () if household.use == "home" else (Tag(household.use.capitalize(), "grey"),)
    return Card(heading, (Row("Who lives here", members),), tags)


def _member(member: HouseholdMember, names: Names) -> Fact:
    kind = kind_in_words(member.kind)
    name = names.by_person.get(member.person) if member.person is not None else None
    name = name or member.name
    note = "; ".join(said_by(provenance) for provenance in member.provenances)
    return Fact(f"{name} ({kind.lower()})" if name else f"{kind}, name not given", note)

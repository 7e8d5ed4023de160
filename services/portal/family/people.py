"""Who is in the family and who lives where, as cards; sources that disagree stand side by side."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from schemas.records.payloads import Address, RelationshipKind
from schemas.uk_time import uk_day
from services.portal.words.cards import (
    ADDRESS_PROTECTED,
    DEATH_REPORTED,
    NOT_GIVEN,
    Card,
    Fact,
    Row,
    Said,
    SaidBySources,
    Tag,
    absent,
    claims_row,
    said_by,
    said_in,
    side_by_side,
)
from services.portal.words.codes import communication_facts, languages_in_words
from services.portal.words.dates import period_in_words
from services.portal.words.people import (
    NO_NAME,
    NO_TELEPHONE,
    Names,
    birth_in_words,
    death_said_in_words,
    expected_in_words,
    full_name,
    kind_in_words,
    names_in,
    telecom_in_words,
    telecom_link,
)
from services.profile.merging.claims import AddressClaim, Claim, TelecomClaim
from services.profile.merging.whereabouts import are_told_apart
from services.profile.model import (
    CommunicationView,
    DeathStanding,
    DeathView,
    HouseholdMember,
    HouseholdView,
    KinView,
    PersonView,
    Profile,
)

# Where somebody lives and how to ring them, as rows of a card: now, and folded, before.

_PLAIN_USES = frozenset({"home", "old"})


def address_row(claims: Iterable[AddressClaim], otherwise: str | None = None) -> Row:
    """Make the row of addresses: those of now side by side, those of before folded."""
    found = list(claims)
    now = _facts(claim for claim in found if claim.is_current)
    later = _facts(claim for claim in found if claim.is_to_come)
    before = _facts(claim for claim in found if not (claim.is_current or claim.is_to_come))
    absence = absent(otherwise or f"No address given {NOT_GIVEN}")
    return Row(
        "Address", (*(now or (absence,)), *later), sources_differ=are_told_apart(found), past=before
    )


def telephone_row(claims: Iterable[TelecomClaim], *, may_be_rung: bool = True) -> Row:
    """Make the row of telephone numbers and e-mail addresses; each can be touched to ring it.

    That of who has died is no number to ring them on.
    """
    found = [(telecom_in_words(claim.telecom), claim) for claim in claims]
    links = {text: telecom_link(claim.telecom) if may_be_rung else None for text, claim in found}
    said = (s for text, claim in found for s in said_in(text, claim))
    numbers = (Fact(fact.text, fact.note, links[fact.text]) for fact in side_by_side(said))
    return Row("Telephone", tuple(numbers) or (absent(NO_TELEPHONE),))


def address_in_words(address: Address) -> str:
    """Write an address in one line."""
    return ", ".join((*address.lines, address.postcode) if address.postcode else address.lines)


def _facts(claims: Iterable[AddressClaim]) -> tuple[Fact, ...]:
    return side_by_side(s for claim in claims for s in said_in(_dated(claim), claim))


def _dated(claim: AddressClaim) -> str:
    address = claim.address
    what = "" if address.use in _PLAIN_USES else address.use
    when = period_in_words(address.period, is_to_come=claim.is_to_come)
    about = "; ".join(part for part in (what, when) if part)
    return address_in_words(address) + (f" ({about})" if about else "")


# Who lives where, as cards: one a household, since a child may belong to two.

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


# What sources say about how somebody is related to the child.

_NOT_STATED = f"Not stated {NOT_GIVEN}"


def kin_card(kin: KinView) -> Card:
    """Make a card for somebody whom sources mention without saying more."""
    rows = [
        *_kin_died_rows(kin),
        claims_row("Name", _said((name.value, name) for name in kin.names), NO_NAME),
        *kin_rows(kin),
        telephone_row(kin.telecoms, may_be_rung=not kin.deaths),
    ]
    if kin.addresses:
        rows.append(address_row(kin.addresses))
    if kin.languages:
        spoken = _said((languages_in_words(c.value), c) for c in kin.languages)
        rows.append(claims_row("Communication", spoken, _NOT_STATED))
    return Card(_heading(kin), tuple(rows), _tags_of_relative(kin))


def kin_rows(kin: KinView) -> tuple[Row, ...]:
    """Write who they are to the child, responsibility and household, each with who says so."""
    who = _said((kind_in_words(claim.value), claim) for claim in kin.kinds)
    responsibility = _said((claim.value.label, claim) for claim in kin.responsibility)
    household = _said((_household(same=c.value), c) for c in kin.same_household)
    return (
        claims_row("Who they are", who, kind_in_words(kin.kinds[0].value)),
        claims_row("Parental responsibility", responsibility, _NOT_STATED),
        claims_row("Household", household, _NOT_STATED),
    )


def _said(claims: Iterable[tuple[str, SaidBySources]]) -> list[Said]:
    return [said for text, claim in claims for said in said_in(text, claim)]


def _household(*, same: bool) -> str:
    return "Same household as the child" if same else "Another household"


def _heading(kin: KinView) -> str:
    if kin.names:
        return kin.names[0].value
    return f"{kind_in_words(kin.kinds[0].value)}, name not given"


def _kin_died_rows(kin: KinView) -> tuple[Row, ...]:
    """Who says of them, beside who they are to the child, that they have died."""
    said = _said(("Has died, date not given", claim) for claim in kin.deaths)
    return (Row("Died", side_by_side(said)),) if said else ()


def _tags_of_relative(kin: KinView) -> tuple[Tag, ...]:
    if kin.deaths:
        return (Tag("Reported to have died", "grey"),)
    if kin.is_current:
        return ()
    return (Tag("Not yet", "blue") if kin.is_to_come else Tag("In the past", "grey"),)


_SEXES = {"male": "Male", "female": "Female"}


def people_cards(profile: Profile) -> tuple[Card, ...]:
    """Make a card for each person: the child first, then those whom a source only mentions."""
    names = names_in(profile)
    kin = {relative.person: relative for relative in profile.kin if relative.person is not None}
    people = [
        _person_card(person, kin.get(person.id), profile, names.of(person.id))
        for person in profile.people
    ]
    known = {person.id for person in profile.people}
    mentioned = [kin_card(relative) for relative in profile.kin if relative.person not in known]
    return (*people, *mentioned)


def parents_not_recorded(profile: Profile) -> tuple[str, ...]:
    """Say which parent nothing here names: true whether or not something else does."""
    return tuple(
        f"{kind_in_words(parent)} not recorded {NOT_GIVEN}" for parent in profile.parents_not_named
    )


def _person_card(person: PersonView, kin: KinView | None, profile: Profile, name: str) -> Card:
    communication = [c for c in profile.communication if c.person == person.id]
    others = [c for c in profile.communication_of_others if c.person == person.id]
    today = uk_day(profile.as_of)
    rows = (
        *_died_rows(person.death),
        *(_kin_died_rows(kin) if kin else ()),
        claims_row("Name", _names(person), NO_NAME),
        *_who_rows(person.relation, kin),
        _born_row(person, today),
        claims_row("Sex", _in_words(person.sexes, _sex), f"Not stated {NOT_GIVEN}"),
        address_row(person.addresses),
        telephone_row(
            (*person.telecoms, *(kin.telecoms if kin else ())),
            may_be_rung=person.death is None and not (kin and kin.deaths),
        ),
        Row("Communication", communication_facts(communication)),
        *_communication_of_others(others),
    )
    return Card(name, rows, _tags(person, communication))


def _communication_of_others(others: Collection[CommunicationView]) -> Iterator[Row]:
    """What somebody around them needs, whom the source names no better than that."""
    for whose in dict.fromkeys(c.needs.whose for c in others):
        theirs = [c for c in others if c.needs.whose == whose]
        yield Row(f"Communication: {whose}", communication_facts(theirs))


def _names(person: PersonView) -> list[Said]:
    return [
        said
        for claim in person.names
        if (text := full_name(claim, is_placeholder=claim.is_placeholder))
        for said in said_in(text, claim, is_verified=claim.is_verified)
    ]


def _who_rows(relation: RelationshipKind | None, kin: KinView | None) -> tuple[Row, ...]:
    if kin is None:
        return (Row("Who they are", (Fact(kind_in_words(relation)),)),)
    return kin_rows(kin)


def _born_row(person: PersonView, today: date) -> Row:
    """When somebody was born; until a source says so, when they are expected."""
    born = [
        said
        for claim in person.dates_of_birth
        for said in said_in(
            birth_in_words(claim.value, today, death=person.death),
            claim,
            is_verified=claim.is_verified,
        )
    ]
    expected = _in_words(person.expected_dates_of_birth, lambda day: expected_in_words(day, today))
    return claims_row("Born", born or expected, f"Date of birth not given {NOT_GIVEN}")


def _died_rows(death: DeathView | None) -> tuple[Row, ...]:
    """What every source says of a death, before anything else is said of the person."""
    if death is None:
        return ()
    said = [
        said
        for claim in death.said
        for said in said_in(death_said_in_words(claim.value), claim, is_verified=claim.is_verified)
    ]
    differ = death.standing is DeathStanding.REPORTED
    facts = side_by_side(said) or (Fact(death.standing.label),)
    return (Row("Died", facts, sources_differ=differ),)


def _in_words(claims: Iterable[Claim[str]], words: Callable[[str], str]) -> list[Said]:
    return [
        said
        for claim in claims
        for said in said_in(words(claim.value), claim, is_verified=claim.is_verified)
    ]


def _sex(sex: str) -> str:
    return _SEXES.get(sex, sex.capitalize())


def _tags(person: PersonView, communication: list[CommunicationView]) -> tuple[Tag, ...]:
    tags: list[Tag] = []
    if person.death is not None:
        is_certain = person.death.standing is DeathStanding.DIED
        tags.append(Tag("Died", "grey") if is_certain else DEATH_REPORTED)
    elif person.expected_date_of_birth and not person.date_of_birth:
        tags.append(Tag("Not born yet", "blue"))
    if person.location_protected:
        tags.append(ADDRESS_PROTECTED)
    if any(c.needs.interpreter_needed for c in communication):
        tags.append(Tag("Interpreter needed", "blue"))
    return tuple(tags)

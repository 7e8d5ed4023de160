"""Who is in the family, as cards: what each source says, side by side where they disagree."""

from collections.abc import Callable, Iterable
from datetime import date

from schemas.records.payloads import RelationshipKind
from services.aggregation.profile import Claim, CommunicationView, KinView, PersonView, Profile
from services.portal.presenters.cards import (
    ADDRESS_PROTECTED,
    NOT_GIVEN,
    Card,
    Fact,
    Row,
    Said,
    Tag,
    claims_row,
    said_in,
)
from services.portal.presenters.communication import communication_facts
from services.portal.presenters.contact import address_row, telephone_row
from services.portal.presenters.dates import age_in_words, day_in_words
from services.portal.presenters.names import NO_NAME, full_name, kind_in_words, names_in
from services.portal.presenters.relatives import kin_card, kin_rows

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


def birth_in_words(born: str, today: date, *, died: str | None = None) -> str:
    """Write a date of birth with the age; of somebody who died, the date alone."""
    age = None if died else age_in_words(born, today)
    return f"{day_in_words(born)}, {age} old" if age else day_in_words(born)


def _person_card(person: PersonView, kin: KinView | None, profile: Profile, name: str) -> Card:
    communication = [c for c in profile.communication if c.person == person.id]
    today = profile.as_of.date()
    rows = (
        claims_row("Name", _names(person), NO_NAME),
        *_who_rows(person.relation, kin),
        _born_row(person, today),
        *_died_rows(person),
        claims_row("Sex", _in_words(person.sexes, _sex), f"Not stated {NOT_GIVEN}"),
        address_row(person.addresses),
        telephone_row((*person.telecoms, *(kin.telecoms if kin else ()))),
        Row("Communication", communication_facts(communication)),
    )
    return Card(name, rows, _tags(person, communication))


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
            birth_in_words(claim.value, today, died=person.died),
            claim,
            is_verified=claim.is_verified,
        )
    ]
    expected = _in_words(person.expected_dates_of_birth, lambda day: _expected(day, today))
    return claims_row("Born", born or expected, f"Date of birth not given {NOT_GIVEN}")


def _expected(day: str, today: date) -> str:
    if day >= today.isoformat()[: len(day)]:
        return f"Not born yet, expected {day_in_words(day)}"
    return f"Was expected {day_in_words(day)}, birth not recorded {NOT_GIVEN}"


def _died_rows(person: PersonView) -> tuple[Row, ...]:
    if not person.dates_of_death:
        return ()
    deaths = _in_words(person.dates_of_death, lambda day: f"Died {day_in_words(day)}")
    return (claims_row("Died", deaths, ""),)


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
    if person.died:
        tags.append(Tag("Died", "grey"))
    elif person.expected_date_of_birth and not person.date_of_birth:
        tags.append(Tag("Not born yet", "blue"))
    if person.location_protected:
        tags.append(ADDRESS_PROTECTED)
    if any(c.needs.interpreter_needed for c in communication):
        tags.append(Tag("Interpreter needed", "blue"))
    return tuple(tags)

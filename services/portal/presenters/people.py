"""Who is in the family, as cards: what each source says, side by side where they disagree."""

from datetime import date

from schemas.records.payloads import Address, RelationshipKind
from services.aggregation.profile import (
    CommunicationView,
    PersonView,
    Profile,
    Provenance,
)
from services.portal.presenters.cards import (
    ADDRESS_PROTECTED,
    NOT_GIVEN,
    Card,
    Fact,
    Row,
    Tag,
    absent,
    claims_row,
    said_by,
)
from services.portal.presenters.communication import communication_facts
from services.portal.presenters.dates import age_in_words, day_in_words, period_in_words
from services.portal.presenters.names import NO_NAME, full_name, kind_in_words, names_in
from services.portal.presenters.relatives import relation_claims, relative_card
from services.portal.presenters.telephones import NO_TELEPHONE, telecom_in_words, telecom_link

_PARENTS = {RelationshipKind.MOTHER: "Mother", RelationshipKind.FATHER: "Father"}
_SEXES = {"male": "Male", "female": "Female"}


def people_cards(profile: Profile) -> tuple[Card, ...]:
    """Make a card for each person: the child first, then those whom a source only mentions."""
    names = names_in(profile)
    known = {person.id for person in profile.people}
    people = [_person_card(person, profile, names.of(person.id)) for person in profile.people]
    mentioned = [relative_card(r) for r in profile.relatives if r.person not in known]
    return (*people, *mentioned)


def parents_not_recorded(profile: Profile) -> tuple[str, ...]:
    """Say of which parent nothing is recorded, unless a parent is without saying which."""
    kinds = {person.relation for person in profile.people} | {r.kind for r in profile.relatives}
    if RelationshipKind.PARENT in kinds:
        return ()
    return tuple(
        f"{parent} not recorded {NOT_GIVEN}"
        for kind, parent in _PARENTS.items()
        if kind not in kinds
    )


def _person_card(person: PersonView, profile: Profile, name: str) -> Card:
    communication = [c for c in profile.communication if c.person == person.id]
    rows = (
        claims_row("Name", _name_claims(person), NO_NAME),
        _who_row(person, profile),
        Row("Born", _birth_facts(person, profile.as_of.date())),
        Row("Sex", (_sex(person),)),
        _address_row(person),
        Row("Telephone", _telephone_facts(person)),
        Row("Communication", communication_facts(communication)),
    )
    return Card(name, rows, _tags(person, communication))


def _name_claims(person: PersonView) -> list[tuple[str, Provenance]]:
    return [
        (text, claim.provenance)
        for claim in person.names
        if (text := full_name(claim, is_placeholder=person.placeholder_name))
    ]


def _who_row(person: PersonView, profile: Profile) -> Row:
    kind = kind_in_words(person.relation)
    stated = [r for r in profile.relatives if r.person == person.id]
    if not stated:
        return Row("Who they are", (Fact(kind),))
    return claims_row("Who they are", relation_claims(stated), kind)


def _birth_facts(person: PersonView, today: date) -> tuple[Fact, ...]:
    facts: list[Fact] = []
    if person.date_of_birth:
        facts.append(Fact(birth_in_words(person.date_of_birth, today, died=person.died)))
    elif person.expected_date_of_birth:
        facts.append(Fact(f"Expected {day_in_words(person.expected_date_of_birth)}"))
    else:
        facts.append(absent(f"Date of birth not given {NOT_GIVEN}"))
    if person.died:
        facts.append(Fact(f"Died {day_in_words(person.died)}"))
    return tuple(facts)


def birth_in_words(born: str, today: date, *, died: str | None = None) -> str:
    """Write a date of birth with the age; of somebody who died, the date alone."""
    age = None if died else age_in_words(born, today)
    return f"{day_in_words(born)}, {age} old" if age else day_in_words(born)


def _sex(person: PersonView) -> Fact:
    if person.sex is None:
        return absent(f"Not stated {NOT_GIVEN}")
    return Fact(_SEXES.get(person.sex, person.sex.capitalize()))


def _address_row(person: PersonView) -> Row:
    claims = [(_address(claim.address), claim.provenance) for claim in person.addresses]
    return claims_row("Address", claims, f"No address given {NOT_GIVEN}")


def _address(address: Address) -> str:
    parts = (*address.lines, address.postcode) if address.postcode else address.lines
    period = period_in_words(address.period)
    return ", ".join(parts) + (f" ({period})" if period else "")


def _telephone_facts(person: PersonView) -> tuple[Fact, ...]:
    facts = [
        Fact(telecom_in_words(c.telecom), said_by(c.provenance), telecom_link(c.telecom))
        for c in person.telecoms
    ]
    return tuple(facts) or (absent(NO_TELEPHONE),)


def _tags(person: PersonView, communication: list[CommunicationView]) -> tuple[Tag, ...]:
    tags: list[Tag] = []
    if person.died:
        tags.append(Tag("Died", "grey"))
    if person.location_protected:
        tags.append(ADDRESS_PROTECTED)
    if any(c.needs.interpreter_needed for c in communication):
        tags.append(Tag("Interpreter needed", "blue"))
    return tuple(tags)

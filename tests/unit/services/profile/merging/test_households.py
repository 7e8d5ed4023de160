"""Who lives with whom; a child may belong to two households."""

from schemas.records.payloads import (
    Address,
    ContactDetails,
    Period,
    PersonDetails,
    Relationship,
    RelationshipKind,
)
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Source
from services.profile.merging.households import family_sections
from services.profile.model import HouseholdView
from tests.support.people.family_records import (
    CHILD,
    MOTHER,
    SIBLING,
    TODAY,
    a_record,
    a_tie,
    lives_at,
)

K = RelationshipKind
SCHOOLS = Source.SCHOOLS


def the_households(*records: PublishedRecord) -> tuple[HouseholdView, ...]:
    return family_sections(records, CHILD, (), TODAY).households


def who_lives(household: HouseholdView) -> list[object]:
    return [member.person or member.name for member in household.members]


def test_a_child_of_two_households_is_in_both():
    """The mother's, where the school says they live, and the father's."""
    quay = Address(("2 Quay Street",), use="father's home")
    mother = Relationship(K.MOTHER, "Leanne", same_household=True)
    father = Relationship(K.FATHER, "Sam", same_household=False, addresses=(quay,))

    first, second = the_households(
        a_record(lives_at("1 Mill Lane"), key="home", source=SCHOOLS),
        a_record(mother, key="m", source=SCHOOLS),
        a_record(father, key="f", source=SCHOOLS),
        a_record(ContactDetails((quay,)), key="f/home", source=SCHOOLS, version="2025-01-01/1"),
    )

    assert (first.use, who_lives(first)) == ("home", [CHILD, "Leanne"])
    assert (second.use, who_lives(second)) == ("father's home", [CHILD, "Sam"])


def test_known_persons_at_one_address_live_together():
    """However their sources write it, and each with who says so."""
    (household,) = the_households(
        a_record(lives_at("1 Mill Lane", postcode="EX1 1AA"), key="a"),
        a_tie(Relationship(K.MOTHER), MOTHER),
        a_record(lives_at("1 MILL LANE,", postcode="ex11aa"), person=MOTHER, source=SCHOOLS),
        a_tie(Relationship(K.MOTHER), MOTHER, of=SIBLING),
        a_record(lives_at("1 Mill Lane", postcode="EX1 1AA"), person=SIBLING, key="b"),
    )

    assert set(who_lives(household)) == {CHILD, MOTHER, SIBLING}
    assert [m.provenances[0].source for m in household.members if m.person == MOTHER] == [SCHOOLS]


def test_a_sibling_elsewhere_has_a_household_of_their_own():
    """It comes after the child's."""
    mine, theirs = the_households(
        a_record(lives_at("1 Mill Lane"), key="a"),
        a_tie(Relationship(K.SIBLING), SIBLING),
        a_record(lives_at("9 Elm Row"), person=SIBLING, key="b"),
    )

    assert (mine.is_the_childs, theirs.is_the_childs) == (True, False)
    assert who_lives(theirs) == [SIBLING]


def test_who_lives_with_the_child_is_said_also_where_nobody_says_where():
    """A health visitor's statement without an address."""
    (household,) = the_households(
        a_record(PersonDetails("Wren")),
        a_record(Relationship(K.GRANDPARENT, "Zofia", same_household=True), key="g"),
    )

    assert household.address is None
    assert who_lives(household) == [CHILD, "Zofia"]


def test_the_same_household_is_the_one_that_its_source_knows():
    """The school's contact lives where the school says that the child lives."""
    households = the_households(
        a_record(lives_at("1 Mill Lane"), key="a"),
        a_record(lives_at("2 Quay Street"), key="b", source=SCHOOLS),
        a_record(Relationship(K.MOTHER, "Leanne", same_household=True), key="m", source=SCHOOLS),
    )

    lives = {h.address.lines[0]: who_lives(h) for h in households if h.address}
    assert lives == {"1 Mill Lane": [CHILD], "2 Quay Street": [CHILD, "Leanne"]}


def test_a_foster_carer_lives_where_the_child_is_placed():
    """A placement is a household, not kinship."""
    placed = ContactDetails((Address((), "EX9 9ZZ", use="placement"),))

    (household,) = the_households(
        a_record(placed, source=Source.SOCIAL_CARE),
        a_record(Relationship(K.FOSTER_CARER, "Jo", same_household=True), key="f", source=SCHOOLS),
    )

    assert (household.use, who_lives(household)) == ("placement", [CHILD, "Jo"])


def test_a_postcode_alone_is_no_other_home_than_one_in_it():
    """Social care sends no more than that."""
    (household,) = the_households(
        a_record(lives_at("1 Mill Lane", postcode="EX1 1AA"), key="a"),
        a_record(ContactDetails((Address((), "EX1 1AA"),)), key="b", source=Source.SOCIAL_CARE),
    )

    assert household.address == Address(("1 Mill Lane",), "EX1 1AA")


def test_where_somebody_lived_is_no_household_now():
    """Nor is that of somebody who was related and is no longer."""
    old = Address(("1 Mill Lane",), period=Period(end="2025-01-01"))
    was = Relationship(K.STEP_PARENT, "Sam", same_household=True, period=Period(end="2025-01-01"))

    assert the_households(a_record(ContactDetails((old,)), key="a"), a_record(was, key="b")) == ()

"""The family in words: households, what was before, who is not born yet, what nobody names."""

from dataclasses import replace

import pytest

from schemas.records.payloads import Address, Period, RelationshipKind, Telecom
from services.cli.profile.in_lines import text_of
from services.portal.family.people import households_of, parents_not_recorded, people_cards
from services.portal.words.cards import Card, Row
from services.profile.merging.claims import AddressClaim, Claim, NameClaim, TelecomClaim
from services.profile.model import (
    DeathSaid,
    DeathStanding,
    DeathView,
    HouseholdMember,
    HouseholdView,
    PersonView,
    Profile,
    Responsibility,
)
from tests.support.portal.portal_builders import (
    HEALTH,
    MOTHER,
    SCHOOL,
    a_person,
    a_profile,
    the_wren_family,
)


def the_row(label: str, card: Card) -> Row:
    (row,) = [row for row in card.rows if row.label == label]
    return row


def a_family_of(child: PersonView) -> Profile:
    return replace(a_profile(), people=(child,))


def test_sources_that_agree_share_one_fact_and_what_was_verified_says_so():
    """Both are named; nothing differs."""
    name = NameClaim("Wren", ("Ava",), None, HEALTH, also=(SCHOOL,), is_verified=True)

    (card,) = people_cards(a_family_of(a_person(names=(name,))))

    row = the_row("Name", card)
    assert [(fact.text, fact.note) for fact in row.facts] == [
        ("Ava Wren", "Health visiting, 3 November 2026, verified; School, 1 September 2026")
    ]
    assert not row.sources_differ


def test_dates_of_birth_that_differ_stand_side_by_side():
    """Each with its age, its source and its date."""
    child = replace(
        a_person(), dates_of_birth=(Claim("2024-05-03", HEALTH), Claim("2024-03-05", SCHOOL))
    )

    (card,) = people_cards(a_family_of(child))

    row = the_row("Born", card)
    assert row.sources_differ
    assert [fact.text for fact in row.facts] == [
        "3 May 2024, 2 years old",
        "5 March 2024, 2 years old",
    ]


def test_where_somebody_lived_is_folded_away_with_its_dates():
    """What holds now does not differ from what is past."""
    old = Address(("1 Mill Lane",), period=Period("2024-01-01", "2025-01-01"), use="old")
    now = AddressClaim(Address(("2 Quay Street",), use="father's home"), SCHOOL)
    child = replace(a_person(), addresses=(now, AddressClaim(old, HEALTH, is_current=False)))

    (card,) = people_cards(a_family_of(child))

    row = the_row("Address", card)
    assert [fact.text for fact in row.facts] == ["2 Quay Street (father's home)"]
    assert [f.text for f in row.past] == ["1 Mill Lane (1 January 2024 to 1 January 2025)"]
    assert not row.sources_differ


def test_a_postcode_alone_does_not_differ_from_an_address_in_it():
    """Social care sends no more than that; both are shown."""
    whole = AddressClaim(Address(("2 Quay Street",), "EX1 2BB"), SCHOOL)
    alone = AddressClaim(Address((), "EX1 2BB", use="placement"), HEALTH)
    child = replace(a_person(), addresses=(whole, alone))

    (card,) = people_cards(a_family_of(child))

    row = the_row("Address", card)
    assert len(row.facts) == 2
    assert not row.sources_differ


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        ("2027-02-20", "Not born yet, expected 20 February 2027"),
        (
            "2026-02-20",
            "Was expected 20 February 2026, birth not recorded in anything that is shared with you",
        ),
    ],
)
def test_who_is_not_born_yet_has_the_day_on_which_they_are_expected(expected: str, words: str):
    """Once it has passed, nobody is said to be born whose birth nobody recorded."""
    claims = (Claim(expected, HEALTH),)
    unborn = replace(a_person(), expected_date_of_birth=expected, expected_dates_of_birth=claims)

    (card,) = people_cards(a_family_of(unborn))

    assert [fact.text for fact in the_row("Born", card).facts] == [words]
    assert [tag.text for tag in card.tags] == ["Not born yet"]


def test_a_birth_that_is_recorded_replaces_the_day_that_was_expected():
    """Nobody needs both."""
    child = replace(
        a_person(born="2026-02-18"),
        expected_date_of_birth="2026-02-20",
        expected_dates_of_birth=(Claim("2026-02-20", HEALTH),),
    )

    (card,) = people_cards(a_family_of(child))

    assert [fact.text for fact in the_row("Born", card).facts] == ["18 February 2026, 9 months old"]
    assert card.tags == ()


def test_a_number_that_only_the_school_has_is_with_the_mother_whom_health_visiting_knows():
    """And can be rung."""
    family = the_wren_family()
    mother, *others = family.kin
    ring = TelecomClaim(Telecom("phone", "01632 960777"), SCHOOL)

    cards = people_cards(replace(family, kin=(replace(mother, telecoms=(ring,)), *others)))

    (card,) = [card for card in cards if card.heading == "Leanne Wren"]
    assert "tel:01632960777" in {fact.href for fact in the_row("Telephone", card).facts}


def test_sources_that_differ_on_responsibility_stand_side_by_side():
    """Yes by one, no by the other."""
    family = the_wren_family()
    _, grandmother = family.kin
    said = (Claim(Responsibility.STATED, HEALTH), Claim(Responsibility.STATED_NOT, SCHOOL))

    cards = people_cards(replace(family, kin=(replace(grandmother, responsibility=said),)))

    row = the_row("Parental responsibility", cards[-1])
    assert row.sources_differ
    assert [fact.text for fact in row.facts] == [r.value.label for r in said]


def test_a_child_of_two_households_is_said_to_be():
    """Nobody chooses between them."""
    view = households_of(the_wren_family())

    assert [card.heading for card in view.cards] == [
        "14 Mill Lane, Exbury, EX1 1AA",
        "2 Quay Street, Exbury, EX1 2BB",
    ]
    assert "2 places where the child lives" in view.about_the_child
    assert [f.text for f in view.cards[0].rows[0].facts] == [
        "Ava Wren (child)",
        "Leanne Wren (mother)",
    ]
    assert [tag.text for tag in view.cards[1].tags] == ["Father's home"]


def test_who_lives_with_the_child_is_said_where_nobody_says_where():
    """Somebody without a name is called by what they are."""
    carer = HouseholdMember(None, None, RelationshipKind.FOSTER_CARER, (SCHOOL,))
    household = HouseholdView(None, "home", True, (carer,))

    view = households_of(replace(a_profile(), households=(household,)))

    assert [card.heading for card in view.cards] == ["With the child, address not given"]
    assert view.cards[0].rows[0].facts[0].text == "Foster carer, name not given"
    assert view.about_the_child == ""


def test_a_parent_whom_nothing_names_is_said_in_words_that_are_always_true():
    """It speaks of what is shared, not of what is recorded."""
    assert parents_not_recorded(a_profile()) == (
        "Mother not recorded in anything that is shared with you",
        "Father not recorded in anything that is shared with you",
    )


def test_the_terminal_says_as_much_as_the_page():
    """Claims with their sources, households, and whom nothing names."""
    text = text_of(the_wren_family())

    for words in (
        "name: Ava Wren-Doyle (School, 2026-09-01)",
        "mother: not named; Has parental responsibility (Health visiting, 2026-11-03)",
        "father: not recorded in anything that is shared here",
        "household at 14 Mill Lane, Exbury, EX1 1AA: Ava Rose Wren, Leanne Wren",
    ):
        assert words in text


def test_the_terminal_says_a_death_first_and_beside_the_name():
    """With who says what; of who is only reported to have died, that dates contradict."""
    family = the_wren_family()
    ava, leanne = family.people
    said = (Claim(DeathSaid(True, "2026-03-03"), HEALTH), Claim(DeathSaid(False), SCHOOL))
    died = replace(ava, death=DeathView(DeathStanding.DIED, "2026-03-03", said[:1]))
    reported = replace(leanne, death=DeathView(DeathStanding.REPORTED, None, said))

    _, first, second, *_ = text_of(replace(family, people=(died, reported))).splitlines()
    text = text_of(replace(family, people=(died, reported)))

    assert first == "  Ava Rose Wren (died 2026-03-03)"
    assert "check before contact" in second.lower()
    assert "death: 2026-03-03 (Health visiting, 2026-11-03)" in text
    assert "death: has not died (School, 2026-09-01)" in text
    assert "household at 14 Mill Lane, Exbury, EX1 1AA: Ava Rose Wren (died 2026-03-03)" in text


def test_who_is_known_and_not_shown_has_the_name_by_which_they_are_mentioned():
    """The relationship may be shared where nothing else about them is."""
    mother = HouseholdMember(MOTHER, "Leanne Wren", RelationshipKind.MOTHER, (HEALTH,))
    household = HouseholdView(None, "home", True, (mother,))

    view = households_of(replace(a_profile(), households=(household,)))

    assert view.cards[0].rows[0].facts[0].text == "Leanne Wren (mother)"

"""Each person field by field: claims side by side, each with everybody who makes it."""

from dataclasses import replace

import pytest

from schemas.records.payloads import Address, ContactDetails, Period, PersonDetails, Telecom
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Source
from services.profile.merging.people import people
from services.profile.model import PersonView
from tests.support.people.family_records import (
    CHILD,
    FATHER,
    MOTHER,
    SIBLING,
    TODAY,
    a_record,
    lives_at,
)

HEALTH, SCHOOLS, CARE = Source.HEALTH_VISITING, Source.SCHOOLS, Source.SOCIAL_CARE


def the_child(*records: PublishedRecord) -> PersonView:
    child, *_ = people(records, CHILD, (), TODAY)
    return child


def test_sources_that_disagree_stand_side_by_side_the_latest_first():
    """Two names and two addresses: both, each with its source and date."""
    child = the_child(
        a_record(PersonDetails("Wren"), key="a", version="2026-01-01/1"),
        a_record(PersonDetails("Wren-Doyle"), key="b", version="2026-02-01/1", source=SCHOOLS),
        a_record(lives_at("1 Mill Lane"), key="c", version="2026-01-01/1"),
        a_record(lives_at("2 Quay Street"), key="d", version="2026-02-01/1", source=SCHOOLS),
    )

    assert [claim.family_name for claim in child.names] == ["Wren-Doyle", "Wren"]
    assert [claim.address.lines[0] for claim in child.addresses] == ["2 Quay Street", "1 Mill Lane"]
    assert [claim.provenance.source for claim in child.names] == [SCHOOLS, HEALTH]
    assert child.addresses[0].provenance.as_of == "2026-02-01"


def test_sources_that_agree_make_one_claim_with_everybody_who_makes_it():
    """Capitals, commas and spaces are no disagreement."""
    child = the_child(
        a_record(PersonDetails("WREN", ("Ava",), date_of_birth="2020-05-03"), key="a"),
        a_record(
            PersonDetails("Wren", ("Ava",), date_of_birth="2020-05-03"),
            key="b",
            source=SCHOOLS,
            version="2026-02-01/1",
        ),
    )

    (name,), (born,) = child.names, child.dates_of_birth
    assert (name.family_name, name.provenance.source) == ("Wren", SCHOOLS)
    assert [provenance.source for provenance in name.also] == [HEALTH]
    assert (born.value, [p.source for p in born.also]) == ("2020-05-03", [HEALTH])


@pytest.mark.parametrize(
    ("field", "claims"),
    [
        ("date_of_birth", "dates_of_birth"),
        ("sex", "sexes"),
        ("expected_date_of_birth", "expected_dates_of_birth"),
    ],
)
def test_every_field_says_who_says_it_and_the_first_claim_is_the_field(field: str, claims: str):
    """Nothing overwrites anything; the most recent is what the page shows first."""
    older, newer = ("female", "male") if field == "sex" else ("2020-05-03", "2020-03-05")
    child = the_child(
        a_record(PersonDetails(**{field: older}), key="a"),
        a_record(PersonDetails(**{field: newer}), key="b", source=CARE, version="2026-02-01/1"),
    )

    found = getattr(child, claims)
    assert [(c.value, c.provenance.source) for c in found] == [(newer, CARE), (older, HEALTH)]
    assert getattr(child, field) == newer


def test_what_is_verified_comes_before_what_is_more_recent():
    """The most recent verified first, then the most recent."""
    child = the_child(
        a_record(PersonDetails(date_of_birth="2020-05-03", is_verified=True), key="a"),
        a_record(PersonDetails(date_of_birth="2020-03-05"), key="b", version="2026-02-01/1"),
        a_record(
            PersonDetails(date_of_birth="2020-05-04", is_verified=True),
            key="c",
            version="2025-01-01/1",
        ),
    )

    found = [(claim.value, claim.is_verified) for claim in child.dates_of_birth]
    assert found == [("2020-05-03", True), ("2020-05-04", True), ("2020-03-05", False)]


def test_a_name_comes_before_what_only_stands_in_for_one():
    """Baby Wren is no name, verified or not."""
    baby = a_record(
        PersonDetails("Wren", ("Baby",), placeholder_name=True, is_verified=True), key="a"
    )
    named = a_record(PersonDetails("Wren", ("Ava",)), key="b", source=SCHOOLS)

    assert the_child(baby).placeholder_name
    assert not the_child(baby, named).placeholder_name
    assert [name.given_names for name in the_child(baby, named).names] == [("Ava",), ("Baby",)]


def test_a_sex_that_a_source_does_not_know_contradicts_nobody():
    """Unknown is said only where nobody knows."""
    unknown = a_record(PersonDetails(sex="unknown"), key="a", version="2026-02-01/1")
    known = a_record(PersonDetails(sex="female"), key="b", source=SCHOOLS)

    assert [claim.value for claim in the_child(unknown, known).sexes] == ["female"]
    assert the_child(unknown).sex == "unknown"


def test_an_address_that_flips_between_two_sources_keeps_both_with_their_dates():
    """A, then B, then A again: neither is overwritten, and A is said to be the latest."""
    child = the_child(
        a_record(lives_at("1 Mill Lane"), key="a", version="2026-01-01/1"),
        a_record(lives_at("2 Quay Street"), key="b", source=SCHOOLS, version="2026-01-15/1"),
        a_record(lives_at("1, MILL LANE"), key="a", version="2026-02-01/1"),
    )

    found = [(c.address.lines[0], c.provenance.as_of) for c in child.addresses]
    assert found == [("1, MILL LANE", "2026-02-01"), ("2 Quay Street", "2026-01-15")]


def test_who_moved_away_and_back_has_lived_there_twice():
    """Past homes come after the present one, each with its dates."""
    homes = (
        Address(("1 Mill Lane",), period=Period("2024-01-01", "2024-12-31"), use="old"),
        Address(("2 Quay Street",), period=Period("2025-01-01", "2025-12-31")),
        Address(("1 Mill Lane",), period=Period("2026-01-01")),
    )

    child = the_child(a_record(ContactDetails(homes)))

    found = [(c.address.period.start, c.is_current) for c in child.addresses]
    assert found == [("2026-01-01", True), ("2024-01-01", False), ("2025-01-01", False)]


def test_sources_agree_on_a_home_though_only_one_says_since_when():
    """The date of the one is taken for both; two dates are a disagreement."""
    dated = ContactDetails((Address(("1 Mill Lane",), period=Period("2025-01-01")),))
    moved = ContactDetails((Address(("1 Mill Lane",), period=Period("2025-06-01")),))
    plain = a_record(lives_at("1 Mill Lane"), key="b", source=SCHOOLS, version="2026-02-01/1")

    (one,) = the_child(a_record(dated, key="a"), plain).addresses
    two = the_child(a_record(dated, key="a"), a_record(moved, key="c", source=CARE)).addresses

    assert (one.address.period.start, len(one.also)) == ("2025-01-01", 1)
    assert {claim.address.period.start for claim in two} == {"2025-01-01", "2025-06-01"}


def test_one_number_is_one_number_however_it_is_written():
    """Also with the country before it."""
    telecoms = (Telecom("phone", "01632 960123"), Telecom("phone", "+44 1632 960 123"))

    (claim,) = the_child(a_record(ContactDetails(telecoms=telecoms))).telecoms

    assert claim.telecom.value == "01632 960123"


def test_a_number_that_a_later_source_calls_former_is_in_use_no_longer():
    """Whoever says so; a still later one that gives it again has the last word."""
    number = Telecom("phone", "01632 960123")
    former = replace(number, value="+44 1632 960123", is_former=True)
    ended = replace(number, period=Period(end="2020-01-01"))

    def told(*said: Telecom) -> list[str]:
        records = [
            a_record(ContactDetails(telecoms=(one,)), key=f"k{n}", version=f"2026-0{n + 1}-01/1")
            for n, one in enumerate(said)
        ]
        return [claim.telecom.value for claim in the_child(*records).telecoms]

    assert told(number, former) == []
    assert told(number, ended) == []
    assert told(number, former, number) == ["01632 960123"]
    assert told(former, number) == ["01632 960123"]


def test_the_child_who_was_opened_comes_first_and_the_others_youngest_first():
    """Who is not born yet is the youngest; also when nothing is known of the child."""
    records = [
        a_record(PersonDetails(date_of_birth="1996-02-11"), person=MOTHER),
        a_record(PersonDetails("Wren"), person=FATHER),
        a_record(PersonDetails(expected_date_of_birth="2026-06-01"), person=SIBLING),
    ]

    found = people(records, CHILD, (), TODAY)

    assert [view.id for view in found] == [CHILD, SIBLING, MOTHER, FATHER]
    assert found[0].names == ()


def test_whose_whereabouts_are_protected_is_told_to_who_may_know():
    """Of that person and of nobody else."""
    records = [a_record(PersonDetails("Wren"), person=person) for person in (CHILD, MOTHER)]

    views = {v.id: v.location_protected for v in people(records, CHILD, {MOTHER}, TODAY)}

    assert views == {CHILD: False, MOTHER: True}

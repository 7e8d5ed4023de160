"""Who is joined, who waits for a person, who is kept apart (DOMAIN.md section 4.3)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.identifiers import nhs_number_identifier
from schemas.records.message import Demographics, Subject
from schemas.records.payloads import PersonDetails
from schemas.vocabulary import IdentifierScheme
from services.people.linking.comparing import Field, Level, compared
from services.people.linking.facts import LinkFacts, facts_from_subject, names_in
from services.people.linking.objections import Objection
from services.people.linking.scoring import Band, explained, score, shipped_weights

_MAYA = LinkFacts(
    given_names=names_in(("Maya",)),
    family_names=names_in(("Okonkwo-Reed",)),
    date_of_birth="2021-03-09",
    postcode="NF12AB",
    address="12ALDERWAY",
)
_NUMBER = ((IdentifierScheme.NHS_NUMBER, "9990000018"),)
_OTHER_NUMBER = ((IdentifierScheme.NHS_NUMBER, "9990000026"),)

_CASES = [
    ("all agrees", _MAYA, Band.JOIN, ()),
    ("names in another order", replace(_MAYA, given_names=names_in(("Rose Maya",))), Band.JOIN, ()),
    ("one of two family names", replace(_MAYA, family_names=names_in(("Reed",))), Band.JOIN, ()),
    ("day and month changed places", replace(_MAYA, date_of_birth="2021-09-03"), Band.JOIN, ()),
    (
        "moved house",
        replace(_MAYA, postcode="XX99ZZ", address="4BROOKSTREET"),
        Band.REVIEW,
        (Objection.NOT_PLACED,),
    ),
    (
        "names changed places",
        replace(_MAYA, given_names=_MAYA.family_names, family_names=_MAYA.given_names),
        Band.JOIN,
        (),
    ),
    (
        "a twin with another name",
        replace(_MAYA, given_names=names_in(("Temi",))),
        Band.REVIEW,
        (Objection.TWIN_OR_SIBLING,),
    ),
    (
        "a twin with nearly the same name",
        replace(_MAYA, given_names=names_in(("Mayah",))),
        Band.REVIEW,
        (Objection.TWIN_OR_SIBLING,),
    ),
    (
        "a child not named yet",
        replace(_MAYA, given_names=frozenset()),
        Band.REVIEW,
        (Objection.NAME_NOT_GIVEN,),
    ),
    (
        "a namesake in one house",
        replace(_MAYA, date_of_birth="1994-11-30"),
        Band.REVIEW,
        (Objection.NAMESAKE,),
    ),
    ("a protected person", replace(_MAYA, is_protected=True), Band.REVIEW, (Objection.PROTECTED,)),
    (
        "who they were before an adoption",
        replace(_MAYA, is_former=True),
        Band.SEPARATE,
        (Objection.FORMER_IDENTITY,),
    ),
    (
        "somebody else",
        LinkFacts(given_names=names_in(("Ivo",))),
        Band.SEPARATE,
        (Objection.BIRTH_NOT_KNOWN, Objection.NOT_PLACED),
    ),
]


@pytest.mark.parametrize(("what", "other", "band", "why"), _CASES, ids=[c[0] for c in _CASES])
def test_two_records_are_joined_asked_about_or_kept_apart(
    what: str, other: LinkFacts, band: Band, why: tuple[Objection, ...]
) -> None:
    """What a practitioner would expect of each case."""
    found = score(_MAYA, other, shipped_weights())

    assert (found.band, found.objections) == (band, why), what


def test_different_verified_numbers_are_different_people() -> None:
    """However much else agrees."""
    found = score(
        replace(_MAYA, numbers=_NUMBER), replace(_MAYA, numbers=_OTHER_NUMBER), shipped_weights()
    )

    assert found.band is Band.SEPARATE
    assert found.objections == (Objection.OTHER_NUMBER,)


def test_children_of_one_multiple_birth_are_different_people() -> None:
    """The order of birth says so."""
    found = score(replace(_MAYA, birth_order=1), replace(_MAYA, birth_order=2), shipped_weights())

    assert found.band is Band.SEPARATE
    assert found.objections == (Objection.BIRTH_ORDER,)


def test_a_shared_number_outweighs_a_new_first_name() -> None:
    """A baby gets its name: the number tells that it is the same child."""
    baby = replace(_MAYA, given_names=frozenset(), numbers=_NUMBER)

    found = score(baby, replace(_MAYA, numbers=_NUMBER), shipped_weights())

    assert found.objections == ()


def test_a_placeholder_is_no_name() -> None:
    """Two babies of one surname do not agree in being called Baby."""
    baby = Subject("b", (), Demographics("Smith", ("Baby",), "2026-11-01", "NF1 2AB"))

    facts = facts_from_subject(baby)

    assert facts.given_names == frozenset()
    assert compared(facts, facts)[Field.GIVEN] is Level.NOT_KNOWN


def test_a_name_in_one_piece_is_no_evidence() -> None:
    """Brothers would agree in the family name that is taken for a first name."""
    one = Subject("c", (), Demographics(date_of_birth="2024-01-15"))
    named = replace(one, demographics=replace(one.demographics, family_name="Fern"))

    whole = facts_from_subject(one, PersonDetails(known_as="Ada Fern"))
    part = facts_from_subject(named, PersonDetails(family_name="Fern", known_as="Ada"))

    assert (whole.given_names, whole.family_names) == (frozenset(), frozenset())
    assert (part.given_names, part.family_names) == (names_in(("Ada",)), names_in(("Fern",)))


def test_facts_keep_verified_numbers_apart_from_stated_ones() -> None:
    """A number that fails its check is evidence, not identity."""
    subject = Subject(
        "s", (nhs_number_identifier("9990000018"), nhs_number_identifier("1112223330"))
    )

    facts = facts_from_subject(subject)

    assert facts.numbers == _NUMBER
    assert facts.stated_number == "1112223330"


def test_a_score_is_explained_field_by_field() -> None:
    """The weightiest first, then why nothing is joined by itself."""
    twin = replace(_MAYA, given_names=names_in(("Temi",)))

    sentences = explained(score(_MAYA, twin, shipped_weights()))

    assert sentences[-1] == Objection.TWIN_OR_SIBLING.label
    assert any(sentence.startswith("Date of birth is the same (+") for sentence in sentences)
    assert any(sentence.startswith("First name is different (-") for sentence in sentences)


_names = st.frozensets(st.sampled_from(["MAYA", "MAIA", "REED", "ROSE", "NOVAK"]), max_size=2)
_facts = st.builds(
    LinkFacts,
    given_names=_names,
    family_names=_names,
    date_of_birth=st.sampled_from([None, "2021-03-09", "2021-09-03", "2020-03-09", "1994-11-30"]),
    postcode=st.sampled_from([None, "NF12AB", "NF12AC", "XX99ZZ"]),
    address=st.sampled_from([None, "12ALDERWAY", "4BROOKSTREET"]),
    stated_number=st.sampled_from([None, "1112223330", "1112223331"]),
    birth_order=st.sampled_from([None, 1, 2]),
    is_protected=st.booleans(),
)


@given(_facts, _facts)
def test_the_order_of_two_records_does_not_matter(one: LinkFacts, other: LinkFacts) -> None:
    """Who is compared with whom changes nothing."""
    weights = shipped_weights()

    there, back = score(one, other, weights), score(other, one, weights)

    assert (there.bits, there.band, set(there.objections)) == (
        back.bits,
        back.band,
        set(back.objections),
    )


@given(_facts)
def test_nothing_known_joins_nobody(facts: LinkFacts) -> None:
    """Nothing means no."""
    found = score(LinkFacts(), facts, shipped_weights())

    assert found.band is Band.SEPARATE

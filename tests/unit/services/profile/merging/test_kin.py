"""The people around a child, each once, with what every source states of them."""

from dataclasses import replace

from schemas.records.payloads import PersonDetails, Relationship, RelationshipKind, Telecom
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Source
from services.profile.merging.households import family_sections
from services.profile.model import KinView, Responsibility
from tests.support.people.family_records import CHILD, MOTHER, STRANGER, TODAY, a_record, a_tie

K = RelationshipKind
SCHOOLS, CARE = Source.SCHOOLS, Source.SOCIAL_CARE


def the_kin(*records: PublishedRecord) -> tuple[KinView, ...]:
    return family_sections(records, CHILD, (), TODAY).kin


def test_sources_that_disagree_on_responsibility_stand_side_by_side():
    """Stated yes by one, no by another, and the third said nothing."""
    (father,) = the_kin(
        a_record(Relationship(K.FATHER, "Sam Wren", has_responsibility=True), key="a"),
        a_record(
            Relationship(K.FATHER, "SAM WREN", has_responsibility=False),
            key="b",
            source=SCHOOLS,
            version="2026-02-01/1",
        ),
        a_record(Relationship(K.FATHER, "Sam Wren"), key="c", source=CARE),
    )

    assert [(c.value, c.provenance.source) for c in father.responsibility] == [
        (Responsibility.STATED_NOT, SCHOOLS),
        (Responsibility.STATED, Source.HEALTH_VISITING),
    ]
    (name,) = father.names
    assert (name.value, {p.source for p in name.also}) == (
        "SAM WREN",
        {Source.HEALTH_VISITING, CARE},
    )


def test_a_number_of_a_relative_that_a_later_source_calls_former_is_not_given():
    """One who was a former number to somebody before is."""
    number = Telecom("phone", "01632 960123")
    former = replace(number, is_former=True)
    for first, then, given in ((number, former, []), (former, number, ["01632 960123"])):
        (mother,) = the_kin(
            a_record(Relationship(K.MOTHER, "Leanne Wren", (first,)), key="a"),
            a_record(
                Relationship(K.MOTHER, "Leanne Wren", (then,)),
                key="b",
                source=SCHOOLS,
                version="2026-02-01/1",
            ),
        )
        assert [claim.telecom.value for claim in mother.telecoms] == given


def test_whom_a_school_rings_is_the_mother_whom_health_visiting_knows():
    """By relationship and name; her number is with her."""
    ring = Relationship(K.MOTHER, "Leanne Wren", (Telecom("phone", "01632 960123"),))

    (mother,) = the_kin(
        a_tie(Relationship(K.MOTHER, "Leanne Wren"), MOTHER),
        a_record(PersonDetails("Wren", ("Leanne", "Kay")), person=MOTHER),
        a_record(ring, key="b", source=SCHOOLS),
    )

    assert mother.person == MOTHER
    assert [claim.telecom.value for claim in mother.telecoms] == ["01632 960123"]


def test_a_name_that_two_known_persons_have_is_neither():
    """Two mothers of one name: whom the school means is not guessed."""
    kin = the_kin(
        a_tie(Relationship(K.MOTHER, "Kim Wren"), MOTHER),
        a_tie(Relationship(K.MOTHER, "Kim Wren"), STRANGER),
        a_record(Relationship(K.MOTHER, "Kim Wren"), key="b", source=SCHOOLS),
    )

    assert {relative.person for relative in kin} == {MOTHER, STRANGER, None}


def test_a_grandfather_of_the_fathers_name_is_somebody_else():
    """The relationship tells them apart, and nobody without a name is anybody else."""
    kin = the_kin(
        a_record(Relationship(K.FATHER, "Sam Wren"), key="a"),
        a_record(Relationship(K.GRANDPARENT, "Sam Wren"), key="b", source=SCHOOLS),
        a_record(Relationship(K.OTHER), key="c"),
        a_record(Relationship(K.OTHER), key="d"),
    )

    assert len(kin) == 4


def test_what_one_known_person_is_to_the_child_may_be_two_things():
    """Step-parent by one source, father by another."""
    (found,) = the_kin(
        a_tie(Relationship(K.FATHER), STRANGER, key="a"),
        a_tie(Relationship(K.STEP_PARENT), STRANGER, key="b"),
    )

    assert {claim.value for claim in found.kinds} == {K.FATHER, K.STEP_PARENT}

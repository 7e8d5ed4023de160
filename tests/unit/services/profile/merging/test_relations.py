"""Who is what to the child, who has responsibility, and how far the family is followed."""

import pytest

from schemas.records.payloads import Period, PersonDetails, Relationship, RelationshipKind
from services.profile.merging.family import parents_not_named, relations_to, relatives
from services.profile.merging.households import family_sections
from services.profile.model import Responsibility
from services.profile.reading import family_of
from tests.support.people.family_records import (
    CHILD,
    FATHER,
    MOTHER,
    SIBLING,
    STRANGER,
    TODAY,
    a_record,
    a_tie,
)

K = RelationshipKind


def test_a_mother_and_her_other_child_are_named_as_such():
    """Children of the same parent are brothers and sisters, their grandmother a grandparent."""
    ties = [
        a_tie(Relationship(K.MOTHER, "Mum"), MOTHER),
        a_tie(Relationship(K.MOTHER, "Mum"), MOTHER, of=SIBLING),
        a_tie(Relationship(K.MOTHER), STRANGER, of=MOTHER),
    ]

    found = relations_to(CHILD, ties)

    assert found == {
        CHILD: None,
        MOTHER: K.MOTHER,
        SIBLING: K.SIBLING,
        STRANGER: K.GRANDPARENT,
    }
    (relative,) = relatives(ties, CHILD, TODAY)
    assert (relative.name, relative.person) == ("Mum", MOTHER)


def test_children_of_an_adult_who_is_opened_are_children():
    """And the father of one is nobody's child."""
    ties = [
        a_tie(Relationship(K.MOTHER), MOTHER),
        a_tie(Relationship(K.FATHER), FATHER),
        a_record(PersonDetails("Wren"), person=FATHER),
    ]

    people = family_sections(ties, MOTHER, (), TODAY).people

    assert {p.id: p.relation for p in people} == {MOTHER: None, CHILD: None, FATHER: K.OTHER}


def test_relatives_keep_the_order_in_which_their_source_says_to_ring_them():
    """A school's first contact comes first."""
    records = [
        a_record(Relationship(K.FATHER, "Second", contact_order=2), key="a"),
        a_record(Relationship(K.MOTHER, "First", contact_order=1), key="b"),
    ]

    assert [r.name for r in relatives(records, CHILD, TODAY)] == ["First", "Second"]


@pytest.mark.parametrize(
    ("kind", "stated", "flag", "expected"),
    [
        (K.FATHER, True, True, Responsibility.STATED),
        (K.FATHER, False, False, Responsibility.STATED_NOT),
        (K.FATHER, None, None, Responsibility.NOT_STATED),
        (K.STEP_PARENT, True, True, Responsibility.STATED),
        (K.GRANDPARENT, None, None, Responsibility.NOT_STATED),
        (K.FOSTER_CARER, None, False, Responsibility.FOSTER_CARER),
        (K.FOSTER_CARER, False, False, Responsibility.FOSTER_CARER),
        (K.FOSTER_CARER, True, False, Responsibility.FOSTER_CARER_STATED),
    ],
)
def test_responsibility_is_what_the_source_states_and_never_a_foster_carers(
    kind: RelationshipKind, *, stated: bool | None, flag: bool | None, expected: Responsibility
):
    """Not stated is not no."""
    records = [a_record(Relationship(kind, has_responsibility=stated))]

    (relative,) = relatives(records, CHILD, TODAY)

    assert (relative.has_responsibility, relative.responsibility) == (flag, expected)


def test_a_relationship_that_has_ended_is_past():
    """A step-parent who was."""
    ended = Relationship(K.STEP_PARENT, "Sam", period=Period("2020-01-01", "2025-01-01"))

    sections = family_sections([a_record(ended)], CHILD, (), TODAY)

    assert [relative.is_current for relative in sections.relatives] == [False]
    assert [kin.is_current for kin in sections.kin] == [False]


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ([], (K.MOTHER, K.FATHER)),
        ([K.MOTHER], (K.FATHER,)),
        ([K.FATHER, K.STEP_PARENT], (K.MOTHER,)),
        ([K.FOSTER_CARER], (K.MOTHER, K.FATHER)),
        ([K.PARENT], ()),
        ([K.MOTHER, K.FATHER], ()),
    ],
)
def test_a_parent_whom_nothing_names_is_named_as_such(
    kinds: list[RelationshipKind], expected: tuple[RelationshipKind, ...]
):
    """Unless a parent is there without anybody saying which."""
    assert parents_not_named(kinds) == expected


def test_brothers_and_sisters_are_reached_through_a_parent():
    """And whose parents those are is reached too."""
    ties = [
        a_tie(Relationship(K.MOTHER), MOTHER),
        a_tie(Relationship(K.MOTHER), MOTHER, of=SIBLING),
        a_tie(Relationship(K.FATHER), FATHER, of=SIBLING),
    ]

    assert family_of(CHILD, ties) == {CHILD, MOTHER, SIBLING}
    assert family_of(SIBLING, ties) == {CHILD, MOTHER, SIBLING, FATHER}


def test_the_other_children_of_a_foster_carer_are_not_of_the_family():
    """The carer is; nobody learns from this child who else lives with them."""
    ties = [
        a_tie(Relationship(K.FOSTER_CARER), STRANGER),
        a_tie(Relationship(K.FOSTER_CARER), STRANGER, of=SIBLING),
        a_tie(Relationship(K.MOTHER), MOTHER, of=SIBLING),
    ]

    assert family_of(CHILD, ties) == {CHILD, STRANGER}
    assert SIBLING not in relations_to(CHILD, ties[:2])


def test_a_grandmother_who_fosters_is_of_the_family():
    """One source says foster carer, another grandparent: kinship is followed."""
    ties = [
        a_tie(Relationship(K.FOSTER_CARER), STRANGER, key="a"),
        a_tie(Relationship(K.GRANDPARENT), STRANGER, key="b"),
        a_tie(Relationship(K.GRANDPARENT), STRANGER, of=SIBLING),
    ]

    assert family_of(CHILD, ties) == {CHILD, STRANGER, SIBLING}

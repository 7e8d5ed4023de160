"""Who is one by the joins that stand, worked out from nothing but the joins."""

from hypothesis import given
from hypothesis import strategies as st

from schemas.identifiers import PersonId
from services.people.linking.ports import Join
from services.people.linking.second_hands import joins_between, parts_of
from tests.support.builders import NOW

A, B, C, D = (PersonId(letter * 32) for letter in "abcd")
PERSONS = (A, B, C, D)
EDGES = st.lists(st.sampled_from([(p, q) for p in PERSONS for q in PERSONS if p < q]), unique=True)


def _join(kept: PersonId, joined: PersonId) -> Join:
    return Join(f"{kept[0]}{joined[0]}", kept, joined, "job:test", NOW)


def test_nobody_is_one_with_anybody_without_a_join():
    """Each is a part of their own."""
    assert parts_of(PERSONS, []) == [frozenset([person]) for person in PERSONS]


def test_joins_connect_through_others():
    """A with B and B with C is all three."""
    assert parts_of(PERSONS, [_join(A, B), _join(B, C)]) == [frozenset([A, B, C]), frozenset([D])]


def test_without_one_join_the_others_stand():
    """A and B parted, B and C are still one."""
    assert parts_of([A, B, C], [_join(B, C)]) == [frozenset([A]), frozenset([B, C])]


def test_only_the_joins_on_the_way_make_two_one():
    """And nothing makes those one who are not."""
    on_the_way = [_join(A, B), _join(B, C)]

    assert joins_between(A, C, [*on_the_way, _join(C, D)]) == on_the_way
    assert joins_between(A, D, on_the_way) == ()


@given(EDGES)
def test_everybody_is_in_one_part_whatever_order_joins_come_in(edges: list[tuple[str, str]]):
    """The order in which joins were made does not matter."""
    joins = [_join(PersonId(one), PersonId(other)) for one, other in edges]

    forwards, backwards = parts_of(PERSONS, joins), parts_of(PERSONS, joins[::-1])

    assert set(forwards) == set(backwards)
    assert sorted(person for part in forwards for person in part) == sorted(PERSONS)
    assert all(any(set(join.pair) <= part for part in forwards) for join in joins)

"""Who is one and whose no holds for whom, by any joins and partings: held against a plain model."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.identifiers import PersonId
from services.people.persons.clusters import ALWAYS, Clusters, Edge, JoinStanding

_PERSONS = [PersonId(str(number)) for number in range(5)]
_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
_DAYS = 6


def _day(number: int) -> datetime:
    return _BEGAN + timedelta(days=number)


@st.composite
def _edges(draw: st.DrawFn) -> Edge:
    kept, joined = sorted(draw(st.sets(st.integers(0, 4), min_size=2, max_size=2)))
    standing = draw(st.sampled_from([None, *JoinStanding]))
    made = draw(st.integers(0, _DAYS))
    parted = _day(draw(st.integers(made, _DAYS)))
    return Edge(
        _PERSONS[kept],
        _PERSONS[joined],
        standing,
        datetime.min.replace(tzinfo=UTC) if standing is None else _day(made),
        parted if standing is JoinStanding.PARTED else ALWAYS,
        (_day(kept), _day(joined)),
    )


_histories = st.lists(_edges(), max_size=6)


def _reached(person: PersonId, edges: list[Edge]) -> set[PersonId]:
    found = {person}
    for _ in _PERSONS:
        found |= {p for edge in edges for p in edge.pair if not found.isdisjoint(edge.pair)}
    return found


def _crossing(
    person: PersonId, edges: list[Edge], until: datetime
) -> set[tuple[PersonId, datetime]]:
    """Everybody at the end of any way that was open all along, with when it closed."""
    found = {(person, until)}
    while True:
        more = {
            (other, min(bound, edge.ended_at))
            for here, bound in found
            for edge in edges
            for other in edge.pair
            if here in edge.pair and other != here and edge.made_at <= bound
        }
        if more <= found:
            return found
        found |= more


@given(_histories)
@settings(deadline=None)
def test_only_warranted_joins_make_one(edges: list[Edge]):
    """By one hand they are said to be one, which nobody but a steward is told."""
    clusters = Clusters(edges)
    one = [e for e in edges if e.standing in {JoinStanding.WARRANTED, JoinStanding.PARTING}]
    said = [e for e in edges if e.standing is JoinStanding.CLAIMED or e in one]

    for person in _PERSONS:
        members = clusters.one_with(person)
        assert set(members) == _reached(person, one)
        assert members[0] == min(members)
        assert set(clusters.said_to_be(person)) == _reached(person, said)
        assert {clusters.one_with(member) for member in members} == {members}


@given(_histories)
@settings(deadline=None)
def test_a_no_crosses_by_every_way_that_was_open_when_it_was_said(edges: list[Edge]):
    """Until the last of them was closed."""
    clusters = Clusters(edges)

    for person in _PERSONS:
        members = clusters.one_with(person)
        expected: dict[PersonId, datetime] = {}
        for member in members:
            for other, bound in _crossing(member, edges, ALWAYS):
                if other not in members:
                    expected[other] = max(bound, expected.get(other, bound))
        assert clusters.denying(person) == expected


@given(_histories, _edges())
@settings(deadline=None)
def test_one_more_join_takes_no_no_away(edges: list[Edge], more: Edge):
    """Whatever denied before denies after, by who is one with them or beside."""
    before, after = Clusters(edges), Clusters([*edges, more])

    for person in _PERSONS:
        members = set(after.one_with(person))
        denying = after.denying(person)
        for other, bound in before.denying(person).items():
            assert other in members or denying[other] >= bound
        assert set(before.one_with(person)) <= members

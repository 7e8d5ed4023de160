"""Which relationships follow from what an agency's feeds have told of a person."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.model import RelationshipGround
from schemas.identifiers import PractitionerId, RecordKey
from schemas.records.published import ALL_RECORDS
from schemas.vocabulary import Source
from services.people.own_cases.deriving import relationships_of
from services.people.own_cases.model import (
    AgencyCase,
    CaseFacts,
    ToldClearing,
    ToldInvolvement,
    end_of,
    start_of,
)
from services.people.relationships.model import HeldRelationship, WarrantKind
from services.platform.keys.hashing import KeyedHasher
from tests.support.builders import CHILD, DAY, NOW

OWN, CASE_LOAD = RelationshipGround.OWN, RelationshipGround.CASE_LOAD
WORKER = PractitionerId("b7" * 16)
FEED, OTHER_FEED = "f0" * 16, "f1" * 16
FIRST = NOW - 50 * DAY
SAID = "2026-02-01T00:00:00Z/000000000"
BOTH_BY_LEADS = {(OWN, None), (CASE_LOAD, None)}


def told(key: str = "k1", **more: Any) -> ToldInvolvement:
    """Build an involvement: by default of the agency itself, going on, by a kept feed."""
    made = ToldInvolvement(
        "A",
        Source.SCHOOLS,
        CHILD,
        RecordKey(key),
        "2026-02-01T00:00:00Z/000000000",
        FEED,
        True,
        "A",
    )
    return replace(made, **more)


def facts(*involvements: ToldInvolvement, **more: Any) -> CaseFacts:
    """Build what is known of a case: by default told by a kept feed."""
    case = AgencyCase("A", CHILD, Source.SCHOOLS, FEED, True, FIRST)
    made = CaseFacts(case, involvements, workers={"w-1": WORKER}, others=frozenset({"B"}))
    return replace(made, **more)


def typed(*involvements: ToldInvolvement, **more: Any) -> CaseFacts:
    """Build the same for a typed feed."""
    case = AgencyCase("A", CHILD, Source.SCHOOLS, FEED, False, FIRST)
    return facts(*(replace(one, is_kept=False) for one in involvements), case=case, **more)


def found(known: CaseFacts, at: datetime = NOW) -> dict[RelationshipGround, list[HeldRelationship]]:
    """Derive, by ground."""
    made = relationships_of(known, at=at, opaque=KeyedHasher(b"k" * 32).opaque)
    return {ground: [r for r in made if r.ground is ground] for ground in (OWN, CASE_LOAD)}


def in_force(known: CaseFacts, at: datetime = NOW) -> set[tuple[RelationshipGround, str | None]]:
    """Derive; which hold at that time, and who holds them."""
    return {
        (ground, one.practitioner)
        for ground, held in found(known, at).items()
        for one in held
        if one.since <= at and (one.until is None or at < one.until)
    }


def test_a_kept_feed_that_names_nobody_gives_the_case_to_the_leads():
    """Both one's own and on the case-load, since it was first told."""
    made = found(facts())

    assert [one.practitioner for one in made[CASE_LOAD]] == [None]
    assert {one.since for one in (*made[OWN], *made[CASE_LOAD])} == {FIRST}


def test_the_worker_whom_the_agency_s_directory_knows_holds_the_case():
    """Somebody whom it does not know leaves it with the leads."""
    assert in_force(facts(told(worker="w-1"))) == {(OWN, WORKER), (CASE_LOAD, WORKER)}
    assert in_force(facts(told(worker="w-9"))) == BOTH_BY_LEADS


def test_a_typed_feed_gives_no_case_load_by_itself():
    """A file that one person can write puts nobody on a case-load, whatever number is in it."""
    assert in_force(typed(told())) == {(OWN, None)}
    assert in_force(typed()) == {(OWN, None)}


def test_what_is_not_of_the_agency_may_agree_with_a_typed_feed():
    """Then the case-load says who stands for it."""
    made = found(typed(told(), is_corroborated=True))

    assert [one.warrant.kind for one in made[CASE_LOAD]] == [WarrantKind.CORROBORATED]
    assert [one.warrant.kind for one in made[OWN]] == [WarrantKind.FEED]


def test_content_that_gives_the_person_to_another_gives_the_agency_nothing():
    """Unless it names the agency too, or the other's time is over or its work of another kind."""
    of_another = told("k2", named="B")

    assert in_force(facts(of_another)) == set()
    assert in_force(facts(of_another, told())) == BOTH_BY_LEADS
    assert in_force(facts(replace(of_another, until="2026-02-10"))) == {
        (OWN, None),
        (CASE_LOAD, None),
    }
    assert in_force(facts(replace(of_another, named="a-practice"))) == {
        (OWN, None),
        (CASE_LOAD, None),
    }


def test_an_end_that_the_source_tells_ends_both_on_the_day_after():
    """Ends are inclusive, by the clocks of the United Kingdom."""
    known = facts(told(since="2025-09-01", until="2026-03-02"))

    assert in_force(known, datetime(2026, 3, 2, 23, 59, tzinfo=UTC)) == {
        (OWN, None),
        (CASE_LOAD, None),
    }
    assert in_force(known, datetime(2026, 3, 3, tzinfo=UTC)) == set()


def test_an_end_that_comes_by_itself_ends_what_it_is_part_of():
    """And is no involvement by itself."""
    end = told("k1/end", until="2026-02-20", part_of=RecordKey("k1"))

    assert in_force(facts(told(), end)) == set()


@pytest.mark.parametrize(
    "clearing",
    [
        ToldClearing("A", Source.SCHOOLS, CHILD, RecordKey("s"), "2026-02-02T00:00:00Z/0"),
        ToldClearing("A", Source.SCHOOLS, CHILD, ALL_RECORDS, "2026-02-02T00:00:00Z/0"),
    ],
)
def test_what_is_taken_back_ends_and_is_not_forgotten(clearing: ToldClearing):
    """Unless it is newer, or lies in a scope that is kept."""
    lying = told(scopes=(RecordKey("s"), RecordKey("s/1")))
    keeping = replace(clearing, keeps=(RecordKey("s/1"),))
    newer = replace(lying, version="2026-02-03T00:00:00Z/0")

    (own,) = found(facts(lying, clearings=[clearing]))[OWN]

    assert own.until == datetime(2026, 2, 2, tzinfo=UTC)
    assert in_force(facts(lying, clearings=[keeping])) == BOTH_BY_LEADS
    assert in_force(facts(newer, clearings=[clearing])) == BOTH_BY_LEADS


def test_who_is_heard_of_after_the_end_is_one_s_own_again_and_on_no_case_load():
    """Somebody says something of them, and nobody that anybody works with them."""
    over = told(until="2026-02-10")
    case = replace(facts().case, last_plain=NOW - DAY)

    assert in_force(facts(over, case=case)) == {(OWN, None)}


def test_who_does_not_say_when_it_began_began_when_it_was_first_told():
    """And what is to begin does not hold yet."""
    (one,) = found(facts(told(since=None)))[OWN]

    assert one.since == FIRST
    assert in_force(facts(told(since="2026-04-01"))) == set()


@given(st.permutations([told("k1"), told("k2", worker="w-1"), told("k3", until="2026-01-31")]))
def test_the_order_of_what_was_told_changes_nothing(involvements: list[ToldInvolvement]):
    """Nor does a different order of the same facts make other relationships."""
    usual = found(facts(told("k1"), told("k2", worker="w-1"), told("k3", until="2026-01-31")))

    again = found(facts(*involvements))

    assert {r.id: r for made in again.values() for r in made} == {
        r.id: r for made in usual.values() for r in made
    }


def _utc(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "begins", "ends"),
    [
        ("2026-01-15", datetime(2026, 1, 15, tzinfo=UTC), datetime(2026, 1, 16, tzinfo=UTC)),
        (
            "2026-07-15",
            datetime(2026, 7, 14, 23, tzinfo=UTC),
            datetime(2026, 7, 15, 23, tzinfo=UTC),
        ),
        ("2026-03-29", datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 3, 29, 23, tzinfo=UTC)),
        ("2026-02", datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)),
        ("2025", datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)),
        (
            "2026-01-15T10:00:00Z",
            datetime(2026, 1, 15, tzinfo=UTC),
            datetime(2026, 1, 16, tzinfo=UTC),
        ),
        ("2026-13-45", None, None),
        ("soon", None, None),
        (None, None, None),
    ],
)
def test_days_begin_and_end_by_the_clocks_of_the_united_kingdom(
    text: str | None, begins: datetime | None, ends: datetime | None
):
    """A month or a year is all of it; what is no day says nothing."""
    assert (start_of(text), end_of(text)) == (begins, ends)


def test_a_relationship_lasts_as_long_as_the_last_of_what_makes_it():
    """Two episodes of one worker are one relationship."""
    known = facts(
        told("k1", worker="w-1", since="2026-02-01", until="2026-03-10"),
        told("k2", worker="w-1", since="2026-01-10", until="2026-03-20"),
    )

    (own,) = found(known)[OWN]

    assert own.since == datetime(2026, 1, 10, tzinfo=UTC)
    assert own.until == datetime(2026, 3, 20, tzinfo=UTC) + timedelta(days=1)

"""Visits: what one worker does without half an hour between is one look."""

from datetime import timedelta
from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from consent.ledger import ledger_entry
from consent.ledger.events import LedgerEvent
from services.audit.looks import VISIT_GAP, Access, Answered, access_from, visits_in
from tests.support.builders import CHILD, NOW, SIBLING, VISITOR

_READ = {
    "disclosure": "d0" * 16,
    "subjects": [CHILD, SIBLING],
    "purpose": "direct-care",
    "categories": ["child-health"],
    "policy_version": "rules+agreed",
    "decided_from": ["d1" * 16],
}


def _access(actor: str, minutes: int, seq: int, answered: Answered = Answered.ALLOWED) -> Access:
    at = NOW + timedelta(minutes=minutes)
    return Access(UUID(int=seq), seq, at, LedgerEvent.PROFILE_READ, actor, answered)


def test_half_an_hour_between_begins_another_visit() -> None:
    """And no more than that: exactly half an hour is still the same."""
    gap = int(VISIT_GAP.total_seconds() // 60)
    looks = [_access("a", minutes, n) for n, minutes in enumerate((0, gap, 2 * gap + 1))]

    visits = visits_in(reversed(looks))

    assert [len(visit.accesses) for visit in visits] == [1, 2]
    assert visits[1].first == NOW


def test_others_in_between_do_not_end_a_visit() -> None:
    """Each worker's looks are folded by themselves; the latest visit comes first."""
    looks = [_access("a", 10, 3), _access("b", 5, 2), _access("a", 0, 1)]

    visits = visits_in(looks)

    assert [(visit.actor, len(visit.accesses)) for visit in visits] == [("a", 2), ("b", 1)]


def test_one_allowed_look_makes_a_visit_allowed() -> None:
    """A refusal beside it does not hide that something was shown."""
    looks = [_access("a", 1, 2, Answered.REFUSED), _access("a", 0, 1, Answered.IN_PART)]

    (visit,) = visits_in(looks)

    assert visit.answered is Answered.IN_PART


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 600)), max_size=40),
)
def test_every_access_is_in_one_visit_and_visits_of_one_worker_lie_apart(
    made: list[tuple[str, int]],
) -> None:
    """Whatever the order in which people come and go."""
    looks = [_access(actor, minutes, n) for n, (actor, minutes) in enumerate(made)]
    ordered = sorted(looks, key=lambda one: (one.at, one.seq), reverse=True)

    visits = visits_in(ordered)

    assert sorted(a.seq for v in visits for a in v.accesses) == sorted(a.seq for a in looks)
    for actor in "abc":
        theirs = [visit for visit in visits if visit.actor == actor]
        for later, earlier in pairwise(theirs):
            assert later.first - earlier.last.at > VISIT_GAP


def test_what_was_withheld_beside_what_was_shown_is_allowed_in_part() -> None:
    """And a read of which nothing was withheld is allowed."""
    actor = f"practitioner:{VISITOR}"
    answers = [
        access_from(
            1,
            ledger_entry(
                LedgerEvent.PROFILE_READ,
                {**_READ, "withheld_categories": withheld},
                at=NOW,
                actor=actor,
            ),
        ).answered
        for withheld in ([], ["story"])
    ]

    assert answers == [Answered.ALLOWED, Answered.IN_PART]


def test_who_asked_through_a_partner_is_who_looked() -> None:
    """The partner is told beside them."""
    fields = {
        "person": CHILD,
        "practitioner": VISITOR,
        "purpose": "direct-care",
        "mode": "content",
        "categories": [],
        "withheld_categories": ["story"],
        "permitted": "no",
        "reasons": ["no-relationship"],
        "policy_version": "rules+agreed",
        "decided_from": [],
    }
    entry = ledger_entry(LedgerEvent.ACCESS_EVALUATED, fields, at=NOW, actor="partner:mis")

    access = access_from(1, entry)

    assert (access.actor, access.through) == (f"practitioner:{VISITOR}", "partner:mis")
    assert (access.answered, access.because) == (Answered.REFUSED, ("no-relationship",))


def test_a_look_on_a_partners_screens_is_the_practitioners_through_that_partner() -> None:
    """One entry says both; a look on pages came through nobody."""
    read = _READ | {"withheld_categories": []}
    events = (
        (LedgerEvent.PROFILE_READ, read),
        (
            LedgerEvent.PROFILE_READ_THROUGH_PARTNER,
            read | {"partner": "northfield"},
        ),
    )

    looks = [
        access_from(1, ledger_entry(event, fields, at=NOW, actor=f"practitioner:{VISITOR}"))
        for event, fields in events
    ]

    assert [one.through for one in looks] == [None, "partner:northfield"]
    assert {one.actor for one in looks} == {f"practitioner:{VISITOR}"}

"""A restricted mother's refuge is not told by her child's record, whichever of them came first."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from consent.ledger.events import LedgerEvent
from consent.model import Response, RestrictionScope
from schemas.records.payloads import Address, Relationship, RelationshipKind
from schemas.vocabulary import Category, Purpose, Source
from services.profile.model import Profile
from services.work import Outside
from tests.support.builders import NOW, TEACHER, VISITOR
from tests.support.fixtures.fixtures_database import template_filled_by
from tests.support.messages.source_messages import a_message, a_record, the_family
from tests.support.traces.refuge import NEIGHBOUR, REFUGE, THE_SAME, Refuge, homes_of

pytestmark = pytest.mark.postgres

ELSEWHERE = Address(("3 Mill Lane", "Northfield"), "NF1 1AA")
SCOPES = pytest.mark.parametrize("scope", RestrictionScope)


def _fill(outside: Outside) -> None:
    """Make the database to copy, in which they are known."""
    with Refuge.known(outside):
        pass


migrated_template = template_filled_by(_fill)


@pytest.fixture
def refuge(outside: Outside) -> Iterator[Refuge]:
    """Give a mother and a child of whom nobody has said where they live."""
    with Refuge.in_a_copy(outside) as found:
        yield found


@SCOPES
@pytest.mark.parametrize("order", ["address first", "restriction first"])
def test_only_who_may_know_where_she_is_is_told_where_her_child_is(
    refuge: Refuge, order: str, scope: RestrictionScope
):
    """However it is spelled; the health visitor on her allow-list sees that it is protected."""
    if order == "restriction first":
        refuge.restrict(VISITOR, scope=scope)
    refuge.mother_lives_at(REFUGE)
    refuge.child_lives_at(THE_SAME)
    if order == "address first":
        refuge.restrict(VISITOR, scope=scope)

    to_teacher, to_visitor = refuge.read(TEACHER), refuge.read(VISITOR)

    assert homes_of(to_teacher, refuge.child) == []
    assert not to_teacher.location_protected
    assert homes_of(to_visitor, refuge.child) == [THE_SAME]
    assert to_visitor.location_protected


@pytest.mark.parametrize("order", ["address first", "restriction first"])
def test_her_records_need_not_be_stored_anywhere(refuge: Refuge, order: str):
    """Nobody may see any of them, so they are purged or withheld; the child's stays untold."""
    refuge.child_lives_at(REFUGE)
    if order == "restriction first":
        refuge.restrict()
    refuge.mother_lives_at(THE_SAME)
    if order == "address first":
        refuge.restrict()

    assert refuge.running.stored(refuge.mother) == []
    assert homes_of(refuge.read(TEACHER), refuge.child) == []
    assert homes_of(refuge.read(VISITOR), refuge.child) == []


def test_what_was_withheld_before_she_was_restricted_is_asked_for_again(refuge: Refuge):
    """Her decision was taken back, so nothing is stored; her agency still has what it sent."""
    refuge.running.decide(refuge.mother, response=Response.REFUSED)
    refuge.mother_lives_at(REFUGE)
    refuge.child_lives_at(REFUGE)
    shown = homes_of(refuge.read(TEACHER), refuge.child)

    refuge.restrict()
    refuge.mother_lives_at(REFUGE)

    assert shown == [REFUGE]
    assert homes_of(refuge.read(TEACHER), refuge.child) == []


def test_it_reads_as_if_nobody_had_said_where_the_child_lives(refuge: Refuge):
    """Neither the page nor the ledger entry of the look tells that anything is left out."""
    refuge.mother_lives_at(REFUGE)
    refuge.restrict()
    before = refuge.read(TEACHER)
    refuge.child_lives_at(REFUGE)
    after = refuge.read(TEACHER)

    assert _without_the_moment(after) == _without_the_moment(before)
    *_, first, second = refuge.running.ledger(LedgerEvent.PROFILE_READ)
    fields = ("subjects", "categories", "withheld_categories", "decided_from")
    assert [first.fields[f] for f in fields] == [second.fields[f] for f in fields]


def test_a_lifted_restriction_frees_the_place_with_the_next_read(refuge: Refuge):
    """And once more protected it is hidden at once, though nobody says it again."""
    refuge.mother_lives_at(REFUGE)
    refuge.child_lives_at(REFUGE)
    placed = refuge.restrict()
    hidden = homes_of(refuge.read(TEACHER), refuge.child)

    refuge.lift(placed)
    lifted = homes_of(refuge.read(TEACHER), refuge.child)
    refuge.restrict()
    again = homes_of(refuge.read(TEACHER), refuge.child)

    assert (hidden, lifted, again) == ([], [REFUGE], [])


@pytest.mark.parametrize("home", [NEIGHBOUR, ELSEWHERE], ids=["next door", "elsewhere"])
def test_a_neighbour_is_still_shown(refuge: Refuge, home: Address):
    """The postcode alone hides nobody of whom more is known."""
    refuge.mother_lives_at(REFUGE)
    refuge.restrict()
    refuge.child_lives_at(home)

    assert homes_of(refuge.read(TEACHER), refuge.child) == [home]


def test_where_she_lived_before_is_not_hidden(refuge: Refuge):
    """The home that she fled is where others go on living."""
    refuge.mother_lives_at(REFUGE, replace(ELSEWHERE, use="old"))
    refuge.restrict()
    refuge.child_lives_at(ELSEWHERE)

    assert homes_of(refuge.read(TEACHER), refuge.child) == [ELSEWHERE]


def test_a_relative_s_home_beside_the_child_is_not_told_either(refuge: Refuge):
    """Whose it is need not be known: the record names the place."""
    refuge.mother_lives_at(REFUGE)
    refuge.restrict()
    aunt = Relationship(RelationshipKind.OTHER_RELATIVE, "Ruth", addresses=(THE_SAME,))
    family = Category.FAMILY_AND_HOUSEHOLD
    refuge.running.receive(a_message("aunt", a_record("a", aunt, family), source=Source.SCHOOLS))
    refuge.running.settle()

    assert refuge.read(TEACHER).kin == ()


def test_nobody_is_said_to_live_with_somebody_whose_whereabouts_are_protected(refuge: Refuge):
    """That she is the mother is told; the child's other home does not become hers."""
    tie = Relationship(RelationshipKind.MOTHER, "Leanne Wren", same_household=True)
    about = a_record("tie", tie, Category.FAMILY_AND_HOUSEHOLD, "child", "mother")
    refuge.running.receive(a_message("tie", about, subjects=the_family()[:2]))
    refuge.mother_lives_at(REFUGE)
    refuge.child_lives_at(ELSEWHERE)
    refuge.restrict(VISITOR, scope=RestrictionScope.LOCATION)

    to_teacher, to_visitor = refuge.read(TEACHER), refuge.read(VISITOR)

    assert [relative.person for relative in to_teacher.kin] == [refuge.mother]
    assert refuge.mother not in _living_with(refuge, to_teacher)
    assert refuge.mother in _living_with(refuge, to_visitor)


def test_the_child_s_own_restriction_says_who_may_know_where_the_child_is(refuge: Refuge):
    """Whoever let the teacher know of this very place has decided about it."""
    refuge.mother_lives_at(REFUGE)
    refuge.child_lives_at(REFUGE)
    refuge.restrict()
    refuge.restrict(TEACHER, scope=RestrictionScope.LOCATION, person=refuge.child)

    assert homes_of(refuge.read(TEACHER), refuge.child) == [REFUGE]


def test_the_family_that_reads_along_is_on_nobody_s_allow_list(refuge: Refuge):
    """What is read to be handed over does not tell it, whoever reads it."""
    refuge.running.decide(refuge.child, purposes=[Purpose.SUBJECT_ACCESS])
    refuge.mother_lives_at(REFUGE)
    refuge.child_lives_at(REFUGE)
    refuge.restrict(VISITOR)

    handed_over = refuge.read(VISITOR, purpose=Purpose.SUBJECT_ACCESS)

    assert homes_of(handed_over, refuge.child) == []


def _living_with(refuge: Refuge, profile: Profile) -> set[object]:
    return {
        member.person
        for household in profile.households
        if refuge.child in {m.person for m in household.members}
        for member in household.members
    }


def _without_the_moment(profile: Profile) -> Profile:
    sources = tuple(replace(status, last_heard=None) for status in profile.sources)
    return replace(profile, as_of=NOW, sources=sources)

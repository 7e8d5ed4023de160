"""Two who turn out to be one are one child on every page, and two again when that is undone."""

from collections.abc import Iterator

import pytest

from consent import Reason
from consent.ledger.events import LedgerEvent
from consent.model import Response
from schemas.identifiers import PersonId
from schemas.vocabulary import Category, Source
from services.profile.model import Profile, ProfileRefused
from services.work import Outside, unit_of_work
from tests.support.builders import DAY, VISITOR
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import InProcess
from tests.support.people.joined import joined, two_children, undo

pytestmark = pytest.mark.postgres


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


def _shown(running: InProcess, person: PersonId) -> Profile:
    profile = running.read(person)
    assert isinstance(profile, Profile), profile
    return profile


def test_what_both_sources_tell_is_one_profile(running: InProcess):
    """The visitor, who works with one of them, reads what the school tells of the other."""
    visited, taught = two_children(running)
    assert isinstance(running.read(taught), ProfileRefused)

    joined(running, taught, visited)

    profile = _shown(running, visited)
    (child,) = profile.people
    assert child.id == visited
    assert {name.provenance.source for name in child.names} == {
        Source.HEALTH_VISITING,
        Source.SCHOOLS,
    }
    assert {entry.category for entry in profile.timeline} == {
        Category.CHILD_HEALTH,
        Category.EDUCATION,
    }


def test_whoever_is_joined_is_opened_as_the_one_they_are(running: InProcess):
    """An address that was kept leads to the same page, and to the same list of who has looked."""
    visited, taught = two_children(running)
    joined(running, visited, taught)

    profile = _shown(running, taught)

    assert profile == _shown(running, visited)
    assert profile.child == visited
    (first, _) = running.ledger(LedgerEvent.PROFILE_READ)
    assert set(first.fields["subjects"]) == {visited, taught}
    with unit_of_work(running.portal) as work:
        assert len(work.looks.of(taught, most=9)) == len(work.looks.of(visited, most=9)) == 2
        assert [person for person, _ in work.relationships.of(VISITOR, most=1)] == [visited]


@pytest.mark.parametrize("which", [0, 1])
def test_a_refusal_about_either_holds_for_both(running: InProcess, which: int):
    """From the next read on, and then what is stored goes."""
    both = two_children(running)
    joined(running, *both)

    running.decide(both[which], response=Response.REFUSED)

    for person in both:
        refused = running.read(person)
        assert isinstance(refused, ProfileRefused)
        assert Reason.REFUSED in refused.reasons
    running.settle()
    assert running.count("record") == 0


def test_a_permission_about_one_does_not_silence_what_was_refused_about_the_other(
    running: InProcess, clock: StandingClock
):
    """Who is "mother" on two records need not be one mother."""
    visited, taught = two_children(running)
    running.decide(visited, response=Response.REFUSED, categories=[Category.EDUCATION])
    clock.pass_by(DAY)
    running.decide(taught, categories=[Category.EDUCATION])

    joined(running, visited, taught)

    timeline = _shown(running, visited).timeline
    assert {entry.category for entry in timeline} == {Category.CHILD_HEALTH}


@pytest.mark.parametrize("which", [0, 1])
def test_a_restriction_of_either_hides_both(running: InProcess, which: int):
    """Nobody finds them but those who may."""
    both = two_children(running)
    joined(running, *both)

    running.restrict(both[which])

    for person in both:
        refused = running.read(person)
        assert isinstance(refused, ProfileRefused)
        assert refused.reasons == (Reason.RESTRICTED,)


def test_undone_they_are_two_as_they_were(running: InProcess):
    """Each with its own records, and nobody has lost any."""
    visited, taught = two_children(running)
    before = (_shown(running, visited), running.stored(visited), running.stored(taught))
    made = joined(running, visited, taught)

    undo(running, made)

    assert (_shown(running, visited), running.stored(visited), running.stored(taught)) == before
    assert isinstance(running.read(taught), ProfileRefused)


def test_who_looked_at_somebody_while_they_were_joined_is_told_when_they_are_two(
    running: InProcess,
):
    """Each sees the look at their own records; a look before or after at the other's only that."""
    visited, taught = two_children(running)
    _shown(running, visited)
    made = joined(running, visited, taught)
    _shown(running, visited)
    undo(running, made)
    _shown(running, visited)

    with unit_of_work(running.portal) as work:
        assert len(work.looks.of(visited, most=9)) == 3
        assert len(work.looks.of(taught, most=9)) == 1


def test_everybody_concerned_is_told_and_the_ledger_says_who_said_so(running: InProcess):
    """Opaque ids and codes only."""
    visited, taught = two_children(running)

    made = joined(running, visited, taught)
    undo(running, made)

    (entry,) = running.ledger(LedgerEvent.PERSON_JOINED)
    assert entry.fields == {
        "join": made.id,
        "kept": visited,
        "joined": taught,
        "subjects": tuple(sorted([visited, taught])),
        "because": ("steward",),
    }
    (undone,) = running.ledger(LedgerEvent.PERSON_JOIN_UNDONE)
    assert undone.fields["join"] == made.id
    (apart,) = running.ledger(LedgerEvent.PERSONS_KEPT_APART)
    assert {apart.fields["one"], apart.fields["other"]} == {visited, taught}

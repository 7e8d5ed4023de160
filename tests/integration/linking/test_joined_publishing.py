"""What comes in about two who are one: where it is kept, and what becomes of it when undone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from consent.model import Response
from schemas.vocabulary import Category, Source
from services.work import Outside
from tests.support.fakes.in_process import InProcess, ids_of
from tests.support.messages.nems import APerson
from tests.support.messages.nems_messages import vaccination
from tests.support.messages.source_messages import (
    CHILD_NUMBER,
    a_clearing,
    a_message,
    a_record,
    a_removal,
    the_child,
)
from tests.support.people.joined import BY_BOTH, BY_UPN, from_the_school, joined, two_children, undo

pytestmark = pytest.mark.postgres


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


def test_what_was_held_back_comes_with_what_was_permitted_about_the_other(
    running: InProcess, tmp_path: Path
):
    """Nobody has to send it again; undone it goes, because it was permitted about the other."""
    (visited,) = running.decide(the_child(), categories=[Category.STORY]).decision.subjects
    (taught,) = running.decide(BY_UPN).decision.subjects
    running.receive(from_the_school())
    path = tmp_path / "held.xml"
    path.write_bytes(vaccination(APerson(nhs_number=CHILD_NUMBER, born="2024-05-03")))
    (held,) = running.ingest(Source.HEALTH_VISITING, path)
    running.settle()
    assert held.message.disposition == "withheld"
    school_only = running.stored(visited, taught)

    made = joined(running, visited, taught)

    assert len(running.stored(visited)) > len(school_only)

    undo(running, made)

    assert running.stored(visited) == []
    assert running.stored(taught) == school_only
    (again,) = running.ingest(Source.HEALTH_VISITING, path)
    assert again.message.disposition == "withheld"


def test_a_message_with_the_numbers_of_both_is_no_contradiction_while_they_are_one(
    running: InProcess,
):
    """It stays with the one whom its source has told of; undone it contradicts again."""
    visited, taught = two_children(running)
    told = from_the_school("s2", subject=BY_BOTH)
    assert ids_of(running.receive(told)) == ["parked"]
    numbers = running.count("person_token")
    made = joined(running, visited, taught)

    assert running.person(BY_BOTH) == taught
    assert ids_of(running.receive(told)) == ["published"]
    assert running.count("person_token") == numbers

    undo(running, made)

    assert running.person(BY_BOTH) is None
    assert (running.person(the_child()), running.person(BY_UPN)) == (visited, taught)


@pytest.mark.parametrize("is_undone", [False, True])
def test_what_a_source_takes_back_goes_whoever_it_was_joined_with(
    running: InProcess, *, is_undone: bool
):
    """A clearing stays with the person it came for, and so do the records that it reaches."""
    visited, taught = two_children(running)
    before = running.stored(visited)
    made = joined(running, visited, taught)
    stay = a_message("hv2", a_record("v", scopes=("episode",)), at="2026-01-02T00:00:00Z")
    running.receive(stay)
    running.settle()
    assert len(running.stored(visited)) == 6

    if is_undone:
        undo(running, made)
    running.receive(a_message("hv3", a_clearing("episode"), at="2026-01-03T00:00:00Z"))
    running.receive(a_message("hv4", a_record("late", scopes=("episode",))))
    running.settle()
    if not is_undone:
        undo(running, made)

    assert running.stored(visited) == before
    assert len(running.stored(taught)) == 2


def test_a_record_that_came_for_both_is_shown_once_as_it_was_said_last(running: InProcess):
    """Its source had told of the one first, and then of the other; undone, each has its own."""
    visited, taught = two_children(running)
    again = a_message("hv2", a_record("r"), at="2026-02-01T00:00:00Z", subjects=(BY_UPN,))
    running.receive(again)
    running.settle()
    before = (running.stored(visited), running.stored(taught))

    made = joined(running, visited, taught)

    assert [len(records) for records in before] == [3, 3]
    assert len(running.stored(visited)) == 5

    undo(running, made)

    assert (running.stored(visited), running.stored(taught)) == before


def test_what_was_removed_where_it_was_told_last_is_not_shown_from_before(running: InProcess):
    """But a withdrawal still finds it, and takes it away."""
    visited, taught = two_children(running)
    at = {"at": "2026-02-01T00:00:00Z", "subjects": (BY_UPN,)}
    running.receive(a_message("hv2", a_removal("r"), **at))
    running.settle()
    assert len(running.stored(visited)) == 3

    joined(running, visited, taught)

    assert len(running.stored(visited)) == 4

    running.decide(taught, response=Response.REFUSED)
    running.settle()

    assert running.count("record WHERE NOT removed") == 0

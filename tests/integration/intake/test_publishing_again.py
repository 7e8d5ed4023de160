"""What comes again, comes late or is taken back: nothing is lost, nothing returns from the dead."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeVar

import pytest

from consent.model import Response
from schemas.identifiers import PersonId
from schemas.records.message import SourceMessage
from schemas.records.payloads import PersonDetails
from schemas.vocabulary import Category
from services.work import Outside
from tests.support.builders import DAY
from tests.support.fakes.in_process import InProcess, ids_of
from tests.support.messages.source_messages import (
    A_REVIEW,
    A_VISITOR,
    a_message,
    a_record,
    a_removal,
    the_child,
    the_family,
)

_T = TypeVar("_T")

pytestmark = pytest.mark.postgres

REVIEW = a_message("m1", a_record("r1"))
VISIT = a_message("m1", a_record("w1", A_VISITOR, Category.PRACTITIONERS))
ALL_GONE = a_message("m2", at="2026-02-01T00:00:00Z", removes_subject=True)
GONE = a_message("m2", a_removal("r1"), at="2026-02-01T00:00:00Z")


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


def test_a_message_comes_once_however_often_it_is_sent(running: InProcess):
    """The second time it is a duplicate, and nothing is written."""
    running.decide(the_child())

    first, second = running.receive(REVIEW), running.receive(REVIEW)
    running.settle()

    assert ids_of(first) == ["published"]
    assert ids_of(second) == ["duplicate"]
    assert running.count("record") == 1


def test_what_a_refusal_purged_returns_when_the_refusal_is_withdrawn(running: InProcess):
    """Sent again by its source: it is the same record by the same permit, but not a duplicate."""
    person = _the_child_with(running, REVIEW)
    refusal = _and_a_day_later(running, running.decide(person, response=Response.REFUSED))
    assert running.stored(person) == []

    running.withdraw(refusal.decision.id)
    again = _and_a_day_later(running, running.receive(REVIEW))

    assert ids_of(again) == ["published"]
    assert len(running.stored(person)) == 1


def test_what_was_withdrawn_on_its_way_returns_when_it_is_permitted_again(running: InProcess):
    """Published, then refused by aggregation: nothing was purged, yet it has to come again."""
    decided = running.decide(the_child())
    running.receive(REVIEW)
    running.withdraw(decided.decision.id)
    (person,) = decided.decision.subjects
    _and_a_day_later(running, None)
    assert running.stored(person) == []

    running.decide(person)
    again = _and_a_day_later(running, running.receive(REVIEW))

    assert ids_of(again) == ["published"]
    assert len(running.stored(person)) == 1


def test_a_person_who_agrees_later_gets_their_part_of_an_old_message(running: InProcess):
    """Of three in a message the second to agree is not held up by the third."""
    message = a_message(
        "m1",
        *(
            a_record(f"{ref}/details", PersonDetails(ref), Category.IDENTITY_AND_CONTACT, ref)
            for ref in ("child", "mother", "father")
        ),
        subjects=the_family(),
    )
    persons: list[PersonId] = []

    for subject in the_family():
        persons += running.decide(subject).decision.subjects
        _and_a_day_later(running, running.receive(message))
        assert len(running.stored(*persons)) == len(persons)


def test_everyone_in_a_record_has_a_say_in_it_to_the_end(running: InProcess):
    """A refusal by the second person of any record purges it."""
    child, mother, _ = the_family()
    about_both = a_record("o", A_REVIEW, Category.CHILD_HEALTH, "child", "mother")
    decided = running.decide(child, mother)
    running.receive(a_message("m1", about_both, subjects=(child, mother)))
    running.settle()
    of_mother = running.person(mother)
    assert of_mother is not None
    (record,) = running.stored(of_mother)
    assert set(record.persons) == set(decided.decision.subjects)

    running.decide(of_mother, response=Response.REFUSED)
    running.settle()

    assert running.count("record") == 0


def test_whoever_a_record_is_about_has_a_say_in_it(running: InProcess):
    """A third person's refusal purges it as the first's would; nobody is forgotten."""
    family = the_family()
    decided = running.decide(*family)
    about_all = a_record("o", A_REVIEW, Category.CHILD_HEALTH, "child", "mother", "father")
    running.receive(a_message("m1", about_all, subjects=family))
    running.settle()
    (record,) = running.stored(*decided.decision.subjects)
    assert set(record.persons) == set(decided.decision.subjects)

    running.decide(record.persons[2], response=Response.REFUSED)
    running.settle()

    assert running.count("record") == 0


def test_a_removal_of_everything_reaches_case_loads_too(running: InProcess):
    """Who was on a case-load by a record that is gone has no relationship by it any more."""
    person = _the_child_with(running, VISIT)
    assert running.count("case_load") == 1

    running.receive(ALL_GONE)
    running.settle()

    assert running.stored(person) == []
    assert running.count("case_load") == 0


@pytest.mark.parametrize("settle_between", [False, True])
def test_what_was_said_before_a_removal_of_everything_stays_away_when_it_comes_late(
    running: InProcess, *, settle_between: bool
):
    """Sources deliver in any order; what was said after the removal is stored."""
    running.decide(the_child())
    later = a_message("m3", a_record("r3"), at="2026-03-01T00:00:00Z")

    for message in (ALL_GONE, later, REVIEW):
        running.receive(message)
        if settle_between:
            running.settle()
    running.settle()

    person = running.person(the_child())
    assert person is not None
    (record,) = running.stored(person)
    assert record.version.startswith("2026-03")


@pytest.mark.parametrize("removal", [GONE, ALL_GONE], ids=["one", "all"])
@pytest.mark.parametrize("late", [False, True], ids=["in order", "late"])
def test_what_was_removed_while_withheld_does_not_come_with_the_permit(
    running: InProcess, removal: SourceMessage, *, late: bool
):
    """A removal waits like what it removes, and removes it when both may come."""
    messages = (removal, REVIEW) if late else (REVIEW, removal)
    assert ids_of(running.receive(*messages)) == ["withheld", "withheld"]

    running.decide(the_child())
    again = running.receive(*messages)
    running.settle()

    assert ids_of(again) == ["published", "published"]
    assert running.count("record WHERE NOT removed") == 0


def test_a_message_too_large_for_the_bus_parks_and_stops_nobody(running: InProcess):
    """Queued it would stop the relay for ever."""
    running.decide(the_child())
    long = replace(A_REVIEW, title="x" * 60_000)
    huge = a_message("m0", *(a_record(f"r{n}", long) for n in range(16)))

    dispositions = running.receive(huge, REVIEW)
    running.settle()

    assert ids_of(dispositions) == ["parked", "published"]
    assert dispositions[0].reason == "message: too-large"
    assert running.count("record") == 1


def test_a_worker_whose_agency_is_no_longer_named_loses_the_case_load(running: InProcess):
    """The latest version counts, also in what it no longer says."""
    _the_child_with(running, VISIT)
    unnamed = replace(A_VISITOR, agency_code=None)
    record = a_record("w1", unnamed, Category.PRACTITIONERS)

    running.receive(a_message("m2", record, at="2026-02-01T00:00:00Z"))
    running.settle()

    assert running.count("case_load") == 0


def _the_child_with(running: InProcess, message: SourceMessage) -> PersonId:
    decided = running.decide(the_child())
    _and_a_day_later(running, running.receive(message))
    (person,) = decided.decision.subjects
    assert len(running.stored(person)) == 1
    return person


def _and_a_day_later(running: InProcess, result: _T) -> _T:
    running.settle()
    running.outside.clock.pass_by(DAY)
    return result

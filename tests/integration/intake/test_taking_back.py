"""A source takes back a whole scope: out of the profile, case-loads, what waits, what is parked."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from consent.model import LegitimateRelationship, Response
from schemas.identifiers import PersonId
from schemas.records.message import SourceMessage
from schemas.records.payloads import Involvement, Period
from schemas.vocabulary import Category, Source
from services.work import Outside, unit_of_work
from tests.support.builders import VISITOR
from tests.support.fakes.in_process import InProcess, ids_of
from tests.support.messages.csc import a_child, csc
from tests.support.messages.nems_found import ON, a_team, an_episode
from tests.support.messages.nems_found import a_message as nems_message
from tests.support.messages.source_messages import (
    A_VISITOR,
    a_clearing,
    a_message,
    a_record,
    the_child,
)
from tests.support.reading import nems, the_message

pytestmark = pytest.mark.postgres

SAID = a_message("m1", a_record("r1", scopes=("all", "some")), a_record("r2", scopes=("all",)))
LATER = "2026-02-01T00:00:00Z"
CLEARED = a_message(
    "m2", a_clearing("some", "all"), a_record("r3", scopes=("all", "some")), at=LATER
)
ALL_GONE = a_message("m2", a_clearing("all"), at=LATER)


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


@pytest.mark.parametrize("late", [False, True], ids=["in order", "late"])
def test_a_scope_goes_and_what_the_same_message_carries_stays(running: InProcess, *, late: bool):
    """Whatever comes first; what lies outside the scope is left alone."""
    person = _decided(running)

    for message in (CLEARED, SAID) if late else (SAID, CLEARED):
        running.receive(message)
        running.settle()

    assert _versions(running, person) == ["2026-01", "2026-02"]


def test_a_clearing_goes_through_though_what_it_clears_may_no_longer_be_told(running: InProcess):
    """A removal tells nothing: who refuses to share more does not keep what was shared."""
    person = _decided(running)
    running.receive(SAID)
    running.settle()
    running.decide(person, response=Response.REFUSED, categories=[Category.EDUCATION])

    running.receive(replace(ALL_GONE, records=(a_clearing("all"),)))
    running.settle()

    assert running.stored(person) == []


def test_a_message_of_which_only_the_clearing_goes_is_withheld(running: InProcess):
    """Nothing that it states is shared, and yet what was is gone."""
    person = _decided(running)
    running.receive(SAID)
    running.settle()
    running.decide(person, response=Response.REFUSED, categories=[Category.CHILD_HEALTH])
    running.settle()

    (became,) = running.receive(CLEARED)

    assert became.disposition == "withheld"
    assert became.reason == "refused"


def test_a_clearing_by_itself_tells_nobody_that_a_source_knows_the_person(running: InProcess):
    """It goes with what is published beside it, and with nothing published it waits."""
    running.decide(the_child(), categories=[Category.EDUCATION])

    (became,) = running.receive(CLEARED)

    assert became.disposition == "withheld"
    assert running.count("outbox") == 1


@pytest.mark.parametrize("late", [False, True], ids=["in order", "late"])
def test_what_was_cleared_while_withheld_does_not_come_with_the_permit(
    running: InProcess, *, late: bool
):
    """The clearing waits beside it, and wins when both come, in whatever order they are sent."""
    messages = (ALL_GONE, SAID) if late else (SAID, ALL_GONE)
    assert ids_of(running.receive(*messages)) == ["withheld", "withheld"]

    person = _decided(running)
    running.receive(*messages)
    running.settle()

    assert running.stored(person) == []


def test_a_held_message_goes_with_its_scope(running: InProcess):
    """What an agency holds back of it is deleted, and forgotten: nobody asks for it any more."""
    running.receive(SAID, raw=b"held")
    assert running.count("holding_health_visiting.held_message") == 1

    running.receive(ALL_GONE, raw=b"held too")

    assert running.count("holding_health_visiting.held_message") == 1
    assert running.count("message_outcome") == 1
    assert running.count("kept_scope") == 1


def test_a_newer_held_message_stays(running: InProcess):
    """An older clearing changes nothing to it."""
    running.receive(replace(SAID, version=replace(SAID.version, at="2026-03-01T00:00:00Z")))
    running.receive(ALL_GONE)

    assert running.count("holding_health_visiting.held_message") == 2


def test_what_is_published_is_kept_back_no_longer(running: InProcess):
    """And nothing is remembered of where it lay."""
    running.receive(SAID, raw=b"held")
    assert running.count("kept_scope") > 0

    running.decide(the_child())
    running.receive(SAID, raw=b"held")

    assert running.count("kept_scope") == 0


def test_a_worker_who_is_not_listed_any_more_loses_the_case_load(running: InProcess):
    """And with it the relationship that it gave."""
    person = _decided(running)
    scopes = ("workers", "one")
    worker = a_record("one", A_VISITOR, Category.PRACTITIONERS, scopes=scopes)
    running.receive(a_message("m1", worker))
    running.settle()
    assert running.count("case_load") == 1

    running.receive(a_message("m2", a_clearing("workers"), at=LATER))
    running.settle()

    assert running.count("case_load") == 0
    assert running.stored(person) == []


@pytest.mark.parametrize(("ended", "shown"), [("2026-03-01", False), ("2026-03-02", True)])
@pytest.mark.parametrize("late", [False, True], ids=["in order", "late"])
def test_an_end_that_comes_by_itself_ends_the_case_load(
    running: InProcess, ended: str, *, shown: bool, late: bool
):
    """From the day after, whichever of the two came first."""
    person = _decided(running)
    ending = replace(A_VISITOR, period=Period(None, ended))
    worker = a_message("m1", a_record("one", A_VISITOR, Category.PRACTITIONERS))
    end = a_message(
        "m2", a_record("one/end", ending, Category.PRACTITIONERS, part_of="one"), at=LATER
    )

    for message in (end, worker) if late else (worker, end):
        running.receive(message)
    running.settle()

    assert bool(_relationships(running, person)) is shown
    (record,) = running.stored(person)
    assert record.payload == replace(A_VISITOR, period=Period(None, ended))


@pytest.mark.parametrize("late", [False, True], ids=["in order", "late"])
def test_a_team_that_an_update_leaves_out_goes(running: InProcess, *, late: bool):
    """And whoever is named in it; whichever of the two messages comes first."""
    both = _episode("new", "Duty team", "East")
    one = _episode("update", "East", at="2026-09-02T18:00:00+00:00")
    (person,) = running.decide(replace(both.subjects[0], ref="child")).decision.subjects

    for message in (one, both) if late else (both, one):
        running.receive(message)
        running.settle()

    stored = (record.payload for record in running.stored(person))
    assert [said.team for said in stored if isinstance(said, Involvement)] == ["East"]


def _episode(kind: str, *teams: str, at: str = f"{ON}T18:00:00+00:00") -> SourceMessage:
    focus = an_episode(*teams)
    named = [a_team(team, team) for team in teams]
    event = "professional-contacts-1"
    return the_message(nems, nems_message(*named, focus=focus, event=event, type=kind, at=at))


def test_an_authority_takes_a_child_back(running: InProcess, tmp_path: Path):
    """What is parked of it goes too, and nothing of other children."""
    running.decide(the_child())
    bad = a_child(child_details={"date_of_birth": "soon", "surname": "Marlow"})
    (parked,) = _ingest(running, tmp_path, bad)
    _ingest(running, tmp_path, a_child(la_child_id="NC-2", child_details={"date_of_birth": "x"}))
    assert parked == "parked"
    assert running.count("parked") == 2

    _ingest(running, tmp_path, a_child(purge=True))

    assert running.count("parked") == 1


def _ingest(running: InProcess, folder: Path, child: dict[str, Any]) -> list[str]:
    path = folder / f"{len(list(folder.iterdir()))}.json"
    path.write_bytes(csc(child))
    rows = running.ingest(Source.SOCIAL_CARE, path)
    return [row.message.disposition.value for row in rows]


def _decided(running: InProcess) -> PersonId:
    (person,) = running.decide(the_child()).decision.subjects
    return person


def _versions(running: InProcess, person: PersonId) -> list[str]:
    return sorted(record.version[:7] for record in running.stored(person))


def _relationships(running: InProcess, person: PersonId) -> Sequence[LegitimateRelationship]:
    with unit_of_work(running.portal) as work:
        return work.relationships.relationships(VISITOR, [person])

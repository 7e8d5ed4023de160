"""What a practitioner learns of decisions when reading a family."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from consent import Reason
from consent.model import Response
from schemas.identifiers import PersonId
from schemas.vocabulary import Category
from services.profile.model import Profile, ProfileRefused
from services.work import Outside, unit_of_work
from tests.support.builders import DAY, VISITOR, YOUNG_PERSON, a_permit
from tests.support.clock import StandingClock
from tests.support.consents.deciding_world import JUDGED
from tests.support.fakes.in_process import InProcess
from tests.support.messages.source_messages import (
    A_REVIEW,
    A_VISITOR,
    a_message,
    a_record,
    the_child,
)

pytestmark = pytest.mark.postgres

NAMED = frozenset({f"practitioner:{VISITOR}"})


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


def _visited(running: InProcess) -> PersonId:
    (person,) = running.decide(the_child()).decision.subjects
    running.receive(
        a_message(
            "m1",
            a_record("h", A_REVIEW),
            a_record("w", A_VISITOR, Category.PRACTITIONERS),
        )
    )
    running.settle()
    return person


def test_who_reads_is_told_that_parents_are_not(running: InProcess):
    """Also where it is a refusal, and never where nobody asked for it."""
    person = _visited(running)
    before = running.read(person)

    asked = a_permit(subjects=(person,), category=Category.STORY, decided_by=YOUNG_PERSON)
    told = replace(JUDGED, parents_are_not_told=True)
    with unit_of_work(running.portal) as work:
        no = replace(asked, response=Response.REFUSED, circumstances=told)
        work.decisions.save(no, at=work.now, actor="job:test")
    after = running.read(person)

    assert isinstance(before, Profile)
    assert isinstance(after, Profile)
    assert (before.parents_are_not_told, after.parents_are_not_told) == (False, True)


def test_a_worker_whom_a_replaced_decision_named_is_shown_nothing_by_it(
    running: InProcess, clock: StandingClock
):
    """The decision that named them says nothing more, whoever they work with."""
    named = running.decide(the_child(), recipients=NAMED)
    (person,) = named.decision.subjects
    running.receive(a_message("m1", a_record("h", A_REVIEW)))
    running.settle()
    let_in = running.read(person)
    clock.pass_by(DAY)

    running.decide(person, supersedes=named.decision.id, recipients=frozenset({"agency:schools"}))
    answer = running.read(person)

    assert isinstance(let_in, Profile)
    assert isinstance(answer, ProfileRefused)
    assert answer.reasons == (Reason.NO_DECISION,)

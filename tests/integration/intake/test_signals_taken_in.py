"""Signals and answers of the register on their whole way, to what a health visitor sees."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.identifiers import PersonId
from schemas.vocabulary import Source
from services.profile.merging.deaths import DeathStanding
from services.profile.model import Profile
from services.work import Outside, unit_of_work
from tests.support.builders import VISITOR
from tests.support.fakes.in_process import InProcess, by_number
from tests.support.messages.register import NUMBER, OTHER, a_patient, a_search, a_signal, sent
from tests.support.people.relating import relate

pytestmark = pytest.mark.postgres


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


def test_a_signalled_death_is_told_until_the_register_answers_otherwise(
    running: InProcess, tmp_path: Path
):
    """And so is what there is to ask for."""
    child = a_child(running)
    take_in(running, tmp_path, a_signal("pds-death-notification-2"), a_signal())
    signalled = shown(running, child)
    take_in(running, tmp_path, sent(a_patient()))
    answered = shown(running, child)

    assert signalled.people[0].death is not None
    assert signalled.people[0].death.standing is DeathStanding.DIED
    assert {entry.occurrence.title for entry in signalled.timeline} == {
        "Changed at its source: a notification of death",
        "Changed at its source: the general practice",
    }
    assert answered.people[0].death is None
    assert not answered.timeline
    assert len(answered.practitioners) == 1


def test_whoever_was_asked_for_by_a_replaced_number_is_one_with_who_has_the_other(
    running: InProcess, tmp_path: Path
):
    """What comes by the old number is theirs from then on."""
    child = a_child(running)
    take_in(running, tmp_path, a_search(a_patient(), asked=OTHER))

    assert running.person(by_number(OTHER)) == child


def a_child(running: InProcess) -> PersonId:
    """Somebody of whom everything is shared with the health visitor who works with them."""
    (child,) = running.decide(by_number(NUMBER)).decision.subjects
    with unit_of_work(running.portal) as work:
        relate(work, VISITOR, child)
    return child


def take_in(running: InProcess, folder: Path, *documents: bytes) -> None:
    """Take in files of health visiting, and let all be done that follows."""
    for document in documents:
        path = folder / "answer.json"
        path.write_bytes(document)
        running.ingest(Source.HEALTH_VISITING, path)
    running.settle()


def shown(running: InProcess, child: PersonId) -> Profile:
    """What the health visitor sees."""
    profile = running.read(child)
    assert isinstance(profile, Profile), profile
    return profile

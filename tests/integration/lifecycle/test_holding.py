"""What an agency holds back is complete, and no longer than it may be."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from schemas.records.payloads import Occurrence, PersonDetails
from schemas.vocabulary import Source
from services.work import Outside
from tests.support.fakes.in_process import InProcess, by_number
from tests.support.messages.nems import AHeader, APerson
from tests.support.messages.nems_messages import vaccination

pytestmark = pytest.mark.postgres

PERSON = APerson(nhs_number="9990000018", born="2024-05-03")
LATER = AHeader(event="vaccinations-1", updated="2026-10-01T09:00:00+00:00", version_id="2")


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """Give a message about a vaccination."""
    path = tmp_path / "given.xml"
    path.write_bytes(vaccination(PERSON))
    return path


@pytest.fixture
def taken_back(tmp_path: Path) -> Path:
    """Give the message that takes the vaccination back."""
    path = tmp_path / "taken-back.xml"
    path.write_bytes(vaccination(PERSON, replace(LATER, event_type="delete")))
    return path


@pytest.mark.parametrize("late", [False, True], ids=["in order", "late"])
def test_what_was_taken_back_while_held_takes_nothing_else_with_it(
    running: InProcess, given: Path, taken_back: Path, *, late: bool
):
    """Who the person is stays known; the vaccination does not come, in whatever order."""
    files = (taken_back, given) if late else (given, taken_back)
    for file in files:
        (row,) = running.ingest(Source.HEALTH_VISITING, file)
        assert row.message.disposition == "withheld"

    decided = running.decide(by_number("9990000018"))
    running.settle()

    kinds = [type(record.payload) for record in running.stored(*decided.decision.subjects)]
    assert PersonDetails in kinds
    assert Occurrence not in kinds
    assert running.count("holding_health_visiting.held_message") == 0


def test_late_removal_takes_back_only_what_was_before_it(
    running: InProcess, taken_back: Path, tmp_path: Path
):
    """What its source said after removing it is held, and comes when it is permitted."""
    again = tmp_path / "given-again.xml"
    again.write_bytes(vaccination(PERSON, replace(LATER, updated="2026-10-02T09:00:00+00:00")))
    for file in (again, taken_back):
        running.ingest(Source.HEALTH_VISITING, file)

    decided = running.decide(by_number("9990000018"))
    running.settle()

    kinds = [type(record.payload) for record in running.stored(*decided.decision.subjects)]
    assert Occurrence in kinds


def test_what_is_held_is_held_once(running: InProcess, given: Path):
    """However often its partner sends it."""
    for _ in range(3):
        running.ingest(Source.HEALTH_VISITING, given)

    assert running.count("holding_health_visiting.held_message") == 1
    assert running.count("message_outcome") == 1

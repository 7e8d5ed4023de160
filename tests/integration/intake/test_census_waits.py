"""A census names nobody: a child of it waits until another source tells who that is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.identifiers import upn_identifier
from schemas.records.message import Demographics, Subject
from schemas.records.payloads import Plan
from schemas.vocabulary import Source
from services.work import Outside
from tests.support.fakes.in_process import InProcess, by_number
from tests.support.messages.cin import a_case, a_census_child, census
from tests.support.messages.csc import a_child, csc
from tests.support.messages.source_messages import the_child

pytestmark = pytest.mark.postgres

PLAN = "<CINPlanDates><CINPlanStartDate>2025-11-24</CINPlanStartDate></CINPlanDates>"
BORN = "2019-03-05"


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


def test_a_census_child_waits_for_somebody_to_say_who_it_is(running: InProcess, tmp_path: Path):
    """Withheld as nobody; once a payload links its number, the plan comes in."""
    running.decide(by_number("9990000018", BORN))
    details = {"unique_pupil_number": "T999200119011", "date_of_birth": BORN}
    (decided,) = running.decide(_by_upn()).decision.subjects

    (waiting,) = _ingest(running, tmp_path / "census.xml", census(a_census_child(a_case(PLAN))))
    assert waiting.startswith("withheld no-subject")

    payload = a_child(child_details=details, social_care_episodes=[])
    assert _ingest(running, tmp_path / "pushed.json", csc(payload)) == ["published None"]
    running.settle()

    plans = [r for r in running.stored(decided) if isinstance(r.payload, Plan)]
    assert [plan.payload.title for plan in plans] == ["Child in need plan"]
    assert running.count("file_to_reread") == 0


def test_a_census_child_of_whom_nobody_ever_speaks_leaves_nothing(
    running: InProcess, tmp_path: Path
):
    """No person is made for it, and its content stays in its file."""
    running.decide(the_child())

    _ingest(running, tmp_path / "census.xml", census(a_census_child(a_case(PLAN))))
    running.settle()

    assert running.count("person") == 1
    assert running.count("record") == 0


def _by_upn() -> Subject:
    return Subject("child", (upn_identifier("T999200119011"),), Demographics(date_of_birth=BORN))


def _ingest(running: InProcess, path: Path, data: bytes) -> list[str]:
    path.write_bytes(data)
    rows = running.ingest(Source.SOCIAL_CARE, path)
    return [f"{row.message.disposition.value} {row.message.reason}" for row in rows]

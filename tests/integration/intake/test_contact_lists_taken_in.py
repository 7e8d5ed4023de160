"""A list of health visitors' contacts on its way: kept until it may be shared, then shown."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from schemas.records.payloads import Occurrence
from schemas.vocabulary import Disposition, Source
from services.work import Outside
from tests.support.checkout import ROOT
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import InProcess, by_number

pytestmark = pytest.mark.postgres
TEMPLATE = ROOT / "schemas/published/health-visiting-template.csv"


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


def test_what_is_kept_back_is_told_as_of_when_it_came(
    running: InProcess, tmp_path: Path, clock: StandingClock
):
    """However much later it is permitted; and the same list again is the same."""
    undated = TEMPLATE.read_text(encoding="utf-8").replace(",2026-11-20", ",")
    path = tmp_path / "contacts.csv"
    path.write_text(undated, encoding="utf-8")
    os.utime(path, (clock.now().timestamp(), clock.now().timestamp()))
    (kept,) = running.ingest(Source.HEALTH_VISITING, path)
    clock.pass_by(timedelta(days=3))
    (child,) = running.decide(by_number("9990000018", "2024-03-05")).decision.subjects
    running.settle()
    (again,) = running.ingest(Source.HEALTH_VISITING, path)

    assert kept.message.disposition is Disposition.WITHHELD
    assert again.message.disposition is Disposition.DUPLICATE
    found = {type(r.payload).__name__: r.version for r in running.stored(child)}
    assert set(found) == {"PersonDetails", "Involvement", Occurrence.__name__}
    assert len(set(found.values())) == 1

"""Sweeps beside a process's own work: once a day, whoever is first; and by hand at any time."""

import json
import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from consent.ledger.events import LedgerEvent
from services.__main__ import main
from services.bootstrap import DatabaseRole
from services.lifecycle.retention.rules import STANDARD, retention_rules
from services.work import Outside
from services.workers.retention import DailySweepOfMessages, DailySweepOfProfiles
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import InProcess, acting_for
from tests.support.messages.source_messages import A_VISITOR, a_message, a_record, the_child
from tests.support.waiting import GENEROUS

pytestmark = pytest.mark.postgres

RULES = retention_rules(None)
LONG = timedelta(days=366 * 11)


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database, with a child whose records are old."""
    with InProcess.running(outside) as found:
        found.decide(the_child())
        found.receive(a_message("m1", a_record("r"), a_record("w", A_VISITOR)))
        found.settle()
        yield found


@pytest.fixture
def aggregation(outside: Outside) -> Iterator[Outside]:
    """Give what the aggregation process has."""
    with acting_for(outside, DatabaseRole.AGGREGATION) as found:
        yield found


def test_a_process_sweeps_little_by_little(
    running: InProcess, aggregation: Outside, clock: StandingClock
):
    """A batch at a time, and an entry at the end."""
    clock.pass_by(LONG)
    step = DailySweepOfProfiles(RULES)

    _until_swept(step, aggregation, running, times=1)

    assert running.count("record") == 0
    (whole,) = running.ledger(LedgerEvent.RETENTION_SWEPT)
    assert whole.fields["records"] == 2


def test_of_several_processes_one_sweeps_a_day(
    running: InProcess, aggregation: Outside, clock: StandingClock
):
    """However often they are started; the next day somebody does again."""
    _until_swept(DailySweepOfProfiles(RULES), aggregation, running, times=1)
    for _ in range(3):
        again = DailySweepOfProfiles(RULES)
        again(aggregation)
        again(aggregation)
    assert len(running.ledger(LedgerEvent.RETENTION_SWEPT)) == 1

    clock.pass_by(timedelta(days=1))
    _until_swept(DailySweepOfProfiles(RULES), aggregation, running, times=2)


def test_connectors_sweep_messages_and_files(
    running: InProcess, clock: StandingClock, tmp_path: Path
):
    """Outcomes, and what lies in the folder of files that were read."""
    clock.pass_by(LONG)
    file = tmp_path / "done" / "read.csv"
    file.parent.mkdir()
    file.write_text("x")
    os.utime(file, (0, 0))

    DailySweepOfMessages(RULES, tmp_path)(running.connectors)

    assert running.count("message_outcome") == 0
    assert not file.exists()
    assert len(running.ledger(LedgerEvent.RETENTION_SWEPT)) == 1


def test_by_hand_it_says_what_would_go_and_then_what_went(
    running: InProcess, database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """By a council's own rules, here: one month for everything."""
    rules = json.loads(STANDARD.read_bytes())
    for rule in rules["rules"]:
        rule["at_most"] = "P1M"
    path = tmp_path / "rules.json"
    path.write_text(json.dumps(rules | {"version": "northfield-1"}))
    options = ["--data", str(tmp_path / "data"), "--database", database, "--json"]

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TELL_ONCE_RETENTION_RULES", str(path))
        codes = [main(["retention", "sweep", *more, *options]) for more in (["--dry-run"], [])]

    foretold, done = map(json.loads, capsys.readouterr().out.splitlines())
    assert codes == [0, 0]
    assert (foretold["dry_run"], done["dry_run"]) == (True, False)
    assert foretold["by_rule"] == done["by_rule"]
    assert done["records"] == 2
    assert done["rules"]["version"] == "northfield-1"
    assert running.count("record WHERE NOT removed") == 0


def test_a_person_is_held_and_released_by_hand(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """Twice changes nothing; nobody is held who is not known."""
    options = ["--data", str(tmp_path / "data"), "--database", database, "--json"]
    assert main([*_A_DECISION, *options]) == 0
    decision = json.loads(capsys.readouterr().out)["decision_id"]
    assert main(["decision", "show", decision, *options]) == 0
    (person,) = json.loads(capsys.readouterr().out)["subjects"]
    hold = ["retention", "hold", person, "--because", "court", *options]
    release = ["retention", "release", person, *options]

    codes = [main(words) for words in (hold, hold, ["retention", "held", *options], release)]

    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert codes == [0, 0, 0, 0]
    assert [one.get("changed") for one in told] == [True, False, None, True]
    assert [held["person"] for held in told[2]["held"]] == [person]
    assert main(["retention", "hold", "0" * 32, "--because", "court", *options]) == 4


_A_DECISION = (
    *("decision", "record", "--subject", "nhs-number:9990000018", "--category", "story"),
    *("--purpose", "direct-care"),
)


def _until_swept(
    step: Callable[[Outside], object], outside: Outside, running: InProcess, *, times: int
) -> None:
    deadline = time.monotonic() + GENEROUS
    while len(running.ledger(LedgerEvent.RETENTION_SWEPT)) < times:
        assert time.monotonic() < deadline, "the sweep does not end"
        step(outside)
        time.sleep(0.05)

"""Killed before any statement of an order of two, it is whole or undone."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from connectors.publishing.ports import ToldContacts
from connectors.publishing.telling.contacts import OWN
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from schemas.records.payloads import Telecom
from schemas.vocabulary import Source
from services.bootstrap import Application, DatabaseRole, opened
from services.platform.settings import Settings
from services.work import unit_of_work
from tests.support.checkout import ROOT
from tests.support.clock import StandingClock
from tests.support.demonstrating import mark
from tests.support.fakes.in_process import SCHOOL, InProcess
from tests.support.killing import killed_erasures, killed_protection
from tests.support.messages.source_messages import a_message, a_record, the_child
from tests.support.people.protecting import Protecting

pytestmark = pytest.mark.postgres

_EVERY = int(os.environ.get("TELL_ONCE_KILL_EVERY", "6"))
"""Before one in how many statements a step dies; 1 is before each."""
_LONG_AGO = StandingClock(datetime(2025, 1, 1, tzinfo=UTC))


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    """Give an installation for real families."""
    mark(database, is_demonstration=False)
    return Settings.model_validate({"data": tmp_path / "data", "database": database})


@pytest.fixture
def application(settings: Settings) -> Iterator[Application]:
    """Give it opened."""
    with opened(settings) as found:
        yield found


@pytest.fixture
def running(application: Application) -> Iterator[InProcess]:
    """Give the main job on it."""
    with InProcess.running(application.outside(DatabaseRole.OWNER)) as found:
        yield found


@pytest.fixture
def child(running: InProcess) -> PersonId:
    """Give a child who can be reached, of whom something is stored."""
    (person,) = running.decide(the_child()).decision.subjects
    running.receive(a_message("m1", a_record("r1")))
    running.settle()
    phone = (Telecom("phone", "07700 900123"),)
    told = ToldContacts(person, "r9", "1", held_as=OWN, telecoms=phone, agency=SCHOOL)
    with unit_of_work(replace(running.outside, clock=_LONG_AGO)) as work:
        work.publishing(Source.SCHOOLS, None).contacts.keep([told], [])
    return person


def test_killed_before_any_statement_an_order_is_whole_or_undone(
    settings: Settings, running: InProcess, child: PersonId
):
    """Nothing is ever half there; once let through, each step is there once."""
    found = _killed(settings, child, killed_erasures, every=1)

    assert list(found) == list(killed_erasures.STEPS)
    for name, (before, *killed, done) in found.items():
        assert done != before, name
        assert len(killed) > 3, name
        whole = [state for state in killed if state != before]
        # After its one transaction an erasure goes on; whatever is there then is the whole of it.
        assert all(_but_entries(state) == _but_entries(done) for state in whole), name
        assert whole == [] or name == "carried out"
    assert found["carried out"][-1]["orders"] == (
        "erasure stopped, erasure carried-out, subject-access carried-out"
    )
    assert (found["carried out"][-1]["record"], found["report made"][-1]["message_out"]) == (0, 1)
    assert len(running.ledger(LedgerEvent.PERSON_ERASED)) == 1
    assert len(running.ledger(LedgerEvent.KEY_DESTROYED)) == 1
    assert len(running.ledger(LedgerEvent.REPORT_MADE)) == 1


def test_killed_before_any_statement_of_protection_staff_or_a_join_nothing_is_half_there(
    settings: Settings, application: Application
):
    """Restrictions, exclusions, memberships, joins and partings, each with its two hands."""
    outside = replace(application.outside(DatabaseRole.OWNER), clock=StandingClock())
    with InProcess.running(outside) as running:
        child = Protecting.known(running).child

    found = _killed(settings, child, killed_protection, every=_EVERY)

    assert list(found) == list(killed_protection.STEPS)
    for name, (before, *killed, done) in found.items():
        assert done != before, name
        assert [state for state in killed if state != before] == [], name
    deaths = sum(len(states) - 2 for states in found.values())
    assert deaths >= 2 * len(found) / _EVERY
    assert found["taken out"][-1]["orders"] == ", ".join(
        ["exclusion-end confirmed", *["restriction confirmed"] * 2, *["staff-change confirmed"] * 2]
    )


def _but_entries(state: dict[str, Any]) -> dict[str, Any]:
    """What is there but what is said of it, which comes last."""
    said = {"ledger_entry", "outbox"}
    return {name: value for name, value in state.items() if name not in said}


def _killed(
    settings: Settings, person: PersonId, steps: ModuleType, *, every: int
) -> dict[str, list[dict[str, Any]]]:
    assert settings.database is not None
    words = [sys.executable, "-m", "tests.support.killing.each_statement"]
    words += [steps.__name__, str(every)]
    words += [str(settings.data), settings.database.get_secret_value(), person]
    done = subprocess.run(words, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found: dict[str, list[dict[str, Any]]] = json.loads(done.stdout.splitlines()[-1])
    return found

"""Killed at any point, an erasure is either not begun or finished by whoever looks next."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from services.platform.keys.files import FileKeyVault
from services.work import Outside
from services.workers.erasure import finish_erasures
from services.workers.keys import verify_keys
from tests.support.checkout import ROOT
from tests.support.erasing import erased
from tests.support.fakes.in_process import InProcess
from tests.support.messages.source_messages import a_message, a_record, the_child
from tests.support.traces.traces import Traces

pytestmark = pytest.mark.postgres

_DYING = """
import os, sys
from dataclasses import replace
from pathlib import Path
from services.platform.keys.files import FileKeyVault
from services.bootstrap import DatabaseRole, opened
from services.platform.settings import Settings
from services.workers.erasure import erase
from tests.support.erasing import an_order

data, database, person, point = sys.argv[1:]

class Dying:
    def __init__(self, vault):
        self._vault = vault

    def __getattr__(self, name):
        return getattr(self._vault, name)

    def handle_of(self, wrapped):
        if point == "in the first transaction":
            os.kill(os.getpid(), 9)
        return self._vault.handle_of(wrapped)

    def destroy(self, handles):
        if point == "before the key is destroyed":
            os.kill(os.getpid(), 9)
        self._vault.destroy(handles)
        os.kill(os.getpid(), 9)

with opened(Settings(data=Path(data), database=database)) as application:
    outside = application.outside(DatabaseRole.OWNER)
    erase(an_order(person), outside=replace(outside, vault=Dying(outside.vault)))
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Say where the keys are, for two processes."""
    return tmp_path / "data"


@pytest.fixture
def running(outside: Outside, data: Path) -> Iterator[InProcess]:
    """Give the main job on an empty database, with the keys of the folder."""
    vault = FileKeyVault.open(data / "keys" / "root.key")
    with InProcess.running(replace(outside, vault=vault)) as found:
        yield found


@pytest.fixture
def child(running: InProcess) -> PersonId:
    """Give a child of whom something is stored."""
    (person,) = running.decide(the_child()).decision.subjects
    running.receive(a_message("m1", a_record("r1")))
    running.settle()
    return person


def test_killed_in_the_first_transaction_nothing_has_happened(
    running: InProcess, child: PersonId, data: Path
):
    """Everything is as it was, and can be erased."""
    _erase_and_die(running, data, child, "in the first transaction")

    assert len(running.stored(child)) == 1
    assert running.ledger(LedgerEvent.PERSON_ERASED) == []
    assert erased(child, running.outside).handles


@pytest.mark.parametrize(
    ("point", "how"),
    [("before the key is destroyed", "erase"), ("before that is entered", "verify")],
)
def test_killed_later_they_are_nobody_already_and_whoever_looks_next_finishes(
    running: InProcess, child: PersonId, data: Path, point: str, how: str
):
    """What is held is gone from every table; that the key is gone is said once it is, and once."""
    before = running.outside.vault.counts()[1]  # keys of earlier tests, which are copied
    _erase_and_die(running, data, child, point)
    assert running.person(the_child()) is None
    assert running.count("record") == 0
    assert len(running.ledger(LedgerEvent.PERSON_ERASED)) == 1
    assert running.ledger(LedgerEvent.KEY_DESTROYED) == []

    for _ in range(2):
        if how == "erase":
            erased(child, running.outside)
        else:
            assert verify_keys(running.outside).is_well

    assert len(running.ledger(LedgerEvent.KEY_DESTROYED)) == 1
    assert running.outside.vault.counts()[1] == before + 1
    assert running.count("(SELECT FROM erasure WHERE destroyed_at IS NULL) AS unfinished") == 0


def test_what_was_written_about_them_meanwhile_goes_at_the_end(
    running: InProcess, child: PersonId, data: Path
):
    """A transaction that began before the order may still write, under a key that goes."""
    _erase_and_die(running, data, child, "before the key is destroyed")
    with running.outside.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO case_load (agency_code, person_id, record_key) VALUES ('A', :p, 'k')"
            ),
            {"p": child},
        )

    finish_erasures(running.outside)

    assert running.count("case_load") == 0
    kept = set(Traces(running.outside).rows_naming(child))
    assert kept <= {
        *("public.person", "public.erasure", "public.ledger_entry", "public.outbox"),
        *("topic profiles.changed", "topic sharing.decisions", "topic records.health-visiting"),
    }


def _erase_and_die(running: InProcess, data: Path, person: PersonId, point: str) -> None:
    database = running.outside.engine.url.render_as_string(hide_password=False)
    words = [sys.executable, "-c", _DYING, str(data), database, person, point]
    assert subprocess.run(words, cwd=ROOT, check=False).returncode == -9

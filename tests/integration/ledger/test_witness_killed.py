"""A witness that is killed remembers what it cosigned, and runs where there is no database."""

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from random import Random

import pytest

from consent.transparency.signed_note import NoteSignature
from consent.transparency.witness import AddCheckpoint
from services.ledger.witness.postgres import (
    OtherSizeSeen,
    WitnessRefusedError,
    WitnessUnavailableError,
)
from tests.support.checkout import ROOT
from tests.support.ledger.witness_builders import GrowingLog
from tests.support.ledger.witness_process import RunningWitness, command, make_key, running_witness
from tests.support.waiting import GENEROUS, eventually

pytestmark = pytest.mark.enable_socket

LOG = GrowingLog()
FORK = GrowingLog(branch=b"fork")
_KILLS = 4
_AT_ONCE = 6


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give the folder of a witness that has its key."""
    make_key(tmp_path)
    return tmp_path


@pytest.fixture
def witness(folder: Path) -> Iterator[RunningWitness]:
    """Give one that runs."""
    with running_witness(folder) as running:
        yield running


def _request(log: GrowingLog, old: int, new: int) -> AddCheckpoint:
    return AddCheckpoint(old, tuple(log.proof(old, new)), log.note(new))


def test_a_witness_cosigns_over_http(witness: RunningWitness):
    """From nothing, onwards, and it tells what it saw to who does not know."""
    client = witness.client()

    assert isinstance(client.ask(_request(LOG, 0, 3)), NoteSignature)
    assert isinstance(client.ask(_request(LOG, 3, 10)), NoteSignature)
    assert client.ask(_request(LOG, 0, 12)) == OtherSizeSeen(10)
    with pytest.raises(WitnessRefusedError) as refused:
        client.ask(_request(FORK, 10, 12))
    assert refused.value.status == 422


def test_of_several_at_once_one_advances(witness: RunningWitness):
    """All prove from the same tree; the others are told what came in between."""
    witness.client().ask(_request(LOG, 0, 3))

    def ask(size: int) -> NoteSignature | OtherSizeSeen:
        return witness.client().ask(_request(LOG, 3, size))

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = list(pool.map(ask, range(4, 4 + _AT_ONCE)))

    (winner,) = [n for n, each in enumerate(answers) if isinstance(each, NoteSignature)]
    assert {each for n, each in enumerate(answers) if n != winner} == {OtherSizeSeen(4 + winner)}


def test_killing_a_witness_makes_it_forget_nothing(folder: Path):
    """Whatever it has answered, it never afterwards takes a smaller or another tree."""
    random = Random(5)
    answered = 0

    for _ in range(_KILLS):
        with running_witness(folder) as running, ThreadPoolExecutor(1) as pool:
            answers: list[int] = []
            working = pool.submit(_grow, running, answered, answers)
            assert eventually(partial(bool, answers))
            time.sleep(random.uniform(0.05, 0.5))
            running.kill()
            answered = max(answered, working.result())

    with running_witness(folder) as running:
        seen = running.client().ask(_request(LOG, 10_000, 10_000))
        assert isinstance(seen, OtherSizeSeen)
        # What it took but died before answering is remembered too.
        assert seen.size in {answered, answered + 1}
        with pytest.raises(WitnessRefusedError):
            running.client().ask(_request(FORK, seen.size, seen.size + 1))


def _grow(running: RunningWitness, seen: int, answers: list[int]) -> int:
    """Have larger and larger trees cosigned until it dies; gives the last that was answered.

    Each size that was answered is added to `answers`.
    """
    client = running.client()
    try:
        while True:
            answer = client.ask(_request(LOG, seen, seen + 1))
            seen = answer.size if isinstance(answer, OtherSizeSeen) else seen + 1
            answers.append(seen)
    except WitnessUnavailableError:
        return seen


def test_a_witness_without_its_state_does_not_start(folder: Path):
    """It has cosigned before, and would not know what."""
    with running_witness(folder):
        pass
    (folder / "witness.state").unlink()

    files = ("--key-file", folder / "witness.key", "--state", folder / "witness.state")
    done = subprocess.run(
        command(*files, "--origin", str(FORK.signer.verifier_key)),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=GENEROUS,
    )

    assert done.returncode == 2
    assert done.stdout == ""
    assert "missing" in done.stderr


def test_a_witness_imports_nothing_that_speaks_to_a_database():
    """Another organisation runs it with a key and a file."""
    check = (
        "import sys, services.__main__, services.cli.ledger.witness, services.ledger.witness.app\n"
        "from services.cli.commands import build_parser\n"
        "build_parser(['ledger', 'witness'])\n"
        "found = {'sqlalchemy', 'psycopg', 'kafka', 'alembic', 'fhir'} & set(sys.modules)\n"
        "assert not found, found\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr

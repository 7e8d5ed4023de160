"""A ledger and a witness of another organisation, over HTTP: what is handed out is cosigned."""

import argparse
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Engine, text

from consent.transparency.checkpoint import LedgerSigner
from services.cli.ledger.commands import add_arguments
from services.ledger.postgres_access import LedgerAccess, SignedCopy
from services.ledger.postgres_published import PublishedLedgerOnDatabase
from services.ledger.witness.postgres import WitnessAddress
from services.platform.clock import SystemClock
from services.platform.logging import LogEvent
from services.workers.witnesses import witnessing
from tests.support.ledger.ledger_builders import SIGNER, an_entry
from tests.support.ledger.witness_process import NAME, RunningWitness, make_key, running_witness
from tests.support.waiting import eventually

pytestmark = [pytest.mark.postgres, pytest.mark.enable_socket]

KEY = str(SIGNER.verifier_key)
Run = Callable[..., tuple[int, str]]


class _Stopping:
    """As services.platform.loops.Stopping, without the signals of a process."""

    def __init__(self) -> None:
        self._event = Event()

    def ask(self) -> None:
        self._event.set()

    def is_asked(self) -> bool:
        return self._event.is_set()

    def wait(self, seconds: float) -> None:
        self._event.wait(min(seconds, 0.05))


class _Log:
    def __init__(self) -> None:
        self.told: list[str] = []

    def warning(self, event: LogEvent, **facts: object) -> None:
        self.told.append(f"{event} {facts.get('error')}")


@dataclass(frozen=True)
class _Application:
    engine: Engine
    witnesses: Sequence[WitnessAddress]
    ledger_copy: SignedCopy
    ledger_signer: LedgerSigner = SIGNER
    clock: SystemClock = field(default_factory=SystemClock)


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[RunningWitness]:
    """Give a witness that looks after our log."""
    make_key(tmp_path)
    with running_witness(tmp_path) as running:
        yield running


@pytest.fixture
def application(ledger_engine: Engine, witness: RunningWitness, tmp_path: Path) -> _Application:
    """Give a witnessed ledger of 25 entries, not signed yet."""
    access = LedgerAccess(ledger_engine, signer=SIGNER)
    access.append([an_entry(number=number) for number in range(25)])
    copy = SignedCopy(tmp_path / "ledger.checkpoint")
    return _Application(ledger_engine, [witness.address], copy)


@pytest.fixture
def run(application: _Application, capsys: pytest.CaptureFixture[str]) -> Run:
    """Give a function that runs a ledger command on it."""

    def run_command(*arguments: object) -> tuple[int, str]:
        parser = argparse.ArgumentParser()
        add_arguments(parser.add_subparsers())
        args = parser.parse_args(["ledger", *map(str, arguments)])
        code = args.run(args, application=application)
        return code, capsys.readouterr().out

    return run_command


def test_a_checkpoint_is_handed_out_cosigned(run: Run, witness: RunningWitness, tmp_path: Path):
    """Who checks it needs the two keys and nothing else."""
    note = tmp_path / "note"
    code, out = run("checkpoint")
    note.write_text(out)

    checked, told = run("check-note", note, "--key", KEY, witness.address.key, "--json")

    assert (code, checked) == (0, 0)
    assert json.loads(told)["signed_by"] == [SIGNER.name, NAME]
    assert [each["name"] for each in json.loads(told)["cosigned"]] == [NAME]


def test_a_receipt_carries_a_cosigned_checkpoint(
    run: Run, witness: RunningWitness, ledger_engine: Engine, tmp_path: Path
):
    """Also when the witness is away later: the newest that it has cosigned and that covers it."""
    run("checkpoint")
    witness.kill()
    LedgerAccess(ledger_engine, signer=SIGNER).append([an_entry(number=99)])
    receipts = {index: tmp_path / f"{index}.tlog-proof" for index in (3, 25)}
    for index, receipt in receipts.items():
        receipt.write_text(run("prove", index)[1])

    told = {
        index: json.loads(
            run("check-proof", receipt, "--key", KEY, witness.address.key, "--json")[1]
        )
        for index, receipt in receipts.items()
    }

    assert (told[3]["size"], told[3]["signed_by"]) == (25, [SIGNER.name, NAME])
    assert (told[25]["size"], told[25]["signed_by"]) == (26, [SIGNER.name])


def test_an_export_verifies_with_and_without_the_witness(
    run: Run, witness: RunningWitness, tmp_path: Path
):
    """Its line is verified by whoever knows its key, and lets everyone else pass."""
    file = tmp_path / "ledger.jsonl"
    run("checkpoint")
    run("export", file)
    content = file.read_text()
    forged = content.replace(f"— {NAME} ", f"— {NAME} A", 1)

    assert NAME in content
    assert run("verify", file, "--key", KEY)[0] == 0
    assert run("verify", file, "--key", KEY, witness.address.key)[0] == 0
    assert run("verify", file, "--key", witness.address.key)[0] == 3, "a witness is not the log"
    file.write_text(forged)
    assert run("verify", file, "--key", KEY, witness.address.key)[0] == 1


def test_what_is_published_is_cosigned(run: Run, ledger_engine: Engine):
    """A monitor gets it from the same place as the log's own signature."""
    run("checkpoint")

    note = PublishedLedgerOnDatabase(ledger_engine).checkpoint()

    assert note is not None
    assert [line.split()[1] for line in note.splitlines() if line.startswith("—")] == [
        SIGNER.name,
        NAME,
    ]


def test_the_relay_asks_beside_its_work(application: _Application):
    """Again and again, also after the database was away for a while."""
    stopping, log = _Stopping(), _Log()
    access = LedgerAccess(application.engine, signer=SIGNER)

    with witnessing(application, stopping, log):
        _rename(application.engine, "ledger_checkpoint", "elsewhere")
        assert eventually(lambda: log.told)
        _rename(application.engine, "elsewhere", "ledger_checkpoint")
        access.integrate()
        assert eventually(lambda: _cosigned(access, application.witnesses[0]) == 25)
        stopping.ask()

    assert set(log.told) == {"step_failed LedgerUnavailableError"}


def test_a_ledger_without_witnesses_asks_nobody(application: _Application):
    """No thread, no log line."""
    log = _Log()

    with witnessing(replace(application, witnesses=()), _Stopping(), log):
        assert "witnessing" not in {thread.name for thread in threading.enumerate()}

    assert log.told == []


def _cosigned(access: LedgerAccess, witness: WitnessAddress) -> int:
    with access.snapshot() as reader:
        return reader.last_cosigned(witness.key)


def _rename(engine: Engine, table: str, new: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE {table} RENAME TO {new}"))

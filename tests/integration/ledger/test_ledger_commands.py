"""`ledger verify`, `checkpoint`, `prove` and `export` on a database."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from consent.transparency.checkpoint import LedgerSigner
from services.audit.integrity.postgres_passes import LedgerPass
from services.cli.ledger.commands import add_arguments
from services.ledger.postgres_access import LedgerAccess, SignedCopy
from services.ledger.postgres_bound_verifying import BoundRowFault
from services.ledger.witness.postgres import WitnessAddress
from tests.support.ledger.ledger_builders import NOW, ORIGIN, SIGNER, an_entry

pytestmark = pytest.mark.postgres

KEY = str(SIGNER.verifier_key)
ENTRIES = [an_entry(number=number) for number in range(25)]


class _Clock:
    def now(self) -> datetime:
        return NOW


@dataclass(frozen=True)
class _Application:
    engine: Engine
    ledger_copy: SignedCopy
    ledger_signer: LedgerSigner = SIGNER
    witnesses: Sequence[WitnessAddress] = ()
    clock: _Clock = field(default_factory=_Clock)
    passes: list[LedgerPass] = field(default_factory=list)

    def bound_row_faults(self) -> Sequence[BoundRowFault]:
        """Give none: this database has a ledger and nothing else."""
        return []

    def keep_pass(self, found: LedgerPass) -> None:
        """Keep what a pass found."""
        self.passes.append(found)


@pytest.fixture
def run(
    ledger_engine: Engine,
    tmp_path_factory: pytest.TempPathFactory,
    capsys: pytest.CaptureFixture[str],
) -> Any:
    """Give a function that runs a ledger command on a ledger of 25 entries."""
    LedgerAccess(ledger_engine, signer=SIGNER).append(ENTRIES)
    copy = SignedCopy(tmp_path_factory.mktemp("keys") / "ledger.checkpoint")

    def run_command(*arguments: object) -> tuple[int, str]:
        parser = argparse.ArgumentParser()
        add_arguments(parser.add_subparsers())
        args = parser.parse_args(["ledger", *map(str, arguments)])
        code = args.run(args, application=_Application(ledger_engine, copy))
        return code, capsys.readouterr().out

    return run_command


def test_the_ledger_of_a_database_is_verified(run: Any):
    """Entries that wait for their place get it first."""
    code, out = run("verify", "--json")

    assert code == 0
    told = json.loads(out)
    assert (told["valid"], told["trusted"], told["errors"]) == (True, True, [])
    assert (told["entries"], told["checkpoints"]) == (25, 1)


def test_a_changed_entry_fails_the_verification(run: Any, ledger_engine: Engine):
    """The document names it."""
    run("checkpoint")
    with ledger_engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(
            text("UPDATE ledger_entry SET body = set_byte(body, 99, 48) WHERE seq = 7")
        )

    code, out = run("verify", "--json")

    assert code == 1
    assert 6 in [error["index"] for error in json.loads(out)["errors"]]


def test_a_broken_tree_fails_the_verification(run: Any, ledger_engine: Engine):
    """The integrator's refusal is one of the errors, not the end."""
    run("checkpoint")
    with ledger_engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("DELETE FROM ledger_leaf WHERE idx = 24"))

    code, out = run("verify", "--json")

    assert code == 1
    assert any("nothing is signed" in error["what"] for error in json.loads(out)["errors"])


def test_another_key_does_not_verify_it(run: Any):
    """The caller may bring the key it trusts."""
    code, _ = run("verify", "--key", LedgerSigner(ORIGIN, bytes(32)).verifier_key)

    assert code == 1


def test_a_checkpoint_is_printed_as_it_is_signed(run: Any, tmp_path: Path):
    """It passes check-note, and later a verification against it."""
    note = tmp_path / "note"
    code, out = run("checkpoint")
    note.write_text(out)

    assert code == 0
    assert run("check-note", note, "--key", KEY)[0] == 0
    assert run("verify", "--held", note)[0] == 0


@pytest.mark.parametrize("how", ["index", "entry id"])
def test_a_receipt_is_printed_and_passes(run: Any, tmp_path: Path, how: str):
    """By the entry's number or its id."""
    receipt = tmp_path / "receipt"
    code, out = run("prove", 13 if how == "index" else ENTRIES[13].entry_id)
    receipt.write_text(out)

    assert code == 0
    code, out = run("check-proof", receipt, "--key", KEY, "--json")
    assert code == 0
    assert json.loads(out)["entry"] == ENTRIES[13].body.decode()


@pytest.mark.parametrize("wanted", ["25", "99999999999999999999", "nonsense"])
def test_what_is_not_there_has_no_receipt(run: Any, wanted: str):
    """Exit 1."""
    assert run("prove", wanted) == (1, "")


def test_an_entry_of_another_ledger_has_no_receipt(run: Any):
    """Exit 1."""
    assert run("prove", str(an_entry().entry_id)) == (1, "")


@pytest.mark.parametrize("name", ["ledger.jsonl", "ledger.jsonl.zst"])
def test_an_export_verifies_offline_and_is_recorded(run: Any, tmp_path: Path, name: str):
    """That it was made is the last entry in it."""
    file = tmp_path / name
    code, out = run("export", file, "--json")

    assert code == 0
    assert json.loads(out)["entries"] == 26
    code, out = run("verify", file, "--key", KEY, "--json")
    assert code == 0
    told = json.loads(out)
    assert (told["valid"], told["trusted"], told["errors"]) == (True, True, [])
    assert (told["entries"], told["checkpoints"]) == (26, 1)
    assert list(tmp_path.iterdir()) == [file]


def test_an_export_goes_to_standard_output(run: Any):
    """And nothing else does."""
    code, out = run("export", "-")

    assert code == 0
    assert out.splitlines()[-1] == '{"checkpoints":1,"end":true,"entries":26}'

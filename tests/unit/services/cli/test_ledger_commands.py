"""`ledger check-note`, `check-proof` and `verify EXPORT`: no database, no application."""

import argparse
import json
from pathlib import Path

import pytest

from consent.ledger.merkle import leaf_hash
from consent.transparency.checkpoint import LedgerSigner, TlogProof
from consent.transparency.signed_note import add_signatures, parse_note
from services.cli.ledger.commands import add_arguments, needs_application
from tests.support.ledger.ledger_builders import NOW, ORIGIN, SIGNER, an_entry
from tests.support.ledger.ledger_commands import RunLedger, ledger_runner
from tests.support.ledger.witness_builders import COSIGNER

KEY = str(SIGNER.verifier_key)
STRANGER = LedgerSigner("stranger.example", bytes(32))
ENTRY = an_entry(number=3)
NOTE = SIGNER.sign_checkpoint(size=1, root=leaf_hash(ENTRY.body))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> RunLedger:
    """Give the function that runs a command."""
    return ledger_runner(capsys)


@pytest.fixture
def note(tmp_path: Path) -> Path:
    """Give the file of a checkpoint."""
    path = tmp_path / "checkpoint"
    path.write_text(NOTE)
    return path


def test_a_checkpoint_by_a_known_key_passes(run: RunLedger, note: Path):
    """The document says what it is and who signed it."""
    ran = run("check-note", note, "--key", KEY, "--json")

    assert ran.code == 0
    assert ran.document == {
        "origin": ORIGIN,
        "size": 1,
        "root": NOTE.splitlines()[2],
        "signed_by": [ORIGIN],
        "unknown_signers": [],
        "cosigned": [],
    }


def test_a_cosigned_checkpoint_tells_who_saw_it_and_when(run: RunLedger, note: Path):
    """A witness' key alone will do; whose key is not given is unknown."""
    line = COSIGNER.cosign(parse_note(NOTE).text, at=NOW)
    note.write_text(add_signatures(NOTE, [line]))

    ran = run("check-note", note, "--key", COSIGNER.verifier_key, "--json")

    assert ran.code == 0
    assert ran.document["signed_by"] == [COSIGNER.name]
    assert ran.document["unknown_signers"] == [ORIGIN]
    assert ran.document["cosigned"] == [{"name": COSIGNER.name, "at": "2026-03-02T09:30:00Z"}]


def test_a_checkpoint_by_nobody_known_fails(run: RunLedger, note: Path):
    """It is described all the same."""
    ran = run("check-note", note, "--key", STRANGER.verifier_key, "--json")

    assert ran.code == 1
    assert ran.document["size"] == 1
    assert ran.document["signed_by"] == []
    assert ran.document["unknown_signers"] == [ORIGIN]


@pytest.mark.parametrize("order", ["file first", "keys first", "keys together", "keys apart"])
def test_keys_and_file_come_in_any_order(run: RunLedger, note: Path, order: str):
    """Several keys after one --key, or one after each."""
    other = str(STRANGER.verifier_key)
    arguments = {
        "file first": (note, "--key", other, "--key", KEY),
        "keys first": ("--key", other, KEY, note),
        "keys together": (note, "--key", other, KEY),
        "keys apart": ("--key", KEY, "--key", other, note),
    }[order]

    ran = run("check-note", *arguments, "--json")

    assert ran.code == 0
    assert ran.document["signed_by"] == [ORIGIN]


def test_a_changed_checkpoint_fails(run: RunLedger, note: Path):
    """A known key's signature that fails is told."""
    note.write_text(NOTE.replace("\n1\n", "\n2\n"))

    ran = run("check-note", note, "--key", KEY, "--json")

    assert ran.code == 1
    assert "fails" in ran.err
    assert ran.document["signed_by"] == []


def test_what_is_not_a_checkpoint_fails(run: RunLedger, note: Path):
    """One document all the same, and the reason beside it."""
    note.write_text("nonsense")

    ran = run("check-note", note, "--key", KEY, "--json")

    assert ran.code == 1
    assert ran.document == {
        "origin": None,
        "size": None,
        "root": None,
        "signed_by": [],
        "unknown_signers": [],
        "cosigned": [],
    }
    assert ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("check-note", "/nowhere/at/all", "--key", KEY),
        ("check-note", __file__, "--key", "not a key"),
        ("check-note", __file__, "--key", KEY[:-1]),
        ("check-note", "--key", KEY),
        ("check-proof", "/nowhere/at/all", "--key", KEY),
        ("verify", "/nowhere/at/all", "--key", KEY),
    ],
    ids=["no file", "no key", "bad key", "no file named", "no receipt", "no export"],
)
def test_a_mistake_in_the_arguments_is_told(run: RunLedger, arguments: tuple[str, ...]):
    """Exit 2, and nothing on standard output."""
    ran = run(*arguments)

    assert ran.code == 2
    assert ran.out == ""
    assert ran.err


def test_a_receipt_proves_the_entry_it_carries(run: RunLedger, tmp_path: Path):
    """Nothing but the receipt and a key is needed."""
    receipt = tmp_path / "receipt.tlog-proof"
    receipt.write_text(str(TlogProof(0, (), NOTE, extra=ENTRY.body)))

    ran = run("check-proof", receipt, "--key", KEY, "--json")

    assert ran.code == 0
    assert ran.document["valid"] is True
    assert json.loads(ran.document["entry"])["event"] == "search:made"


def test_a_receipt_without_its_entry_takes_it_from_a_file(run: RunLedger, tmp_path: Path):
    """Another entry is refused."""
    receipt, entry, other = (tmp_path / name for name in ("receipt", "entry", "other"))
    receipt.write_text(str(TlogProof(0, (), NOTE)))
    entry.write_bytes(ENTRY.body)
    other.write_bytes(an_entry(number=4).body)

    assert run("check-proof", receipt, "--key", KEY, "--entry", entry).code == 0
    assert run("check-proof", receipt, "--key", KEY, "--entry", other).code == 1
    assert run("check-proof", receipt, "--key", KEY).code == 2


def test_a_receipt_signed_by_a_stranger_fails(run: RunLedger, tmp_path: Path):
    """The proof may be in order; nobody known vouches for the root."""
    receipt = tmp_path / "receipt"
    receipt.write_text(str(TlogProof(0, (), NOTE, extra=ENTRY.body)))

    ran = run("check-proof", receipt, "--key", STRANGER.verifier_key, "--json")

    assert ran.code == 1
    assert ran.document["valid"] is False


def test_commands_on_the_database_need_the_application():
    """The program builds one only for them."""
    parser = argparse.ArgumentParser()
    add_arguments(parser.add_subparsers())

    for arguments in (["verify"], ["checkpoint"], ["prove", "0"], ["export", "file"]):
        assert needs_application(parser.parse_args(["ledger", *arguments]))


def test_json_may_come_from_a_parent():
    """The program's own arguments are not added twice."""
    parent = argparse.ArgumentParser(add_help=False)
    parent.add_argument("--json", action="store_true")
    parser = argparse.ArgumentParser()
    add_arguments(parser.add_subparsers(), parents=[parent])

    assert parser.parse_args(["ledger", "checkpoint", "--json"]).json

"""`ledger check-note`, `check-proof` and `verify EXPORT`: no database, no application."""

import argparse
import json
from pathlib import Path
from typing import Any

import pytest
import zstandard

from consent.checkpoint import LedgerSigner
from consent.merkle import leaf_hash
from consent.tlog_proof import TlogProof
from services.audit.ledger_export import write_export
from services.cli.ledger import add_arguments, needs_application
from tests.support.ledger_builders import ORIGIN, SIGNER, a_log, an_entry

KEY = str(SIGNER.verifier_key)
STRANGER = LedgerSigner("stranger.example", bytes(32))
ENTRY = an_entry(number=3)
NOTE = SIGNER.sign_checkpoint(size=1, root=leaf_hash(ENTRY.body))


class _Ran:
    """What one command answered."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err

    @property
    def document(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    """Give a function that runs a ledger command that needs no application."""

    def run_command(*arguments: object) -> _Ran:
        parser = argparse.ArgumentParser()
        add_arguments(parser.add_subparsers())
        args = parser.parse_args(["ledger", *map(str, arguments)])
        assert not needs_application(args)
        code = args.run(args, application=None)
        captured = capsys.readouterr()
        return _Ran(code, captured.out, captured.err)

    return run_command


@pytest.fixture
def note(tmp_path: Path) -> Path:
    """Give the file of a checkpoint."""
    path = tmp_path / "checkpoint"
    path.write_text(NOTE)
    return path


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Give the file of an export of twenty entries."""
    path = tmp_path / "ledger.jsonl"
    items = a_log([an_entry(number=number) for number in range(20)], signed_at=[7])
    path.write_bytes(b"".join(write_export(items, keys=[SIGNER.verifier_key])))
    return path


def test_a_checkpoint_by_a_known_key_passes(run: Any, note: Path):
    """The document says what it is and who signed it."""
    ran = run("check-note", note, "--key", KEY, "--json")

    assert ran.code == 0
    assert ran.document == {
        "origin": ORIGIN,
        "size": 1,
        "root": NOTE.splitlines()[2],
        "signed_by": [ORIGIN],
        "unknown_signers": [],
    }


def test_a_checkpoint_by_nobody_known_fails(run: Any, note: Path):
    """It is described all the same."""
    ran = run("check-note", note, "--key", STRANGER.verifier_key, "--json")

    assert ran.code == 1
    assert ran.document["size"] == 1
    assert ran.document["signed_by"] == []
    assert ran.document["unknown_signers"] == [ORIGIN]


@pytest.mark.parametrize("order", ["file first", "keys first", "keys together", "keys apart"])
def test_keys_and_file_come_in_any_order(run: Any, note: Path, order: str):
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


def test_a_changed_checkpoint_fails(run: Any, note: Path):
    """A known key's signature that fails is told."""
    note.write_text(NOTE.replace("\n1\n", "\n2\n"))

    ran = run("check-note", note, "--key", KEY, "--json")

    assert ran.code == 1
    assert "fails" in ran.err
    assert ran.document["signed_by"] == []


def test_what_is_not_a_checkpoint_fails(run: Any, note: Path):
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
def test_a_mistake_in_the_arguments_is_told(run: Any, arguments: tuple[str, ...]):
    """Exit 2, and nothing on standard output."""
    ran = run(*arguments)

    assert ran.code == 2
    assert ran.out == ""
    assert ran.err


def test_a_receipt_proves_the_entry_it_carries(run: Any, tmp_path: Path):
    """Nothing but the receipt and a key is needed."""
    receipt = tmp_path / "receipt.tlog-proof"
    receipt.write_text(str(TlogProof(0, (), NOTE, extra=ENTRY.body)))

    ran = run("check-proof", receipt, "--key", KEY, "--json")

    assert ran.code == 0
    assert ran.document["valid"] is True
    assert json.loads(ran.document["entry"])["event"] == "search:made"


def test_a_receipt_without_its_entry_takes_it_from_a_file(run: Any, tmp_path: Path):
    """Another entry is refused."""
    receipt, entry, other = (tmp_path / name for name in ("receipt", "entry", "other"))
    receipt.write_text(str(TlogProof(0, (), NOTE)))
    entry.write_bytes(ENTRY.body)
    other.write_bytes(an_entry(number=4).body)

    assert run("check-proof", receipt, "--key", KEY, "--entry", entry).code == 0
    assert run("check-proof", receipt, "--key", KEY, "--entry", other).code == 1
    assert run("check-proof", receipt, "--key", KEY).code == 2


def test_a_receipt_signed_by_a_stranger_fails(run: Any, tmp_path: Path):
    """The proof may be in order; nobody known vouches for the root."""
    receipt = tmp_path / "receipt"
    receipt.write_text(str(TlogProof(0, (), NOTE, extra=ENTRY.body)))

    ran = run("check-proof", receipt, "--key", STRANGER.verifier_key, "--json")

    assert ran.code == 1
    assert ran.document["valid"] is False


@pytest.mark.parametrize("form", ["plain", "compressed"])
def test_an_export_is_verified(run: Any, export: Path, form: str):
    """Compressed or not is told by its content."""
    if form == "compressed":
        export.write_bytes(zstandard.ZstdCompressor().compress(export.read_bytes()))

    ran = run("verify", export, "--key", KEY, "--json")

    assert ran.code == 0
    assert ran.document == {"valid": True, "entries": 20, "checkpoints": 2, "errors": []}


def test_an_export_without_a_key_warns(run: Any, export: Path):
    """The key it names itself proves only that it is whole."""
    ran = run("verify", export, "--json")

    assert ran.code == 0
    assert "warning" in ran.err


def test_an_export_signed_by_another_key_is_not_valid(run: Any, export: Path):
    """The caller's key decides, not the one in the file."""
    ran = run("verify", export, "--key", STRANGER.verifier_key, "--json")

    assert ran.code == 1
    assert ran.document["valid"] is False


def test_a_changed_entry_of_an_export_is_named(run: Any, export: Path):
    """The document says which entry is wrong."""
    entry = an_entry(number=12)
    assert b'"search":"%032x"' % 12 in entry.body
    export.write_bytes(export.read_bytes().replace(b"%032x" % 12, b"%032x" % 13, 1))

    ran = run("verify", export, "--key", KEY, "--json")

    assert ran.code == 1
    assert 12 in [error["index"] for error in ran.document["errors"]]


def test_damage_to_a_compressed_export_is_found(run: Any, export: Path):
    """It reads as cut off."""
    content = bytearray(zstandard.ZstdCompressor().compress(export.read_bytes()))
    content[len(content) // 2] ^= 0xFF
    export.write_bytes(content)

    ran = run("verify", export, "--key", KEY, "--json")

    assert ran.code == 1
    assert ran.document["valid"] is False


def test_what_is_not_an_export_is_not_valid(run: Any, note: Path):
    """One document, one error."""
    ran = run("verify", note, "--key", KEY, "--json")

    assert ran.code == 1
    assert ran.document["entries"] == 0


def test_a_held_checkpoint_is_compared(run: Any, export: Path, tmp_path: Path):
    """An export that begins otherwise, or ends before, is not valid."""
    items = a_log([an_entry(number=number) for number in range(30)], signed_at=[7])
    notes = [item.note for item in items if hasattr(item, "note")]
    early, late = tmp_path / "early", tmp_path / "late"
    early.write_text(notes[0])
    late.write_text(notes[1])

    assert run("verify", export, "--key", KEY, "--held", early).code == 1
    assert run("verify", export, "--key", KEY, "--held", late).code == 1


def test_without_json_the_answer_is_for_people(run: Any, export: Path):
    """The same facts, a line each."""
    ran = run("verify", export, "--key", KEY)

    assert "valid: True" in ran.out


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

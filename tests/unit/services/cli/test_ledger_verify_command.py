"""`ledger verify EXPORT` needs no database and no application."""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest
import zstandard

from consent.ledger.merkle import leaf_hash
from consent.transparency.checkpoint import LedgerSigner
from services.cli.output import REFUSED
from services.ledger.export import write_export
from tests.support.ledger.ledger_builders import SIGNER, a_log, an_entry
from tests.support.ledger.ledger_commands import RunLedger, ledger_runner
from tests.support.ledger.witness_builders import COSIGNER

KEY = str(SIGNER.verifier_key)
STRANGER = LedgerSigner("stranger.example", bytes(32))
ENTRY = an_entry(number=3)
_MATERIAL = b"\x7f" + bytes(40)
_OF_TOMORROW = "+".join(
    (
        "tomorrow.example",
        sha256(b"tomorrow.example\n" + _MATERIAL).hexdigest()[:8],
        b64encode(_MATERIAL).decode(),
    )
)
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


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Give the file of an export of twenty entries."""
    path = tmp_path / "ledger.jsonl"
    items = a_log([an_entry(number=number) for number in range(20)], signed_at=[7])
    path.write_bytes(b"".join(write_export(items, keys=[SIGNER.verifier_key])))
    return path


@pytest.mark.parametrize("form", ["plain", "compressed"])
def test_an_export_is_verified(run: RunLedger, export: Path, form: str):
    """Compressed or not is told by its content."""
    if form == "compressed":
        export.write_bytes(zstandard.ZstdCompressor().compress(export.read_bytes()))

    ran = run("verify", export, "--key", KEY, "--json")

    assert ran.code == 0
    assert ran.document == {
        "valid": True,
        "trusted": True,
        "entries": 20,
        "checkpoints": 2,
        "covers_until": "2026-03-02T09:30:00.000000Z",
        "rows_compared": False,
        "errors": [],
    }


@pytest.mark.parametrize("others", [(), ("--key", COSIGNER.verifier_key)], ids=["no key", "other"])
def test_an_export_without_a_key_of_its_log_is_not_trusted(
    run: RunLedger, export: Path, others: tuple[object, ...]
):
    """The key it names itself proves only that it is whole: whoever forged it would name theirs."""
    ran = run("verify", export, *others, "--json")

    assert (ran.code, ran.document["valid"], ran.document["trusted"]) == (REFUSED, True, False)
    assert "not whose it is" in ran.err


def test_an_export_that_a_stranger_signed_anew_is_not_trusted(run: RunLedger, tmp_path: Path):
    """Whole, with the stranger's own key in it."""
    forged = tmp_path / "forged"
    items = a_log([ENTRY], signer=STRANGER)
    forged.write_bytes(b"".join(write_export(items, keys=[STRANGER.verifier_key])))

    assert run("verify", forged, "--json").code == REFUSED
    assert run("verify", forged, "--key", KEY, "--json").code == 1


def test_keys_of_other_kinds_are_passed_over(run: RunLedger, export: Path):
    """A witness's key beside the log's, or one that signs in a way of tomorrow."""
    for other in (COSIGNER.verifier_key, _OF_TOMORROW):
        ran = run("verify", export, "--key", other, KEY, "--json")

        assert (ran.code, ran.document["trusted"]) == (0, True)


def test_an_export_signed_by_another_key_is_not_valid(run: RunLedger, export: Path):
    """The caller's key decides, not the one in the file."""
    ran = run("verify", export, "--key", STRANGER.verifier_key, "--json")

    assert ran.code == 1
    assert ran.document["valid"] is False


def test_a_changed_entry_of_an_export_is_named(run: RunLedger, export: Path):
    """The document says which entry is wrong."""
    entry = an_entry(number=12)
    assert b'"search":"%032x"' % 12 in entry.body
    export.write_bytes(export.read_bytes().replace(b"%032x" % 12, b"%032x" % 13, 1))

    ran = run("verify", export, "--key", KEY, "--json")

    assert ran.code == 1
    assert 12 in [error["index"] for error in ran.document["errors"]]


def test_damage_to_a_compressed_export_is_found(run: RunLedger, export: Path):
    """It reads as cut off."""
    content = bytearray(zstandard.ZstdCompressor().compress(export.read_bytes()))
    content[len(content) // 2] ^= 0xFF
    export.write_bytes(content)

    ran = run("verify", export, "--key", KEY, "--json")

    assert ran.code == 1
    assert ran.document["valid"] is False


def test_what_is_not_an_export_is_not_valid(run: RunLedger, note: Path):
    """One document, one error."""
    ran = run("verify", note, "--key", KEY, "--json")

    assert ran.code == 1
    assert ran.document["entries"] == 0


def test_a_held_checkpoint_is_compared(run: RunLedger, export: Path, tmp_path: Path):
    """An export that begins otherwise, or ends before, is not valid."""
    items = a_log([an_entry(number=number) for number in range(30)], signed_at=[7])
    notes = [item.note for item in items if hasattr(item, "note")]
    early, late = tmp_path / "early", tmp_path / "late"
    early.write_text(notes[0])
    late.write_text(notes[1])

    assert run("verify", export, "--key", KEY, "--held", early).code == 1
    assert run("verify", export, "--key", KEY, "--held", late).code == 1


def test_without_json_the_answer_is_for_people(run: RunLedger, export: Path):
    """The same facts, a line each."""
    ran = run("verify", export, "--key", KEY)

    assert "valid: True" in ran.out

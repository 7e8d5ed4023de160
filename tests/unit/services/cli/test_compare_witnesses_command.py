"""`ledger compare-witnesses` finds a log that shows two histories."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from consent.transparency.checkpoint import Checkpoint
from consent.transparency.signed_note import add_signatures, parse_note
from consent.transparency.witness import Cosigner
from services.cli.output import REFUSED
from services.ledger.export import write_export
from tests.support.ledger.ledger_builders import SIGNER, a_log, an_entry
from tests.support.ledger.ledger_commands import RunLedger, ledger_runner
from tests.support.ledger.witness_builders import COSIGNER, OTHER_COSIGNER, GrowingLog

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
KEYS = [str(key) for key in (SIGNER.verifier_key, COSIGNER.verifier_key)]
ENTRIES = [an_entry(number=number) for number in range(6)]

Seen = Callable[[str, Cosigner], str]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> RunLedger:
    """Give the function that runs a command."""
    return ledger_runner(capsys)


@pytest.fixture
def seen(tmp_path: Path) -> Seen:
    """Write down a checkpoint as a witness cosigned it; gives the file."""

    def write(note: str, witness: Cosigner) -> str:
        cosigned = add_signatures(note, [witness.cosign(parse_note(note).text, at=AT)])
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.note"
        path.write_text(cosigned)
        return str(path)

    return write


def test_two_who_saw_one_tree(run: RunLedger, seen: Seen):
    """It says who of those that are known cosigned what."""
    files = [seen(GrowingLog().note(5), witness) for witness in (COSIGNER, OTHER_COSIGNER)]

    ran = run("compare-witnesses", *files, "--key", *KEYS, "--json")

    assert (ran.code, ran.document["seen"]) == (0, "one-tree")
    assert [note["cosigned"] for note in ran.document["notes"]] == [[COSIGNER.name], []]


def test_two_who_saw_different_trees_of_one_size(run: RunLedger, seen: Seen):
    """The log has signed both: that is the proof."""
    one = seen(GrowingLog().note(5), COSIGNER)
    other = seen(GrowingLog(branch=b"other").note(5), OTHER_COSIGNER)

    ran = run("compare-witnesses", one, other, "--key", *KEYS, "--json")

    assert (ran.code, ran.document["seen"], ran.document["sizes"]) == (1, "different-trees", [5])


def test_other_sizes_need_the_log(run: RunLedger, seen: Seen, tmp_path: Path):
    """With an export that covers them it can be told, either way; with a shorter one it cannot."""
    items = a_log(ENTRIES, signed_at=[3])
    early, late = (item.note for item in items if hasattr(item, "note"))
    same = [seen(early, COSIGNER), seen(late, OTHER_COSIGNER)]
    apart = [seen(GrowingLog(branch=b"other").note(3), COSIGNER), same[1]]
    export, short = tmp_path / "export", tmp_path / "short"
    export.write_bytes(b"".join(write_export(items, keys=[SIGNER.verifier_key])))
    short.write_bytes(b"".join(write_export(a_log(ENTRIES[:4]), keys=[SIGNER.verifier_key])))

    codes = [
        run("compare-witnesses", *files, *more, "--key", *KEYS).code
        for files, more in (
            (same, ()),
            (same, ("--export", export)),
            (apart, ("--export", export)),
            (same, ("--export", short)),
        )
    ]

    assert codes == [REFUSED, 0, 1, REFUSED]


@pytest.mark.parametrize("other", ["another log", "a stranger", "nothing"])
def test_what_cannot_be_compared_is_bad_usage(
    run: RunLedger, seen: Seen, tmp_path: Path, other: str
):
    """Of another log, signed by nobody who is known, or alone."""
    one = seen(GrowingLog().note(5), COSIGNER)
    files = [one]
    if other == "another log":
        text = str(Checkpoint("other.example/ledger", 5, bytes(32)))
        path = tmp_path / "other"
        path.write_text(str(SIGNER.sign(text)))
        files.append(str(path))
    if other == "a stranger":
        (tmp_path / "stranger").write_text(GrowingLog().note(5).replace(SIGNER.name, "x.example"))
        files.append(str(tmp_path / "stranger"))

    assert run("compare-witnesses", *files, "--key", *KEYS).code == 2

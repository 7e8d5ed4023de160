"""`ledger compare-witnesses`: needs the notes, the keys, and for other sizes an export."""

import argparse
import json
from pathlib import Path
from typing import Any

from consent.errors import ConsentError
from consent.transparency.checkpoint import OpenedCheckpoint, open_checkpoint
from consent.transparency.witness import cosignatures_in
from services.cli.ledger.commands import USAGE_ERROR, UnusableKeyError, given_keys, tell
from services.cli.ledger.files import opened_export
from services.cli.output import REFUSED
from services.ledger.export import ExportReader
from services.ledger.verification import ExportMalformedError
from services.ledger.witness.comparing import ComparedTrees, SeenTrees, compare_trees

_CODES = {SeenTrees.ONE: 0, SeenTrees.DIFFERENT: 1, SeenTrees.CANNOT_BE_TOLD: REFUSED}
_SAID = {
    SeenTrees.ONE: "All of them saw one tree.",
    SeenTrees.DIFFERENT: "They saw different trees: the log has signed two histories.",
    SeenTrees.CANNOT_BE_TOLD: "They are of different sizes: an --export that covers them tells.",
}


def run_compare_witnesses(args: argparse.Namespace, *, application: object = None) -> int:  # noqa: ARG001
    """Compare checkpoints; 0 for one tree, 1 for different ones, 3 where it cannot be told."""
    try:
        keys = given_keys(args)
        files = [*args.notes, *filter(None, [getattr(args, "file_among_keys", None)])]
        notes = {name: open_checkpoint(Path(name).read_bytes(), keys) for name in files}
        origins = {opened.checkpoint.origin for opened in notes.values()}
        if len(notes) < 2 or len(origins) != 1:  # noqa: PLR2004
            return _usage("name two or more checkpoints of one log")
        compared = _compared(list(notes.values()), args.export)
    except (UnusableKeyError, OSError, ConsentError) as error:
        return _usage(error)
    except ExportMalformedError as error:
        return _usage(f"the export: {error.what}")
    _print(args, notes, compared)
    return _CODES[compared.seen]


def _compared(notes: list[OpenedCheckpoint], export: Path | None) -> ComparedTrees:
    checkpoints = [opened.checkpoint for opened in notes]
    if export is None:
        return compare_trees(checkpoints)
    with opened_export(export) as stream:
        return compare_trees(checkpoints, ExportReader(stream))


def _print(
    args: argparse.Namespace, notes: dict[str, OpenedCheckpoint], compared: ComparedTrees
) -> None:
    told = [_told(name, opened) for name, opened in notes.items()]
    document = {"seen": compared.seen.value, "sizes": list(compared.sizes), "notes": told}
    if args.json:
        print(json.dumps(document, ensure_ascii=False))
        return
    for note in told:
        print(f"{note['file']}: {note['size']} entries, cosigned by {note['cosigned'] or 'nobody'}")
    at = f" At {', '.join(map(str, compared.sizes))} entries." if compared.sizes else ""
    print(f"{_SAID[compared.seen]}{at}")


def _told(name: str, opened: OpenedCheckpoint) -> dict[str, Any]:
    cosigned = cosignatures_in(opened.note, opened.signatures)
    return {
        "file": name,
        "origin": opened.checkpoint.origin,
        "size": opened.checkpoint.size,
        "root": opened.checkpoint.root.hex(),
        "cosigned": [each.key.name for each in cosigned],
    }


def _usage(problem: object) -> int:
    tell(str(problem))
    return USAGE_ERROR

"""`ledger check-note`, `check-proof` and `verify EXPORT`: need files and keys, nothing else."""

import argparse
import io
import json
import sys
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import zstandard

from consent.errors import ConsentError
from consent.transparency.checkpoint import (
    Checkpoint,
    OpenedCheckpoint,
    TlogProof,
    open_checkpoint,
    read_checkpoint,
)
from consent.transparency.verifier_key import VerifierKey
from consent.transparency.witness import cosignatures_in
from services.cli.ledger.commands import USAGE_ERROR, UnusableKeyError, given_file, given_keys, tell
from services.cli.output import REFUSED, progress_bar
from services.ledger.export import ExportReader
from services.ledger.verification import (
    ExportMalformedError,
    VerificationError,
    VerificationReport,
    verify_ledger,
)

_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


def run_check_note(args: argparse.Namespace, *, application: object = None) -> int:  # noqa: ARG001
    """Tell what a checkpoint says and who signed it; 0 when a known key did, 1 when not."""
    try:
        keys, content = given_keys(args), _read(given_file(args))
    except (UnusableKeyError, OSError) as error:
        return _usage(error)
    document: dict[str, object] = dict.fromkeys(("origin", "size", "root"))
    document |= {"signed_by": [], "unknown_signers": [], "cosigned": []}
    try:
        opened = read_checkpoint(content, keys)
    except ConsentError as error:
        return _refuse(args, document, str(error))
    document |= _describe(opened)
    for key in opened.signatures.failed:
        tell(f"the signature of {key.name} fails")
    _print(args, document)
    return 0 if opened.signatures.is_trusted else 1


def run_check_proof(args: argparse.Namespace, *, application: object = None) -> int:  # noqa: ARG001
    """Check a receipt; 0 when its entry is in the log that a known key signed, 1 when not."""
    try:
        keys, content = given_keys(args), _read(given_file(args))
        own_entry = None if args.entry is None else _read(args.entry)
    except (UnusableKeyError, OSError) as error:
        return _usage(error)
    try:
        proof = TlogProof.parse(content)
        entry = proof.extra if own_entry is None else own_entry
        if entry is None:
            return _usage("the receipt carries no entry; name it with --entry FILE")
        opened = proof.check(entry, keys)
    except ConsentError as error:
        return _refuse(args, {"valid": False, "error": str(error)}, str(error))
    described = {"valid": True, "index": proof.index, **_describe(opened)}
    _print(args, described | {"entry": entry.decode(errors="replace")})
    return 0


def verify_export(args: argparse.Namespace) -> int:
    """Verify an export; 0 when valid, 1 when not, 3 when no key of the log is given to trust."""
    try:
        held = read_held(args)
        keys = [key for key in given_keys(args) if key.may_sign_logs]
        with opened_export(Path(str(given_file(args)))) as stream:
            report = _verify(stream, keys, held)
    except (UnusableKeyError, OSError) as error:
        return _usage(error)
    except ConsentError as error:
        return _usage(f"the held checkpoint: {error}")
    tell("an export says nothing of the rows of a database: verify the database for that")
    return print_report(args, report, trusted=bool(keys))


def read_held(args: argparse.Namespace) -> Checkpoint | None:
    """Read the checkpoint that the caller has kept, if one was named.

    It is the caller's own; it is believed without a signature when no key is given. Raises
    UnusableKeyError, OSError, and ConsentError when it is not one that a given key signed.
    """
    if args.held is None:
        return None
    content, keys = _read(args.held), given_keys(args)
    opened = open_checkpoint(content, keys) if keys else read_checkpoint(content, keys)
    return opened.checkpoint


def print_report(args: argparse.Namespace, report: VerificationReport, *, trusted: bool) -> int:
    """Print what a verification found; gives the exit code.

    Not `trusted` is what only keys signed that nobody vouched for: whoever forged it made them.
    """
    until = report.covers_until
    document = {
        "valid": report.valid,
        "trusted": trusted,
        "entries": report.entries,
        "checkpoints": report.checkpoints,
        "covers_until": None if until is None else f"{until:%Y-%m-%dT%H:%M:%S.%fZ}",
        "rows_compared": report.rows_compared,
        "errors": [{"index": error.index, "what": error.what} for error in report.errors],
    }
    if report.pending:
        tell(f"{report.pending} entries have no place yet and were not verified")
    if not report.rows_compared:
        tell("an export has no rows of decisions or relationships: they were not compared")
    _print(args, document)
    if not report.valid:
        return 1
    return 0 if trusted else REFUSED


def _verify(
    stream: BinaryIO, keys: Sequence[VerifierKey], held: Checkpoint | None
) -> VerificationReport:
    try:
        reader = ExportReader(stream)
    except ExportMalformedError as error:
        return VerificationReport(0, 0, (VerificationError(error.index, error.what),))
    if not keys:
        tell("no --key of the log is given: this shows that the export is whole, not whose it is")
        keys = reader.named_keys
    with progress_bar("Verifying", total=None) as tell_progress:
        report = verify_ledger(reader, keys=keys, held=held, tell=tell_progress)
    strangers = [key for key in reader.named_keys if key.may_sign_logs and key not in keys]
    if not strangers:
        return report
    problem = f"the export names {strangers[0].name}, whom you do not trust"
    return replace(report, errors=(*report.errors, VerificationError(None, problem)))


@contextmanager
def opened_export(path: Path) -> Iterator[BinaryIO]:
    """Open an export, compressed or not, by its content."""
    with path.open("rb", buffering=1 << 20) as plain:
        magic = plain.read(len(_ZSTD_MAGIC))
        plain.seek(0)
        if magic != _ZSTD_MAGIC:
            yield plain
            return
        with zstandard.ZstdDecompressor().stream_reader(plain, read_across_frames=True) as stream:
            yield io.BufferedReader(_Decompressed(stream), buffer_size=1 << 20)


class _Decompressed(io.RawIOBase):
    """A compressed stream as a raw one; damage reads as the end of it."""

    def __init__(self, stream: zstandard.ZstdDecompressionReader) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            return self._stream.readinto(buffer)
        except zstandard.ZstdError:
            return 0


def _describe(opened: OpenedCheckpoint) -> dict[str, object]:
    return {
        "origin": opened.checkpoint.origin,
        "size": opened.checkpoint.size,
        "root": b64encode(opened.checkpoint.root).decode(),
        "signed_by": [key.name for key in opened.signatures.signed_by],
        "unknown_signers": [each.name for each in opened.signatures.unknown],
        "cosigned": [
            {"name": each.key.name, "at": f"{each.at:%Y-%m-%dT%H:%M:%SZ}"}
            for each in cosignatures_in(opened.note, opened.signatures)
        ],
    }


def _read(file: str | None) -> bytes:
    if file is None:
        raise UnusableKeyError("name the file to check")
    return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()


def _usage(problem: object) -> int:
    tell(str(problem))
    return USAGE_ERROR


def _refuse(args: argparse.Namespace, document: Mapping[str, object], problem: str) -> int:
    tell(problem)
    _print(args, document)
    return 1


def _print(args: argparse.Namespace, document: Mapping[str, object]) -> None:
    if args.json:
        print(json.dumps(document, ensure_ascii=False))
        return
    for name, value in document.items():
        print(f"{name}: {value}")

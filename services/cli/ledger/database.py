"""`ledger verify`, `checkpoint`, `prove` and `export` on the ledger of a database."""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import zstandard

from consent.errors import ConsentError, LedgerBrokenError
from consent.ledger import ledger_entry
from consent.ledger.events import LedgerEvent
from consent.transparency.checkpoint import Checkpoint
from consent.transparency.verifier_key import VerifierKey
from services.audit.integrity.passing import VerifiedApplication, keep_report
from services.cli.ledger.commands import USAGE_ERROR, UnusableKeyError, given_file, given_keys, tell
from services.cli.ledger.files import print_report, read_held, verify_export
from services.cli.operator import operator
from services.cli.output import progress_bar
from services.ledger.export import write_export
from services.ledger.postgres_access import LedgerAccess, LedgerApplication
from services.ledger.postgres_tree import STRIDE
from services.ledger.proving import prove_entry
from services.ledger.verification import VerificationError, VerificationReport, verify_ledger
from services.workers.witnesses import ask_witnesses_once

_NOT_FOUND = 1
_NOT_PROVED = 1


def run_verify(args: argparse.Namespace, *, application: VerifiedApplication) -> int:
    """Verify the ledger, or an export of one; 0 when valid, 1 when not, 3 when nobody vouches."""
    if given_file(args) is not None:
        return verify_export(args)
    access = _access(application)
    try:
        keys = given_keys(args) or access.keys
        held = read_held(args)
    except (UnusableKeyError, OSError, ConsentError) as error:
        tell(str(error))
        return USAGE_ERROR
    begun_at = application.clock.now()
    report = _verify(access, keys, held)
    faults = [VerificationError(None, f"row {fault}") for fault in application.bound_row_faults()]
    report = replace(report, errors=(*report.errors, *faults), rows_compared=True)
    if not given_keys(args):
        keep_report(report, application, begun_at=begun_at, said_by=operator())
    return print_report(args, report, trusted=True)


def run_checkpoint(args: argparse.Namespace, *, application: LedgerApplication) -> int:
    """Sign the ledger as it stands, have it cosigned, and print the checkpoint."""
    access = _access(application)
    done = access.integrate()
    ask_witnesses_once(application)
    with access.snapshot() as reader:
        stored = reader.checkpoint_at(done.size)
    note = done.note if stored is None else stored.note
    document = {"origin": application.ledger_signer.name, "size": done.size, "note": note}
    _print(args, document | {"verifier_key": str(access.keys[0])}, plain=note)
    return 0


def run_prove(args: argparse.Namespace, *, application: LedgerApplication) -> int:
    """Print the receipt of an entry; 1 when there is no such entry."""
    access = _access(application)
    done = access.integrate()
    ask_witnesses_once(application)
    try:
        wanted = _index(args.entry)
        found = None if wanted is None else prove_entry(wanted, access, done)
    except ConsentError as error:
        tell(f"entry {args.entry} cannot be proved, verify the ledger: {error}")
        return _NOT_PROVED
    if found is None:
        tell(f"the ledger has no entry {args.entry}; it has {done.size}")
        return _NOT_FOUND
    document = {"index": found.index, "entry_id": found.entry_id, "size": found.size}
    proof = found.proof
    _print(args, document | {"proof": str(proof)}, plain=str(proof))
    return 0


def run_export(args: argparse.Namespace, *, application: LedgerApplication) -> int:
    """Write an export of the whole ledger; that it was made is an entry of the ledger too."""
    access = _access(application)
    record_export(application, access)
    size = access.integrate().size
    with access.snapshot() as reader, _created(args.file) as stream:
        _write(stream, write_export(reader.log(), keys=access.keys), size)
    document = {"file": args.file, "entries": size, "verifier_key": str(access.keys[0])}
    if args.file == "-":
        tell(f"exported {size} entries")
    else:
        _print(args, document, plain=f"exported {size} entries to {args.file}\n")
    return 0


def _verify(
    access: LedgerAccess, keys: Sequence[VerifierKey], held: Checkpoint | None
) -> VerificationReport:
    refused: tuple[VerificationError, ...] = ()
    try:
        access.integrate()
    except LedgerBrokenError as error:
        refused = (VerificationError(None, str(error)),)
    with access.snapshot() as reader:
        with progress_bar("Verifying", total=reader.size()) as tell_progress:
            report = verify_ledger(
                reader.log(with_nodes=True),
                keys=keys,
                held=held,
                node_stride=STRIDE,
                tell=tell_progress,
            )
        return replace(report, pending=reader.pending(), errors=(*refused, *report.errors))


def _access(application: LedgerApplication) -> LedgerAccess:
    return LedgerAccess(
        application.engine, signer=application.ledger_signer, copy=application.ledger_copy
    )


def record_export(application: LedgerApplication, access: LedgerAccess) -> None:
    """Write down that the ledger is exported, with how many entries before this one."""
    with access.snapshot() as reader:
        entries = reader.size() + reader.pending()
    now = application.clock.now()
    fields = {"entries": entries}
    access.append([ledger_entry(LedgerEvent.LEDGER_EXPORTED, fields, at=now, actor=operator())])


def _index(wanted: str) -> int | UUID | None:
    if wanted.isascii() and wanted.isdigit():
        return int(wanted)
    try:
        return UUID(wanted)
    except ValueError:
        return None


@contextmanager
def _created(file: str) -> Iterator[BinaryIO]:
    """Create the file of an export; it has its name once it is complete."""
    if file == "-":
        yield sys.stdout.buffer
        return
    partial = Path(f"{file}.partial")
    with partial.open("wb") as plain:
        if file.endswith(".zst"):
            compressor = zstandard.ZstdCompressor(write_checksum=True)
            with compressor.stream_writer(plain) as stream:
                yield stream
        else:
            yield plain
    partial.rename(file)


def _write(stream: BinaryIO, lines: Iterable[bytes], size: int) -> None:
    with progress_bar("Exporting", total=size) as tell_progress:
        for done, line in enumerate(lines):
            stream.write(line)
            if done % 5_000 == 0:
                tell_progress(done)


def _print(args: argparse.Namespace, document: object, *, plain: str) -> None:
    sys.stdout.write(f"{json.dumps(document, ensure_ascii=False)}\n" if args.json else plain)

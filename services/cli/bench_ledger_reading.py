"""What proving and verifying cost: the part of `bench ledger` that writes nothing that counts."""

import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from random import Random
from statistics import quantiles
from tempfile import TemporaryFile
from typing import BinaryIO
from uuid import UUID

from consent.checkpoint import LedgerSigner
from consent.ledger import LedgerEntry
from consent.ledger_log import LogItem, StoredCheckpoint, StoredEntry
from consent.merkle import Frontier, leaf_hash, verify_inclusion
from services.adapters.ledger_access import LedgerAccess
from services.audit.ledger_export import ExportReader, write_export
from services.audit.verification import verify_ledger
from services.cli.bench_figures import Figure, figure

_PROOFS = 500
_TELL_EVERY = 10_000

Tell = Callable[[int], None]


def prove(access: LedgerAccess, *, size: int, root: bytes) -> dict[str, Figure]:
    """Prove leaves chosen at random, each proof checked, the check outside the measure."""
    random, times = Random(1), []
    with access.snapshot() as reader:
        for _ in range(_PROOFS):
            index = random.randrange(size)
            started = time.perf_counter()
            proof = reader.inclusion_proof(index, size)
            times.append((time.perf_counter() - started) * 1e3)
            (leaf,) = reader.entries(index, index + 1)
            verify_inclusion(leaf.leaf_hash, index=index, size=size, proof=proof, root=root)
    percentiles = quantiles(times, n=100)
    return {"p50": figure(percentiles[49], "ms"), "p99": figure(percentiles[98], "ms")}


def verify_offline(
    like: LedgerEntry, entries: int, *, signer: LedgerSigner, tell: Tell
) -> dict[str, Figure]:
    """Write an export of so many entries to a file, and verify every byte of it from there.

    Each entry is `like` with other ids: making entries is not what is measured.
    """
    with TemporaryFile() as file:
        for line in write_export(_log(like, entries, signer, tell), keys=[signer.verifier_key]):
            file.write(line)
        size = file.tell()
        seconds, cpu = _verify(file, entries, signer)
    return {
        "verification": figure(seconds, "s"),
        "verification_cpu": figure(cpu, "s"),
        "verification_rate": figure(entries / seconds, "entries/s"),
        "export": figure(size / entries, "bytes/entry"),
    }


def _verify(file: BinaryIO, entries: int, signer: LedgerSigner) -> tuple[float, float]:
    file.seek(0)
    started, cpu = time.perf_counter(), time.process_time()
    report = verify_ledger(ExportReader(file), keys=[signer.verifier_key])
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    if not report.valid or report.entries != entries:
        raise AssertionError("the export that was just written does not verify")
    return seconds, cpu


def _log(like: LedgerEntry, entries: int, signer: LedgerSigner, tell: Tell) -> Iterator[LogItem]:
    old_id = str(like.entry_id).encode()
    old_digest = str(like.fields["message"]).encode()
    frontier = Frontier()
    for index in range(entries):
        digest = sha256(b"%d" % index).hexdigest().encode()
        new_id = str(UUID(bytes=digest[:16], version=4)).encode()
        body = like.body.replace(old_digest, digest).replace(old_id, new_id)
        leaf = leaf_hash(body)
        frontier.append(leaf)
        yield StoredEntry(index, leaf, body)
        if index % _TELL_EVERY == 0:
            tell(index)
    note = signer.sign_checkpoint(size=frontier.size, root=frontier.root())
    yield StoredCheckpoint(frontier.size, note)

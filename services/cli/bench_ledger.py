"""`bench ledger`: how many entries a second, and what proving and verifying them costs."""

import argparse
import os
import platform
import time
from base64 import b64decode
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from itertools import count
from random import Random
from statistics import quantiles

from consent.checkpoint import LedgerSigner
from consent.ledger import LedgerEntry, ledger_entry
from consent.ledger_events import LedgerEvent
from consent.merkle import verify_inclusion
from services.adapters.ledger_access import LedgerAccess
from services.adapters.ledger_bench import (
    bytes_on_disk,
    durable_per_second,
    scratch_ledger,
    server_version,
    write_plain,
    write_to_ledger,
)
from services.audit.ledger_export import ExportReader, write_export
from services.audit.verification import verify_ledger
from services.cli.options import print_document
from services.cli.progress import progress_bar

_WRITERS = 8
_BATCHES = (1, 10, 100)
_PROOFS = 500
_STATED = datetime(2026, 1, 1, tzinfo=UTC)
_numbers = count()

Figure = dict[str, float | str]


def add_bench_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `bench ledger` takes."""
    parser.add_argument("--entries", type=int, default=200_000, help="to prove and verify among")
    parser.add_argument("--seconds", type=float, default=4.0, help="of writing, each time")


def run_bench_ledger(args: argparse.Namespace, *, application: object = None) -> int:  # noqa: ARG001
    """Measure on a database of its own, with fsync on, and print the bench document."""
    document = bench_ledger(entries=args.entries, seconds=args.seconds)
    lines = [f"{name}: {each['value']:,} {each['unit']}" for name, each in _figures(document)]
    print_document(args, document, plain="\n".join(lines))
    return 0


def bench_ledger(*, entries: int, seconds: float) -> dict[str, object]:
    """Measure writing, integrating, proving and verifying; gives the bench document."""
    signer = LedgerSigner("bench.example/ledger", sha256(b"bench").digest())
    figures: dict[str, Figure] = {}
    baselines: dict[str, Figure] = {}
    with scratch_ledger(_WRITERS) as engine:
        for batch in _BATCHES:
            name = f"durable_in_transactions_of_{batch}"
            for write, found in ((write_plain, baselines), (write_to_ledger, figures)):
                rate = durable_per_second(
                    engine, write, _make, writers=_WRITERS, batch=batch, seconds=seconds
                )
                found[name] = _figure(rate, "entries/s")
        access = LedgerAccess(engine, signer=signer)
        figures |= _integrating(access, entries)
        figures |= _proving(access)
        figures |= _verifying(access)
        size = access.integrate().size
        figures["disk"] = _figure(bytes_on_disk(engine) / size, "bytes/entry")
        conditions = _conditions(server_version(engine), size)
    return {
        "name": "ledger",
        "conditions": conditions,
        "figures": figures,
        "baselines": {f"bare_table_{name}": each for name, each in baselines.items()},
        "ratios": {name: _ratio(figures[name], each) for name, each in baselines.items()},
    }


def _make(batch: int) -> Sequence[LedgerEntry]:
    """Make entries as a publication writes them, each about other persons."""
    made = []
    for _ in range(batch):
        digest = sha256(b"%d" % next(_numbers)).hexdigest()
        fields = {
            "source": "health-visiting",
            "message": digest,
            "event_id": digest,
            "subjects": [digest[:32], digest[32:]],
            "categories": ["identity-and-contact", "child-health"],
            "withheld_categories": [],
            "reasons": ["consent"],
            "policy_version": "bench",
            "decided_from": [digest[:32]],
        }
        made.append(
            ledger_entry(LedgerEvent.PUBLICATION_PERMITTED, fields, at=_STATED, actor="job:bench")
        )
    return made


def _integrating(access: LedgerAccess, entries: int) -> dict[str, Figure]:
    access.integrate()
    with access.snapshot() as reader:
        missing = max(10_000, entries - reader.size())
    with progress_bar("Writing", total=missing) as tell:
        for done in range(0, missing, 1_000):
            access.append(_make(min(1_000, missing - done)))
            tell(done)
    started, cpu = time.perf_counter(), time.process_time()
    added = access.integrate().added
    wall, cpu = time.perf_counter() - started, time.process_time() - cpu
    return {
        "integration": _figure(wall / added * 1e6, "µs/entry"),
        "integration_client_cpu": _figure(cpu / added * 1e6, "µs/entry"),
    }


def _proving(access: LedgerAccess) -> dict[str, Figure]:
    """Prove entries chosen at random, each time checking the proof, outside the measure."""
    random, times = Random(1), []
    with access.snapshot() as reader:
        size = reader.size()
        latest = reader.latest_checkpoint()
        root = b64decode(latest.note.splitlines()[2]) if latest is not None else b""
        for _ in range(_PROOFS):
            index = random.randrange(size)
            started = time.perf_counter()
            proof = reader.inclusion_proof(index, size)
            times.append((time.perf_counter() - started) * 1e3)
            (entry,) = reader.entries(index, index + 1)
            verify_inclusion(entry.leaf_hash, index=index, size=size, proof=proof, root=root)
    percentiles = quantiles(times, n=100)
    return {
        "proof_p50": _figure(percentiles[49], "ms"),
        "proof_p99": _figure(percentiles[98], "ms"),
    }


def _verifying(access: LedgerAccess) -> dict[str, Figure]:
    with access.snapshot() as reader:
        content = BytesIO(b"".join(write_export(reader.log(), keys=access.keys)))
        megabytes = len(content.getbuffer()) / 1e6
        started = time.perf_counter()
        report = verify_ledger(ExportReader(content), keys=access.keys)
        wall = time.perf_counter() - started
    if not report.valid:
        raise AssertionError("the ledger that was just written does not verify")
    return {
        "verification": _figure(report.entries / wall, "entries/s"),
        "export": _figure(megabytes * 1e6 / report.entries, "bytes/entry"),
    }


def _conditions(postgres: str, size: int) -> dict[str, object]:
    return {
        "cpus": os.cpu_count(),
        "python": platform.python_version(),
        "postgresql": f"{postgres}, embedded, fsync on",
        "writers": f"{_WRITERS} connections of one process",
        "entries": size,
        "entry_bytes": len(_make(1)[0].body),
        "baseline": "the same bodies into a table with a number and nothing else",
    }


def _ratio(figure: Figure, baseline: Figure) -> float:
    return round(float(figure["value"]) / float(baseline["value"]), 3)


def _figure(value: float, unit: str) -> Figure:
    return {"value": round(value, 3), "unit": unit}


def _figures(document: dict[str, object]) -> Sequence[tuple[str, Figure]]:
    figures = document["figures"]
    return list(figures.items()) if isinstance(figures, dict) else []

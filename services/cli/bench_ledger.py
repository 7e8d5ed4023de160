"""`bench ledger`: how many entries a second, and what proving and verifying them costs."""

import argparse
import os
import platform
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count

from consent.checkpoint import LedgerSigner
from consent.ledger import LedgerEntry, ledger_entry
from consent.ledger_events import LedgerEvent
from services.adapters.engine import Engine
from services.adapters.ledger_access import LedgerAccess
from services.adapters.ledger_bench import (
    bytes_on_disk,
    durable_per_second,
    make_large_tree,
    scratch_ledger,
    server_version,
    write_plain,
    write_to_ledger,
)
from services.cli.bench_figures import Figure, figure, ratio
from services.cli.bench_ledger_reading import prove, verify_offline
from services.cli.options import print_document
from services.cli.progress import progress_bar

_WRITERS = 8
_BATCHES = (1, 10, 100)
_TO_INTEGRATE = 50_000
_STATED = datetime(2026, 1, 1, tzinfo=UTC)
_numbers = count()


def add_bench_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `bench ledger` takes."""
    parser.add_argument("--seconds", type=float, default=4.0, help="of writing, each time")
    parser.add_argument(
        "--tree", type=int, default=10_000_000, help="leaves to prove from; 300 bytes of disk each"
    )
    parser.add_argument("--verify", type=int, default=1_000_000, help="entries to verify offline")


def run_bench_ledger(args: argparse.Namespace, *, application: object = None) -> int:  # noqa: ARG001
    """Measure on databases of its own, with fsync on, and print the bench document."""
    document = bench_ledger(seconds=args.seconds, tree=args.tree, verify=args.verify)
    print_document(args, document, plain="\n".join(_lines(document)))
    return 0


def bench_ledger(*, seconds: float, tree: int, verify: int) -> dict[str, object]:
    """Measure writing, integrating, proving and verifying; gives the bench document."""
    signer = LedgerSigner("bench.example/ledger", sha256(b"bench").digest())
    load_before = os.getloadavg()[0]
    with scratch_ledger(_WRITERS) as engine:
        figures, baselines = _writing(engine, seconds)
        access = LedgerAccess(engine, signer=signer)
        figures |= _integrating(access)
        figures["disk"] = figure(bytes_on_disk(engine) / access.integrate().size, "bytes/entry")
        conditions = _conditions(server_version(engine), seconds, tree, verify)
    conditions["load_before"] = round(load_before, 2)
    figures |= _proving(signer, tree)
    with progress_bar("Writing an export", total=verify) as tell:
        figures |= verify_offline(_make(1)[0], verify, signer=signer, tell=tell)
    return {
        "name": "ledger",
        "conditions": conditions,
        "figures": figures,
        "baselines": {f"bare_table_{name}": each for name, each in baselines.items()},
        "ratios": {name: ratio(figures[name], each) for name, each in baselines.items()},
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


def _writing(engine: Engine, seconds: float) -> tuple[dict[str, Figure], dict[str, Figure]]:
    """Write to the ledger and, turn about, to a bare table; all of it is durable when counted."""
    figures: dict[str, Figure] = {}
    baselines: dict[str, Figure] = {}
    for batch in _BATCHES:
        name = f"durable_in_transactions_of_{batch}"
        for write, found in ((write_plain, baselines), (write_to_ledger, figures)):
            rate = durable_per_second(
                engine, write, _make, writers=_WRITERS, batch=batch, seconds=seconds
            )
            found[name] = figure(rate, "entries/s")
    return figures, baselines


def _integrating(access: LedgerAccess) -> dict[str, Figure]:
    access.integrate()
    for _ in range(0, _TO_INTEGRATE, 1_000):
        access.append(_make(1_000))
    started, cpu = time.perf_counter(), time.process_time()
    added = access.integrate().added
    wall, cpu = time.perf_counter() - started, time.process_time() - cpu
    return {
        "integration": figure(wall / added * 1e6, "µs/entry"),
        "integration_client_cpu": figure(cpu / added * 1e6, "µs/entry"),
    }


def _proving(signer: LedgerSigner, tree: int) -> dict[str, Figure]:
    with scratch_ledger(1) as engine:
        with progress_bar("Growing a tree", total=tree) as tell:
            root = make_large_tree(engine, tree, tell=tell)
        found = prove(LedgerAccess(engine, signer=signer), size=tree, root=root)
    return {f"proof_{name}": each for name, each in found.items()}


def _conditions(postgres: str, seconds: float, tree: int, verify: int) -> dict[str, object]:
    return {
        "cpus": os.cpu_count(),
        "python": platform.python_version(),
        "postgresql": f"{postgres}, embedded, on the same machine; fsync and synchronous_commit on",
        "writers": f"{_WRITERS} threads of one process, a connection each",
        "entries_a_transaction": {f"durable_in_transactions_of_{each}": each for each in _BATCHES},
        "seconds": seconds,
        "entry_bytes": len(_make(1)[0].body),
        "proved_from": tree,
        "verified": f"{verify} entries from a file, on one core, without a database",
        "baseline": "the same bodies into a table with a number and nothing else",
    }


def _lines(document: Mapping[str, object]) -> list[str]:
    figures = document["figures"]
    named = figures.items() if isinstance(figures, dict) else ()
    conditions = f"{document['conditions']}"
    return [conditions, *(f"{name}: {each['value']:,} {each['unit']}" for name, each in named)]

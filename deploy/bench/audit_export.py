"""`bench audit-export`: rows a second in each format, from a ledger of this many entries."""

import argparse
import os
import platform
import resource
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import text

from consent.ledger import LedgerEntry, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.transparency.checkpoint import LedgerSigner
from deploy.bench.figures import Figure, figure, ratio
from services.audit.asked import Auditor
from services.audit.exports.chosen import Chosen, ExportBecause, Format, OrderExport
from services.audit.exports.exporting import BegunExport, Sent, begin_export, stream_export
from services.audit.exports.postgres_entries import bounds_of, chosen_entries, one_moment
from services.cli.output import print_document, progress_bar
from services.ledger.postgres_access import LedgerAccess
from services.platform.clock import SystemClock
from services.platform.database.embedded.postgres import EmbeddedPostgres
from services.platform.database.engine import open_engine
from services.platform.database.migrating import migrate
from services.platform.keys.files import FileKeyVault
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.vault import SecretName
from services.work import Outside

_AUDITOR = Auditor("operator:bench")
_SIGNER = LedgerSigner("bench.example/ledger", sha256(b"bench").digest())
_BATCH = 2_000
_STREAMED = (Format.CSV, Format.JSON_LINES, Format.FHIR)


@dataclass(frozen=True, slots=True)
class _Signing:
    ledger_signer: LedgerSigner = _SIGNER


def add_bench_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `bench audit-export` takes."""
    parser.add_argument("--entries", type=int, default=200_000, help="in the ledger")


def run_bench_audit_export(args: argparse.Namespace) -> int:
    """Measure on a database of its own, and print the bench document."""
    document = bench_audit_export(entries=args.entries)
    figures = document["figures"].items()
    plain = [f"{name}: {each['value']:,} {each['unit']}" for name, each in figures]
    print_document(args, document, plain="\n".join([str(document["conditions"]), *plain]))
    return 0


def bench_audit_export(*, entries: int) -> dict[str, Any]:
    """Fill a ledger, and export all of it in each format; gives the bench document.

    Rates are of CPU in this process, which other programs on the machine do not slow; beside them
    the rate by the clock. Memory is by how much the process grew from a tenth of the export on.
    """
    load_before = os.getloadavg()[0]
    with _filled(entries) as outside:
        baseline = _reading(outside)
        figures: dict[str, Figure] = {}
        ratios: dict[str, float] = {}
        for form in _STREAMED:
            measured = _exporting(form, outside, entries)
            figures |= {f"{form.value}_{name}": each for name, each in measured.items()}
            ratios[form.value] = ratio(measured["rate_of_cpu"], baseline)
    return {
        "name": "audit-export",
        "conditions": {
            "entries": entries,
            "cpus": os.cpu_count(),
            "python": platform.python_version(),
            "load_before": round(load_before, 2),
            "of": "looks of two persons, publications and searches, a third each",
            "baseline": "the same entries read and let go of",
        },
        "figures": figures,
        "baselines": {"reading_rate_of_cpu": baseline},
        "ratios": ratios,
    }


@contextmanager
def _filled(entries: int) -> Iterator[Outside]:
    with (
        TemporaryDirectory(prefix="tell-once-bench-") as folder,
        EmbeddedPostgres.start(Path(folder)) as postgres,
    ):
        engine = open_engine(postgres.url())
        try:
            migrate(engine)
            vault = FileKeyVault.open(Path(folder) / "keys" / "root.key")
            access = LedgerAccess(engine, signer=_SIGNER)
            with progress_bar("Filling a ledger", total=entries) as tell:
                for start in range(0, entries, _BATCH):
                    many = range(start, min(start + _BATCH, entries))
                    access.append([_entry(number) for number in many])
                    tell(start)
            access.integrate()
            with engine.begin() as connection:
                connection.execute(text("ANALYZE ledger_entry, ledger_leaf"))
            hasher = KeyedHasher(vault.secret(SecretName.LINKING))
            yield Outside(engine, vault, hasher, SystemClock())
        finally:
            engine.dispose()


def _entry(number: int) -> LedgerEntry:
    digest = sha256(b"%d" % number).hexdigest()
    one, other = digest[:32], digest[32:]
    events: tuple[tuple[LedgerEvent, Mapping[str, Any]], ...] = (
        (
            LedgerEvent.PROFILE_READ,
            {
                "disclosure": one,
                "subjects": [one, other],
                "purpose": "direct-care",
                "categories": ["child-health", "identity-and-contact"],
                "withheld_categories": [],
                "policy_version": "rules-2026+bench",
                "decided_from": [other],
            },
        ),
        (
            LedgerEvent.PUBLICATION_PERMITTED,
            {
                "source": "health-visiting",
                "message": digest,
                "event_id": digest,
                "subjects": [one],
                "categories": ["child-health"],
                "withheld_categories": [],
                "reasons": ["consent"],
                "policy_version": "rules-2026+bench",
                "decided_from": [other],
            },
        ),
        (LedgerEvent.SEARCH_MADE, {"search": one, "results": 3}),
    )
    event, fields = events[number % len(events)]
    at = SystemClock().now()
    return ledger_entry(event, fields, at=at, actor=f"practitioner:{digest[:24]}")


def _reading(outside: Outside) -> Figure:
    """Read all of it, and let it go: what no export can be quicker than."""
    with one_moment(outside.engine) as connection:
        bounds = bounds_of(connection, Chosen())
        if bounds is None:
            raise AssertionError("the ledger that was just filled is empty")
        started = time.process_time()
        read = sum(1 for _ in chosen_entries(connection, Chosen(), bounds))
        return figure(read / (time.process_time() - started), "entries/s")


def _exporting(form: Format, outside: Outside, entries: int) -> dict[str, Figure]:
    order = OrderExport(form, Chosen(), ExportBecause.SYSTEM, "a bench")
    begun = begin_export(order, by=_AUDITOR, outside=outside)
    if not isinstance(begun, BegunExport):
        raise AssertionError(f"a bench may not export: {begun}")  # noqa: TRY004 not of its type
    grown: list[int] = []

    def tell(sent: Sent) -> None:
        if sent.rows * 10 >= entries and not grown:
            grown.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)

    lines = size = 0
    wall, cpu = time.perf_counter(), time.process_time()
    for piece in stream_export(begun, outside=outside, signing=_Signing(), tell=tell):
        lines, size = lines + piece.count(b"\n"), size + len(piece)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "rate_of_cpu": figure(lines / cpu, "lines/s"),
        "rate": figure(lines / wall, "lines/s"),
        "line": figure(size / lines, "bytes"),
        "growth": figure((peak - grown[0]) / 1024, "MiB"),
        "peak": figure(peak / 1024, "MiB"),
    }

"""`bench ledger`: how many entries a second, and what proving and verifying them costs."""

import argparse
import os
import platform
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from pathlib import Path
from random import Random
from statistics import quantiles
from tempfile import TemporaryDirectory, TemporaryFile
from typing import BinaryIO
from uuid import UUID

import psycopg
from sqlalchemy import Connection, Engine, text

from consent.ledger import LedgerEntry, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.ledger.log import LogItem, StoredCheckpoint, StoredEntry
from consent.ledger.merkle import Frontier, leaf_hash, verify_inclusion
from consent.transparency.checkpoint import LedgerSigner
from deploy.bench.figures import Figure, figure, ratio
from services.cli.output import print_document, progress_bar
from services.ledger.export import ExportReader, write_export
from services.ledger.postgres import PostgresLedger
from services.ledger.postgres_access import LedgerAccess
from services.ledger.postgres_tree import STRIDE
from services.ledger.verification import verify_ledger
from services.platform.database.embedded.postgres import EmbeddedPostgres
from services.platform.database.engine import Engine as Engine_of_engine
from services.platform.database.engine import open_engine
from services.platform.database.migrating import migrate

# What proving and verifying cost: the part that writes nothing that counts.

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


# What is done to a scratch database; never to one that is in use.

_PLAIN_TABLE = text("CREATE TABLE bench_plain (id bigserial PRIMARY KEY, body bytea NOT NULL)")
_PLAIN = text("INSERT INTO bench_plain (body) SELECT unnest(CAST(:bodies AS bytea[]))")
_DROP_INDEXES = text("""
    ALTER TABLE ledger_leaf DROP CONSTRAINT ledger_leaf_pkey;
    ALTER TABLE ledger_node DROP CONSTRAINT ledger_node_pkey;
    ALTER TABLE ledger_leaf DROP CONSTRAINT ledger_leaf_entry_seq_key
""")
_ADD_INDEXES = text("""
    ALTER TABLE ledger_leaf ADD PRIMARY KEY (idx);
    ALTER TABLE ledger_node ADD PRIMARY KEY (level, idx);
    ANALYZE ledger_leaf, ledger_node
""")
_COPY_LEAVES = "COPY ledger_leaf (idx, entry_seq, leaf_hash) FROM STDIN (FORMAT binary)"
_COPY_NODES = "COPY ledger_node (level, idx, hash) FROM STDIN (FORMAT binary)"
_CHUNK = 100_000
_SIZE = text("""
    SELECT sum(pg_total_relation_size(CAST(name AS regclass)))
    FROM unnest(ARRAY['ledger_entry', 'ledger_leaf', 'ledger_node', 'ledger_checkpoint']) AS name
""")

Write = Callable[[Connection, Sequence[LedgerEntry]], None]


@contextmanager
def scratch_ledger(writers: int) -> Iterator[Engine]:
    """Give an empty ledger on an embedded PostgreSQL of its own, gone at the end.

    Its settings are those that every embedded database has, durability included.
    """
    with (
        TemporaryDirectory(prefix="tell-once-bench-") as folder,
        EmbeddedPostgres.start(Path(folder)) as postgres,
    ):
        engine = open_engine(postgres.url(), pool_size=writers)
        try:
            migrate(engine, "0007_witness")
            with engine.begin() as connection:
                connection.execute(_PLAIN_TABLE)
            yield engine
        finally:
            engine.dispose()


def write_to_ledger(connection: Connection, entries: Sequence[LedgerEntry]) -> None:
    """Append as the application does."""
    PostgresLedger(connection).append(entries)


def write_plain(connection: Connection, entries: Sequence[LedgerEntry]) -> None:
    """Write the same bodies into a bare table: the baseline."""
    connection.execute(_PLAIN, {"bodies": [entry.body for entry in entries]})


def durable_per_second(
    engine: Engine,
    write: Write,
    make: Callable[[int], Sequence[LedgerEntry]],
    *,
    writers: int,
    batch: int,
    seconds: float,
) -> float:
    """Commit entries from several connections at once for a while; how many a second."""
    deadline = time.perf_counter() + seconds

    def work(_: int) -> int:
        written = 0
        while time.perf_counter() < deadline:
            with engine.begin() as connection:
                write(connection, make(batch))
            written += batch
        return written

    started = time.perf_counter()
    with ThreadPoolExecutor(max_workers=writers) as pool:
        total = sum(pool.map(work, range(writers)))
    return total / (time.perf_counter() - started)


def make_large_tree(engine: Engine, leaves: int, *, tell: Callable[[int], None]) -> bytes:
    """Fill a ledger that has no entries with a tree of so many leaves; gives its root.

    Only what proofs are made from: the leaves' hashes and the stored nodes, as the integrator
    would have written them. Their indexes are made at the end, which is quicker.
    """
    frontier = Frontier()
    with engine.begin() as connection:
        connection.execute(_DROP_INDEXES)
        for start in range(0, leaves, _CHUNK):
            _copy_chunk(connection, frontier, min(_CHUNK, leaves - start))
            tell(frontier.size)
        connection.execute(_ADD_INDEXES)
    return frontier.root()


def _copy_chunk(connection: Connection, frontier: Frontier, count: int) -> None:
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)  # noqa: S101 there is no other driver
    nodes: list[tuple[int, int, bytes]] = []
    with driver.cursor() as cursor, cursor.copy(_COPY_LEAVES) as copy:
        copy.set_types(["int8", "int8", "bytea"])
        for index in range(frontier.size, frontier.size + count):
            leaf = leaf_hash(b"%d" % index)
            copy.write_row((index, index + 1, leaf))
            completed = frontier.append(leaf)
            nodes += [
                (level, index >> level, completed[level - 1])
                for level in range(STRIDE, len(completed) + 1, STRIDE)
            ]
    with driver.cursor() as cursor, cursor.copy(_COPY_NODES) as copy:
        copy.set_types(["int2", "int8", "bytea"])
        for node in nodes:
            copy.write_row(node)


def bytes_on_disk(engine: Engine) -> int:
    """Measure the ledger's tables with their indexes."""
    with engine.connect() as connection:
        return int(connection.execute(_SIZE).scalar_one())


def server_version(engine: Engine) -> str:
    """Name the PostgreSQL that was measured."""
    with engine.connect() as connection:
        return str(connection.execute(text("SHOW server_version")).scalar_one())


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


def _writing(
    engine: Engine_of_engine, seconds: float
) -> tuple[dict[str, Figure], dict[str, Figure]]:
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

"""What the ledger bench does to a scratch database; never to one that is in use."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from sqlalchemy import Connection, Engine, text

from consent.ledger import LedgerEntry
from consent.merkle import Frontier, leaf_hash
from services.adapters.embedded_postgres import EmbeddedPostgres
from services.adapters.engine import open_engine
from services.adapters.ledger import PostgresLedger
from services.adapters.ledger_nodes import STRIDE
from services.adapters.migrating import migrate

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

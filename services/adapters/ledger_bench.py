"""What the ledger bench does to a scratch database; never to one that is in use."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, Engine, text

from consent.ledger import LedgerEntry
from services.adapters.embedded_postgres import EmbeddedPostgres
from services.adapters.engine import open_engine
from services.adapters.ledger import PostgresLedger
from services.adapters.migrating import migrate

_PLAIN_TABLE = text("CREATE TABLE bench_plain (id bigserial PRIMARY KEY, body bytea NOT NULL)")
_PLAIN = text("INSERT INTO bench_plain (body) SELECT unnest(CAST(:bodies AS bytea[]))")
_SIZE = text("""
    SELECT sum(pg_total_relation_size(CAST(name AS regclass)))
    FROM unnest(ARRAY['ledger_entry', 'ledger_leaf', 'ledger_node', 'ledger_checkpoint']) AS name
""")

Write = Callable[[Connection, Sequence[LedgerEntry]], None]


@contextmanager
def scratch_ledger(writers: int) -> Iterator[Engine]:
    """Give an empty ledger on an embedded PostgreSQL of its own, gone at the end."""
    with (
        TemporaryDirectory(prefix="tell-once-bench-") as folder,
        EmbeddedPostgres.start(Path(folder)) as postgres,
    ):
        engine = open_engine(postgres.url(), pool_size=writers)
        try:
            migrate(engine, "0002_ledger")
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


def bytes_on_disk(engine: Engine) -> int:
    """Measure the ledger's tables with their indexes."""
    with engine.connect() as connection:
        return int(connection.execute(_SIZE).scalar_one())


def server_version(engine: Engine) -> str:
    """Name the PostgreSQL that was measured."""
    with engine.connect() as connection:
        return str(connection.execute(text("SHOW server_version")).scalar_one())

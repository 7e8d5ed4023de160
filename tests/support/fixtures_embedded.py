"""Looks at and uses an embedded PostgreSQL from outside, for the tests of it."""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from services.platform.database.embedded.folder import PostgresFolder
from services.platform.database.embedded.postgres import EmbeddedPostgres
from services.platform.durable_files import FileLock
from tests.support.fixtures_postgres import libpq_url

ROOT = Path(__file__).parents[2]
_USER_PROGRAM = """
import sys, time
from pathlib import Path
from services.platform.database.embedded.postgres import EmbeddedPostgres
held = EmbeddedPostgres.start(Path(sys.argv[1]))
print(held.url(), flush=True)
sys.stdin.read()
held.stop()
"""


def is_running(data: Path) -> bool:
    """Say whether any process of the server lives."""
    with FileLock.open(PostgresFolder.below(data).server) as lock:
        return not lock.try_exclusive()


def query(url: str, statement: str) -> list[tuple[object, ...]]:
    """Run one statement in a connection of its own and return its rows, if it has any."""
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def answers(url: str) -> bool:
    """Say whether the server takes a statement."""
    try:
        return query(url, "select 1") == [(1,)]
    except psycopg.OperationalError:
        return False


def postmaster_pid(data: Path) -> int:
    """Return the server's process id, from its own file."""
    text = (PostgresFolder.below(data).cluster / "postmaster.pid").read_text()
    return int(text.split("\n", 1)[0])


def keeper_pid(data: Path) -> int:
    """Return the process id of the server's parent."""
    status = Path(f"/proc/{postmaster_pid(data)}/stat").read_text()
    return int(status.rpartition(")")[2].split()[1])


@pytest.fixture(scope="module")
def embedded_seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a data folder once, so that only the tests of the first start pay for it."""
    data = tmp_path_factory.mktemp("seed") / "data"
    EmbeddedPostgres.start(data).stop()
    return data


@pytest.fixture
def embedded_data(embedded_seed: Path) -> Iterator[Path]:
    """Give each test a copy of its own under a short path."""
    with tempfile.TemporaryDirectory(prefix="tell-once-pg-") as folder:
        copy = Path(folder) / "data"
        subprocess.run(["cp", "-a", str(embedded_seed), str(copy)], check=True)
        yield copy


@pytest.fixture
def another_user() -> Iterator[Callable[[Path], subprocess.Popen[str]]]:
    """Start other processes that use a data folder; end them after the test."""
    started: list[subprocess.Popen[str]] = []

    def start(data: Path) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", _USER_PROGRAM, str(data)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()

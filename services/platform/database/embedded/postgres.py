"""PostgreSQL in a data folder, for the demonstration, the desk and the tests.

`EmbeddedPostgres.start(data)` and `.stop()` may be called by any number of processes at once.
Each user shares one lock; a background keeper (services.platform.database.embedded.keeper) runs the
server while at least one of them holds it. A user that is killed lets go like one that stops.
"""

import time
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

from services.platform.database.embedded.cluster import account_for, initialise
from services.platform.database.embedded.folder import (
    SUPERUSER,
    ClusterNotOursError,
    PostgresDidNotStartError,
    PostgresDidNotStopError,
    PostgresFolder,
    make_private,
    make_socket_folder,
)
from services.platform.database.embedded.keeper import keep_in_background, keeper_command
from services.platform.durable_files import FileLock

DATABASE = "tell_once"
_ADMINISTRATIVE_DATABASE = "postgres"
_LOOK_EVERY = 0.02
_START_SECONDS = 120.0
_STOP_SECONDS = 90.0


class EmbeddedPostgres:
    """One user's hold on the server of a data folder; the server runs as long as one is held."""

    def __init__(self, folder: PostgresFolder, users: FileLock) -> None:
        self._folder = folder
        self._users = users
        self._held = True

    @classmethod
    def start(
        cls,
        data_folder: Path,
        *,
        unsafe_without_fsync: bool = False,
        seconds: float = _START_SECONDS,
    ) -> Self:
        """Hold the server of `data_folder`, made and started if need be, ready for work.

        The database `tell_once` exists afterwards. `unsafe_without_fsync` is for tests: a crash
        of the machine loses data. It counts only for the one who starts the server. Raises
        EmbeddedPostgresError, which says what to do.
        """
        folder = PostgresFolder.below(data_folder)
        try:
            make_private(folder.path.parent)
            make_private(folder.path)
            gate = FileLock.open(folder.gate)
        except PermissionError as error:
            raise ClusterNotOursError(
                f"{folder.path} is not open to this user; run as its owner, or choose another "
                "data folder with --data",
            ) from error
        with gate:
            gate.wait_exclusive()
            return cls(folder, _hold(folder, seconds, unsafe_without_fsync=unsafe_without_fsync))

    def url(self, database: str = DATABASE) -> str:
        """Return the SQLAlchemy URL of `database` on this server."""
        return self._folder.url(database)

    def standby_command(self) -> list[str]:
        """Return the command of a second keeper, which takes over if the first is killed.

        For a supervisor, as a child like any other; see the package's __main__.
        """
        return keeper_command(self._folder)

    def stop(self) -> None:
        """Let go of the server; the last one waits until it has stopped. Twice is harmless.

        Raises PostgresDidNotStopError if it has not stopped in time.
        """
        if not self._held:
            return
        self._held = False
        with FileLock.open(self._folder.gate) as gate:
            gate.wait_exclusive()
            is_last = self._users.try_exclusive()
            self._users.close()
            if is_last:
                _wait_until_stopped(self._folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


def _hold(folder: PostgresFolder, seconds: float, *, unsafe_without_fsync: bool) -> FileLock:
    """Become a user, and wait until that is of use. The gate is ours."""
    users = FileLock.open(folder.users)
    try:
        users.wait_shared()
        _ensure_keeper(folder, unsafe_without_fsync=unsafe_without_fsync)
        _wait_until_ready(folder, seconds)
    except BaseException:
        users.close()
        raise
    return users


def _ensure_keeper(folder: PostgresFolder, *, unsafe_without_fsync: bool) -> None:
    """Start a keeper unless one lives. The gate is ours, so nobody else is doing the same."""
    with FileLock.open(folder.keeper) as lock:
        if not lock.try_exclusive():
            return
        account = account_for(folder.cluster)
        initialise(folder, account)
        make_socket_folder(folder, account.uid)
        options = ["--unsafe-without-fsync"] if unsafe_without_fsync else []
        keep_in_background(folder, lock, *options)


def _wait_until_ready(folder: PostgresFolder, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not _answers(folder):
        if _is_free(folder.keeper):
            raise PostgresDidNotStartError(f"PostgreSQL ended while starting; see {folder.log}")
        if time.monotonic() > deadline:
            raise PostgresDidNotStartError(
                f"PostgreSQL did not answer within {seconds:.0f} seconds; see {folder.log}",
            )
        time.sleep(_LOOK_EVERY)


def _answers(folder: PostgresFolder) -> bool:
    try:
        connection = psycopg.connect(
            host=str(folder.socket.resolve()),
            user=SUPERUSER,
            dbname=_ADMINISTRATIVE_DATABASE,
            autocommit=True,
            connect_timeout=5,
        )
    except psycopg.OperationalError:
        return False
    with connection:
        known = connection.execute("select 1 from pg_database where datname = %s", [DATABASE])
        if known.fetchone() is None:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))
    return True


def _wait_until_stopped(folder: PostgresFolder) -> None:
    deadline = time.monotonic() + _STOP_SECONDS
    while not (_is_free(folder.server) and _is_free(folder.keeper)):
        if time.monotonic() > deadline:
            raise PostgresDidNotStopError(f"PostgreSQL is still stopping; see {folder.log}")
        time.sleep(_LOOK_EVERY)


def _is_free(path: Path) -> bool:
    with FileLock.open(path) as lock:
        return lock.try_exclusive()

"""The keeper: the parent of the server, and the one who decides when it starts and stops."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

from services.platform.database.embedded.cluster import (
    account_for,
    as_account,
    environment,
    server_command,
    shorten_log,
)
from services.platform.database.embedded.folder import PostgresFolder
from services.platform.durable_files import FileLock

_LOOK_EVERY = 0.1
_FAST_STOP_SECONDS = 60.0
_IMMEDIATE_STOP_SECONDS = 10.0
_HEALTHY_AFTER_SECONDS = 5.0
_EARLY_DEATHS = 5
_LOOKS_FOR_ORPHAN = 3


class WhyStopped(StrEnum):
    """Why the keeper stopped watching the server."""

    UNUSED = "nobody uses it any more"
    TOLD_TO_STOP = "told to stop"
    DIED = "the server died"


class Keeper:
    """Runs the server; starts it again when it dies; stops it when nobody uses it.

    Whoever makes one holds the folder's keeper lock. With `until_unused` the server stops when
    the last user lets go of the users lock, which the kernel does for a user that was killed.
    Without, it runs until SIGTERM or SIGINT.

    The server holds the server lock through an inherited descriptor. So once we hold that lock,
    no process of an earlier server lives, and what it left behind (postmaster.pid and the lock
    of the socket, naming a process id that may now be anybody's) can be removed.
    """

    def __init__(
        self,
        folder: PostgresFolder,
        *,
        until_unused: bool,
        unsafe_without_fsync: bool = False,
    ) -> None:
        self._folder = folder
        self._until_unused = until_unused
        self._unsafe_without_fsync = unsafe_without_fsync
        self._told_to_stop = False
        self._users = FileLock.open(folder.users)

    def run(self) -> int:
        """Keep the server until the end; return the exit code of the keeper."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._hear)
        shorten_log(self._folder)
        self._stop_orphan()
        early_deaths = 0
        while early_deaths < _EARLY_DEATHS:
            server = self._start_server()
            started = time.monotonic()
            outcome = self._watch(server)
            if outcome is not WhyStopped.DIED:
                self._shut_down(server, outcome)
                return 0
            self._say(f"{outcome} with exit code {server.returncode}")
            lived_long = time.monotonic() - started > _HEALTHY_AFTER_SECONDS
            early_deaths = 0 if lived_long else early_deaths + 1
            time.sleep(_LOOK_EVERY * early_deaths)
        self._say("giving up: the server dies as soon as it starts")
        return 1

    def _hear(self, *_: object) -> None:
        self._told_to_stop = True

    def _say(self, what: str) -> None:
        with self._folder.log.open("a", encoding="utf-8") as log:
            log.write(f"keeper {os.getpid()}: {what}\n")

    def _stop_orphan(self) -> None:
        """Stop a server whose keeper was killed, where the kernel has not done so already."""
        if self._no_server_lives():
            return
        pid = self._postmaster_pid()
        if pid is not None:
            self._say("stopping a server that lost its keeper")
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT)

    def _no_server_lives(self) -> bool:
        """Look more than once: somebody else may just be looking, too."""
        with FileLock.open(self._folder.server) as lock:
            for _ in range(_LOOKS_FOR_ORPHAN):
                if lock.try_exclusive():
                    return True
                time.sleep(_LOOK_EVERY)
        return False

    def _postmaster_pid(self) -> int | None:
        try:
            first = (self._folder.cluster / "postmaster.pid").read_text().split("\n", 1)[0]
        except FileNotFoundError:
            return None
        return int(first) if first.isdigit() else None

    def _start_server(self) -> subprocess.Popen[bytes]:
        with FileLock.open(self._folder.server) as lock, self._folder.log.open("ab") as log:
            lock.wait_exclusive()
            (self._folder.cluster / "postmaster.pid").unlink(missing_ok=True)
            for stale in self._folder.socket.resolve().glob(".s.PGSQL.*"):
                stale.unlink()
            command = server_command(
                self._folder,
                unsafe_without_fsync=self._unsafe_without_fsync,
            )
            return subprocess.Popen(  # noqa: S603 - our own program, fixed arguments
                # SIGINT is PostgreSQL's fast shutdown.
                as_account(command, account_for(self._folder.cluster), farewell=signal.SIGINT),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=environment(),
                pass_fds=(lock.fileno(),),
            )

    def _watch(self, server: subprocess.Popen[bytes]) -> WhyStopped:
        while server.poll() is None:
            if self._told_to_stop:
                return WhyStopped.TOLD_TO_STOP
            if self._until_unused and self._users.try_exclusive():
                return WhyStopped.UNUSED
            time.sleep(_LOOK_EVERY)
        return WhyStopped.TOLD_TO_STOP if self._told_to_stop else WhyStopped.DIED

    def _shut_down(self, server: subprocess.Popen[bytes], why: WhyStopped) -> None:
        self._say(f"stopping the server: {why}")
        for number, seconds in (
            (signal.SIGINT, _FAST_STOP_SECONDS),
            (signal.SIGQUIT, _IMMEDIATE_STOP_SECONDS),
        ):
            server.send_signal(number)
            try:
                server.wait(seconds)
            except subprocess.TimeoutExpired:
                self._say(f"the server did not stop within {seconds:.0f} seconds")
            else:
                return
        server.kill()
        server.wait()


def keep_in_background(folder: PostgresFolder, lock: FileLock, *options: str) -> None:
    """Start a keeper that outlives us, handing it the keeper lock that we hold."""
    subprocess.run(  # noqa: S603 - our own program, fixed arguments
        [*keeper_command(folder), "--background", str(lock.fileno()), *options],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        cwd=_import_root(),
        pass_fds=(lock.fileno(),),
    )


def keeper_command(folder: PostgresFolder) -> list[str]:
    """Return the command that runs a keeper in the foreground, waiting for its turn."""
    return [sys.executable, "-m", "services.platform.database.embedded", str(folder.path.parent)]


def _import_root() -> Path:
    """Return the folder that `services` is imported from."""
    return Path(__file__).parents[4]

"""Runs the keeper of an embedded PostgreSQL.

`python -m services.platform.database.embedded DATA` in the foreground: waits until no other keeper
lives, then keeps the server until SIGTERM. A supervisor may run one beside the background keeper,
to take over at once if that one is killed. With `--background DESCRIPTOR` it inherits the keeper
lock, leaves its caller's session, and ends when nobody uses the server any more.
"""

import argparse
import os
import sys
from pathlib import Path

from services.platform.database.embedded.folder import PostgresFolder
from services.platform.database.embedded.keeper import Keeper
from services.platform.durable_files import FileLock


def _main() -> int:
    parser = argparse.ArgumentParser(prog="python -m services.platform.database.embedded")
    parser.add_argument("data_folder", type=Path)
    parser.add_argument("--background", type=int, metavar="DESCRIPTOR")
    parser.add_argument("--unsafe-without-fsync", action="store_true")
    options = parser.parse_args()
    folder = PostgresFolder.below(options.data_folder)
    if options.background is None:
        lock = FileLock.open(folder.keeper)
        lock.wait_exclusive()
    else:
        lock = FileLock(options.background)
        _leave_the_caller(folder)
    with lock:
        return Keeper(
            folder,
            until_unused=options.background is not None,
            unsafe_without_fsync=options.unsafe_without_fsync,
        ).run()


def _leave_the_caller(folder: PostgresFolder) -> None:
    if os.fork():
        os._exit(0)
    os.setsid()
    os.chdir("/")
    log = os.open(folder.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for standard in (1, 2):
        os.dup2(log, standard)


if __name__ == "__main__":
    sys.exit(_main())

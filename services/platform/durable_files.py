"""Files to rely on: whole or not there, outliving a power cut; and locks that die with holders."""

import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Self


class FileLock:
    """flock(2) on one open file.

    The lock belongs to the open file, not to the process: a child that inherits the descriptor
    holds the same lock, and it is free again only when the last of them has closed it or died.
    Nothing is left behind to clean up, and no process id can be mistaken for another's.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the lock at `path`, made if missing, and take nothing yet."""
        return cls(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))

    def fileno(self) -> int:
        """Return the descriptor, to hand to a child process."""
        return self._descriptor

    def wait_shared(self) -> None:
        """Wait until nobody holds it exclusively, then hold it beside others."""
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def wait_exclusive(self) -> None:
        """Wait until nobody else holds it at all, then hold it alone."""
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def try_exclusive(self) -> bool:
        """Hold it alone if nobody else holds it; say whether that is so.

        A shared hold on the same open file is given up by the attempt, as flock(2) warns, even
        when the attempt fails.
        """
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Let go of it, unless an inheriting child holds it still."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


_PRIVATE = 0o600
_PRIVATE_FOLDER = 0o700


def replace_durably(path: Path, content: bytes) -> None:
    """Put `content` in the file, readable by its owner only; the old one stays until then.

    Raises OSError, and then the old file is still there.
    """
    draft = _written_draft(path, content)
    try:
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    make_name_durable(path.parent)


def create_durably(path: Path, content: bytes) -> None:
    """Make the file, readable by its owner only. Raises FileExistsError, and other OSErrors."""
    draft = _written_draft(path, content)
    try:
        os.link(draft, path)
    finally:
        draft.unlink()
    make_name_durable(path.parent)


@contextmanager
def created_durably(path: Path) -> Iterator[BinaryIO]:
    """Make a file of whatever is written meanwhile; it has its name once all of it is on disk.

    Readable by its owner only, never over one that is there: raises FileExistsError, and other
    OSErrors. Who is killed leaves a hidden draft beside it.
    """
    if path.exists():
        raise FileExistsError(path)
    draft = _draft_of(path)
    try:
        with _opened_draft(draft) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    make_name_durable(path.parent)


def _written_draft(path: Path, content: bytes) -> Path:
    draft = _draft_of(path)
    with _opened_draft(draft) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _draft_of(path: Path) -> Path:
    path.parent.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}.draft")


def _opened_draft(draft: Path) -> BinaryIO:
    return os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE), "wb")


def make_name_durable(folder: Path) -> None:
    """The name of a file is in its folder, which has to reach the disk as well."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def shut_others_out(folder: Path) -> list[Path]:
    """Let only the owner use a folder and all that is in it; gives what everybody may still use.

    What is somebody else's cannot be mended. A group that may read it is then left its right:
    that is how clusters and service managers hand secrets out.
    """
    found = [folder, *folder.rglob("*")]
    return [path for path in found if path.exists() and not _is_private(path)]


def _is_private(path: Path) -> bool:
    """Whether everybody else is shut out of it by now."""
    with suppress(FileNotFoundError):  # another process's draft
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            try:
                path.chmod(mode & (_PRIVATE_FOLDER if path.is_dir() else _PRIVATE))
            except OSError:
                return not mode & stat.S_IRWXO
    return True

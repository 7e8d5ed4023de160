"""Files that were read to their end and kept for what was withheld of them (done_folder)."""

from collections.abc import Collection
from datetime import UTC, date, datetime
from pathlib import Path


def sweep_files(
    done: Path,
    *,
    before: date,
    waiting: Collection[Path],
    waiting_before: date,
    dry_run: bool = False,
) -> int:
    """Delete the files that were read before that day; gives how many.

    One of which something waits to be permitted is kept until it was read before
    `waiting_before`. Only regular files in the folder itself; what cannot be deleted is left
    for the next time. A folder that is not there has none.
    """
    if not done.is_dir():
        return 0
    waits = {path.resolve() for path in waiting}
    gone = 0
    for path in sorted(done.iterdir()):
        read_on = _read_on(path)
        limit = waiting_before if path.resolve() in waits else before
        if read_on is not None and read_on < limit:
            gone += dry_run or _deleted(path)
    return gone


def _read_on(path: Path) -> date | None:
    """The day on which it got its name here, or later; None for what is no file of ours.

    The time of the file itself is its owner's, and older.
    """
    try:
        found = path.lstat()
    except OSError:
        return None
    if path.is_symlink() or not path.is_file():
        return None
    return datetime.fromtimestamp(max(found.st_ctime, found.st_mtime), tz=UTC).date()


def _deleted(path: Path) -> bool:
    try:
        path.unlink()
    except OSError:
        return False
    return True

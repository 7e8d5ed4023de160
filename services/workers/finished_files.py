"""Which files of a folder are finished: nobody tells, so it has to be seen.

Writers do best to write under another name and to rename at the end. Of others a file is taken for
finished when nothing about it changes for a while; one that does not end as a whole file ends is
given longer.
"""

import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from services.errors import ServiceError

_SUFFIXES: Final = frozenset({".csv", ".xml"})
_NOT_YET: Final = (".", "~")
_LONGER: Final = 6.0
_TAIL: Final = 64


class FolderUnavailableError(ServiceError):
    """The watched folder cannot be read or written now: see that it is there, and whose it is."""


@dataclass(frozen=True, slots=True, repr=False)
class SeenFile:
    """A file as it stood when it was looked at. Its name may name somebody: it is not printed."""

    path: Path
    size: int
    modified_ns: int
    inode: int

    def is_like(self, found: os.stat_result) -> bool:
        """Whether that is the same file, unchanged."""
        return (found.st_size, found.st_mtime_ns, found.st_ino) == (
            self.size,
            self.modified_ns,
            self.inode,
        )


@dataclass(slots=True)
class FinishedFiles:
    """What is finished in one folder, look after look; `seconds` count from anywhere."""

    folder: Path
    settle_seconds: float
    seconds: Callable[[], float] = time.monotonic
    _since: dict[SeenFile, float] = field(default_factory=dict)
    _finished: int = 0

    @property
    def has_more(self) -> bool:
        """Whether there was something at the last look that was not finished."""
        return len(self._since) > self._finished

    def waits(self) -> tuple[float, float]:
        """After so many seconds more is finished; after so many more all that stands still is."""
        return self.settle_seconds, self.settle_seconds * (_LONGER - 1)

    def look(self) -> list[SeenFile]:
        """The files that are finished now, the oldest first. Raises FolderUnavailableError.

        Only regular files by names that end in .xml or .csv. An empty one is still to be written.
        """
        now = self.seconds()
        self._since = {seen: self._since.get(seen, now) for seen in _files_in(self.folder)}
        settled = [s for s, since in self._since.items() if now - since >= self.settle_seconds]
        patience = self.settle_seconds * _LONGER
        finished = [
            seen
            for seen in settled
            if now - self._since[seen] >= patience or _ends_as_whole_files_do(seen.path)
        ]
        self._finished = len(finished)
        return sorted(finished, key=lambda seen: (seen.modified_ns, seen.path))


def _files_in(folder: Path) -> Iterator[SeenFile]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                suffix = Path(entry.name).suffix.casefold()
                if suffix not in _SUFFIXES or entry.name.startswith(_NOT_YET):
                    continue
                seen = _seen(entry)
                if seen is not None:
                    yield seen
    except OSError as error:
        what = type(error).__name__
        raise FolderUnavailableError(f"the watched folder cannot be read ({what})") from error


def _seen(entry: "os.DirEntry[str]") -> SeenFile | None:
    try:
        found = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode) or not found.st_size:
        return None
    return SeenFile(Path(entry.path), found.st_size, found.st_mtime_ns, found.st_ino)


def _ends_as_whole_files_do(path: Path) -> bool:
    """With the root's end tag, or with the end of a line; what cannot be looked at is as it is."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _TAIL))
            tail = file.read(_TAIL)
    except OSError:
        return True
    if path.suffix.casefold() == ".xml":
        return tail.rstrip().endswith(b"</CTfile>")
    return tail.endswith((b"\n", b"\r"))

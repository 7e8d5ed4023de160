"""Files that come into a folder, and the folder `done` in which they are kept to be read again.

A file has its second name there before anything of it is read, and loses the first one when all
of it is durable. So a path that is remembered always stands for a file, and a file that was not
read to its end is still among those that come in, whatever died when.
"""

import hashlib
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from services.platform.errors import ServiceError

# Files in `done` that are past their time.


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


# Which files of a folder are finished: nobody tells, so it has to be seen.
#
# Writers do best to write under another name and to rename at the end. Of others a file is taken
# for finished when nothing about it changes for a while; one that does not end as a whole file ends
# is given longer.

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


DONE: Final = "done"
_DIGEST_CHARACTERS: Final = 12
_CHUNK: Final = 1024 * 1024
_LONGEST_NAME: Final = 200
"""In bytes, of which a file system lets a name have 255; ours stands before, and more after it."""
_OF_OURS: Final = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{12}-")


@dataclass(frozen=True, slots=True)
class DoneFolder:
    """The folder of one watched folder; `link` gives a file a second name."""

    path: Path
    link: Callable[..., None] = os.link

    @classmethod
    def below(cls, folder: Path) -> "DoneFolder":
        """Make it if need be; raises FolderUnavailableError when it cannot be written in."""
        path = folder / DONE
        try:
            path.mkdir(mode=0o700, exist_ok=True)
            probe = path / f".{secrets.token_hex(8)}"
            probe.touch()
            probe.unlink()
        except OSError as error:
            what = type(error).__name__
            raise FolderUnavailableError(f"files cannot be kept in {path} ({what})") from error
        return cls(path)

    def keep(self, seen: SeenFile) -> Path | None:
        """Give the file its name here, the same whenever it is tried again; None if it changed.

        One that came before with the same content in the same second keeps its own. A second name
        for the same bytes, or a copy where that cannot be given. The time of the file stays what it
        was. Raises OSError.
        """
        try:
            kept = self.path / _name_for(seen, _digest_of(seen.path))
            if kept.exists() and not _is_of_that_time(kept, seen):
                kept = kept.with_name(f"{seen.modified_ns}-{kept.name}")
            is_new = not kept.exists()
            if is_new:
                link_or_copy(seen.path, kept, link=self.link)
            is_the_same = seen.is_like(seen.path.lstat())
        except FileNotFoundError:
            return None
        if is_the_same and _is_of_that_time(kept, seen):
            return kept
        if is_new:
            kept.unlink()
        return None

    def let_go(self, seen: SeenFile) -> None:
        """Take away the name under which the file came in, unless it is another file's by now.

        Moved aside first, under a name that would be picked up: so what was put there in this
        very moment is not lost.
        """
        make_names_durable(self.path)
        aside = seen.path.with_name(f"again-{secrets.token_hex(4)}-{seen.path.name}")
        try:
            seen.path.rename(aside)
        except FileNotFoundError:
            return
        if seen.is_like(aside.lstat()):
            aside.unlink()


def link_or_copy(path: Path, kept: Path, *, link: Callable[..., None] = os.link) -> None:
    """A second name; a copy where the file system knows none or the file is somebody else's."""
    try:
        link(path, kept, follow_symlinks=False)
    except FileNotFoundError:
        raise
    except OSError:
        _copy(path, kept)


def _copy(path: Path, kept: Path) -> None:
    draft = kept.with_name(f".{secrets.token_hex(8)}")
    try:
        shutil.copy2(path, draft, follow_symlinks=False)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.rename(kept)
    finally:
        draft.unlink(missing_ok=True)


def make_names_durable(folder: Path) -> None:
    """Before the old name goes, the new one has to be on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _digest_of(path: Path) -> str:
    digest = hashlib.sha256()
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()[:_DIGEST_CHARACTERS]


def _is_of_that_time(kept: Path, seen: SeenFile) -> bool:
    found = kept.lstat()
    return (found.st_size, found.st_mtime_ns) == (seen.size, seen.modified_ns)


def _name_for(seen: SeenFile, digest: str) -> str:
    """By its time and its bytes; one that was put back has such a name already, which goes."""
    moment = datetime.fromtimestamp(seen.modified_ns / 1e9, tz=UTC)
    own = _OF_OURS.sub("", seen.path.name)
    if len(os.fsencode(own)) > _LONGEST_NAME:
        own = own[-_LONGEST_NAME // 4 :]
    return f"{moment:%Y%m%dT%H%M%SZ}-{digest}-{own}"

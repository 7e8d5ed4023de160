"""The folder `done` beside the files that come in: where they are kept to be read again.

A file has its second name there before anything of it is read, and loses the first one when all
of it is durable. So a path that is remembered always stands for a file, and a file that was not
read to its end is still among those that come in, whatever died when.
"""

import hashlib
import os
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from services.workers.finished_files import FolderUnavailableError, SeenFile

DONE: Final = "done"
_DIGEST_CHARACTERS: Final = 12
_CHUNK: Final = 1024 * 1024


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

        A second name for the same bytes, or a copy where that cannot be given. The time of the
        file stays what it was. Raises OSError.
        """
        try:
            kept = self.path / _name_for(seen, _digest_of(seen.path))
            is_new = not kept.exists()
            if is_new:
                self._name_again(seen.path, kept)
            is_the_same = seen.is_like(seen.path.lstat())
        except FileNotFoundError:
            return None
        found = kept.lstat()
        if is_the_same and (found.st_size, found.st_mtime_ns) == (seen.size, seen.modified_ns):
            return kept
        if is_new:
            kept.unlink()
        return None

    def let_go(self, seen: SeenFile) -> None:
        """Take away the name under which the file came in, unless it is another file's by now.

        Moved aside first, under a name that would be picked up: so what was put there in this
        very moment is not lost.
        """
        _make_names_durable(self.path)
        aside = seen.path.with_name(f"again-{secrets.token_hex(4)}-{seen.path.name}")
        try:
            seen.path.rename(aside)
        except FileNotFoundError:
            return
        if seen.is_like(aside.lstat()):
            aside.unlink()

    def _name_again(self, path: Path, kept: Path) -> None:
        """A link; a copy where the file system knows none or the file is somebody else's."""
        try:
            self.link(path, kept, follow_symlinks=False)
        except FileNotFoundError:
            raise
        except OSError:
            self._copy(path, kept)

    def _copy(self, path: Path, kept: Path) -> None:
        draft = self.path / f".{secrets.token_hex(8)}"
        try:
            shutil.copy2(path, draft, follow_symlinks=False)
            with draft.open("rb") as file:
                os.fsync(file.fileno())
            draft.rename(kept)
        finally:
            draft.unlink(missing_ok=True)


def _make_names_durable(folder: Path) -> None:
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


def _name_for(seen: SeenFile, digest: str) -> str:
    moment = datetime.fromtimestamp(seen.modified_ns / 1e9, tz=UTC)
    return f"{moment:%Y%m%dT%H%M%SZ}-{digest}-{seen.path.name}"

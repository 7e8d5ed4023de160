"""A copy of the checkpoint that was signed last, in a file beside the key that signs.

A database that is restored from an older backup agrees with itself. The copy is not in the
database, so whoever signs next sees that entries it has signed before are gone.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from consent.checkpoint import Checkpoint, open_checkpoint
from consent.errors import ConsentError, LedgerBrokenError, LedgerUnavailableError
from consent.signed_note import parse_note
from consent.verifier_key import VerifierKey
from services.adapters.durable_files import replace_durably
from services.adapters.embedded.file_lock import FileLock


class SignedCopy:
    """The copy in one file; processes on this machine may share it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: str | None = None

    def read(self, keys: Sequence[VerifierKey], *, origin: str) -> Checkpoint | None:
        """Give the checkpoint that was signed last; None before the first.

        Raises LedgerBrokenError for a file that none of these keys signed under this origin, and
        LedgerUnavailableError when it cannot be read.
        """
        content = self._content()
        if content is None:
            return None
        try:
            return open_checkpoint(content, keys, origin=origin).checkpoint
        except ConsentError as error:
            raise LedgerBrokenError(
                f"{self._path.name} beside the key is not ours: {error}; nothing is signed"
            ) from error

    def keep(self, note: str) -> None:
        """Keep a checkpoint whose transaction has committed, durably, unless a larger one is kept.

        Raises LedgerUnavailableError when it cannot be written; keep it again before the next.
        """
        if note == self._kept:
            return
        with self._locked():
            before = self._content()
            if before is None or _size(before) < _size(note):
                replace_durably(self._path, note.encode())
        self._kept = note

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with FileLock.open(self._path.with_suffix(".lock")) as lock:
                lock.wait_exclusive()
                yield
        except OSError as error:
            raise LedgerUnavailableError(
                f"{self._path.name} cannot be written beside the key: {error.strerror}"
            ) from error

    def _content(self) -> bytes | None:
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise LedgerUnavailableError(
                f"{self._path.name} beside the key cannot be read: {error.strerror}"
            ) from error


def _size(note: bytes | str) -> int:
    return Checkpoint.parse(parse_note(note).text).size

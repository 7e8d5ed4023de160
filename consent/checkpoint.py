"""C2SP checkpoints: a tree's origin, size and root as a signed note (c2sp.org/tlog-checkpoint)."""

import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass

from consent.errors import NoteMalformedError, NoteUntrustedError
from consent.hash_lines import parse_hash
from consent.signed_note import (
    CheckedSignatures,
    Note,
    NoteSigner,
    check_signatures,
    parse_note,
    require_trusted,
)
from consent.verifier_key import VerifierKey

_FEWEST_LINES = 3
_SIZE = re.compile(r"0|[1-9][0-9]{0,19}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log's tree at one size."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read the text of a note as a checkpoint; raises NoteMalformedError."""
        lines = text.removesuffix("\n").split("\n")
        if not text.endswith("\n") or len(lines) < _FEWEST_LINES or not all(lines):
            raise NoteMalformedError("a checkpoint is at least three lines, none of them empty")
        origin, size, encoded, *extensions = lines
        if not _SIZE.fullmatch(size):
            raise NoteMalformedError("a checkpoint's size is a decimal without leading zeroes")
        root = parse_hash(encoded, what="root of a checkpoint")
        return cls(origin, int(size), root, tuple(extensions))

    def __str__(self) -> str:
        head = (self.origin, str(self.size), b64encode(self.root).decode())
        return "".join(f"{line}\n" for line in (*head, *self.extensions))


@dataclass(frozen=True, slots=True, repr=False)
class LedgerSigner(NoteSigner):
    """Signs a ledger's checkpoints; its name is the ledger's origin too."""

    def sign_checkpoint(self, *, size: int, root: bytes) -> str:
        """Give the signed note of the tree of this size and root."""
        return str(self.sign(str(Checkpoint(self.name, size, root))))


@dataclass(frozen=True, slots=True)
class OpenedCheckpoint:
    """A checkpoint as it was read, with who signed it; trust it only when a known key did."""

    checkpoint: Checkpoint
    note: Note
    signatures: CheckedSignatures


def read_checkpoint(content: bytes | str, keys: Iterable[VerifierKey]) -> OpenedCheckpoint:
    """Read a checkpoint and who signed it; raises NoteMalformedError, never for the signers."""
    note = parse_note(content)
    return OpenedCheckpoint(Checkpoint.parse(note.text), note, check_signatures(note, keys))


def open_checkpoint(
    content: bytes | str, keys: Iterable[VerifierKey], *, origin: str | None = None
) -> OpenedCheckpoint:
    """Read a checkpoint that a known key signed, of this origin when one is given.

    Raises NoteMalformedError, and NoteUntrustedError for another origin, a failing signature
    of a known key, or no signature of one.
    """
    note = parse_note(content)
    checked = require_trusted(note, keys)
    checkpoint = Checkpoint.parse(note.text)
    if origin is not None and checkpoint.origin != origin:
        raise NoteUntrustedError(f"the checkpoint is of another log than {origin}")
    return OpenedCheckpoint(checkpoint, note, checked)

"""C2SP checkpoints, and proof files that lead to one: an entry is in a log, checkable offline.

A checkpoint is a tree's origin, size and root as a signed note (c2sp.org/tlog-checkpoint).
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from consent.errors import NoteMalformedError, NoteUntrustedError
from consent.ledger.merkle import leaf_hash, verify_inclusion
from consent.transparency.signed_note import (
    CheckedSignatures,
    Note,
    NoteSigner,
    check_signatures,
    hash_lines,
    parse_hash,
    parse_note,
    require_trusted,
)
from consent.transparency.verifier_key import VerifierKey, decode_base64

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


# Proof files (c2sp.org/tlog-proof).

_HEADER = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,19})")
_LONGEST_PROOF = 64


@dataclass(frozen=True, slots=True)
class TlogProof:
    """A proof file: where an entry is, the hashes up to the root, and the root signed.

    `extra` is not authenticated by itself. Our receipts carry the entry's own bytes there, and
    those are proved by the rest of the file.
    """

    index: int
    hashes: Sequence[bytes]
    checkpoint: str
    extra: bytes | None = None

    @classmethod
    def parse(cls, content: bytes) -> "TlogProof":
        """Read a proof file strictly; raises NoteMalformedError. It is not checked yet."""
        try:
            head, separator, checkpoint = content.decode().partition("\n\n")
        except UnicodeDecodeError:
            raise NoteMalformedError("a proof file is UTF-8") from None
        header, *lines = head.split("\n")
        if header != _HEADER or not separator:
            raise NoteMalformedError(f"a proof file begins with {_HEADER} and has an empty line")
        extra = None
        if lines and lines[0].startswith("extra "):
            extra = decode_base64(lines.pop(0).removeprefix("extra "), what="extra of a proof")
        index = _INDEX.fullmatch(lines.pop(0)) if lines else None
        if index is None or len(lines) > _LONGEST_PROOF:
            raise NoteMalformedError("a proof file has an index line and then at most 64 hashes")
        hashes = tuple(parse_hash(line, what="hash of a proof") for line in lines)
        return cls(int(index[1]), hashes, checkpoint, extra)

    def __str__(self) -> str:
        extra = "" if self.extra is None else f"extra {b64encode(self.extra).decode()}\n"
        head = f"{_HEADER}\n{extra}index {self.index}\n"
        return f"{head}{hash_lines(self.hashes)}\n{self.checkpoint}"

    def check(
        self, entry: bytes, keys: Iterable[VerifierKey], *, origin: str | None = None
    ) -> OpenedCheckpoint:
        """Check that `entry` is in the log whose checkpoint a known key signed.

        Gives that checkpoint. Raises as open_checkpoint, and ProofInvalidError when the hashes
        do not lead from the entry to its root.
        """
        opened = open_checkpoint(self.checkpoint, keys, origin=origin)
        verify_inclusion(
            leaf_hash(entry),
            index=self.index,
            size=opened.checkpoint.size,
            proof=self.hashes,
            root=opened.checkpoint.root,
        )
        return opened

"""C2SP proof files: that an entry is in a log, checkable offline (c2sp.org/tlog-proof)."""

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from consent.checkpoint import OpenedCheckpoint, open_checkpoint
from consent.errors import NoteMalformedError
from consent.hash_lines import hash_lines, parse_hash
from consent.merkle import leaf_hash, verify_inclusion
from consent.verifier_key import VerifierKey, decode_base64

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

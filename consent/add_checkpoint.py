"""What a log sends to a witness, and what comes back (c2sp.org/tlog-witness)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from consent.errors import NoteMalformedError, NoteUntrustedError
from consent.hash_lines import hash_lines, parse_hash
from consent.signed_note import Note, NoteSignature, parse_signature_lines
from consent.verifier_key import VerifierKey

SIZE_CONTENT_TYPE = "text/x.tlog.size"
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")
_SIZE = re.compile(rb"(0|[1-9][0-9]{0,18})\n")
_LONGEST_PROOF = 63


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """Asks a witness to cosign a checkpoint that extends the tree of `old_size` it saw last.

    `checkpoint` is the signed note; `proof` shows that its tree extends the old one
    (RFC 9162 section 2.1.4.1), and is empty when the old one is.
    """

    old_size: int
    proof: Sequence[bytes]
    checkpoint: str

    @classmethod
    def parse(cls, content: bytes) -> "AddCheckpoint":
        """Read a request's body strictly; raises NoteMalformedError. It is not checked yet."""
        try:
            head, separator, checkpoint = content.decode().partition("\n\n")
        except UnicodeDecodeError:
            raise NoteMalformedError("a request is UTF-8") from None
        first, *lines = head.split("\n")
        old = _OLD.fullmatch(first)
        if old is None or not separator:
            raise NoteMalformedError("a request is `old`, a size, a proof, an empty line, a note")
        if len(lines) > _LONGEST_PROOF:
            raise NoteMalformedError(f"a proof is of at most {_LONGEST_PROOF} lines")
        proof = tuple(parse_hash(line, what="hash of a proof") for line in lines)
        return cls(int(old[1]), proof, checkpoint)

    def __str__(self) -> str:
        return f"old {self.old_size}\n{hash_lines(self.proof)}\n{self.checkpoint}"


def read_size(content: bytes) -> int:
    """Read the size that a witness saw last, from its 409; raises NoteMalformedError."""
    match = _SIZE.fullmatch(content)
    if match is None:
        raise NoteMalformedError("the size that a witness tells is not a decimal and a newline")
    return int(match[1])


def read_cosignature(content: bytes, note: Note, key: VerifierKey) -> NoteSignature:
    """Read a witness' answer: the one line of it by this key, whose signature was checked.

    Lines by other keys are ignored. Raises NoteMalformedError, and NoteUntrustedError when this
    key did not sign or its signature fails.
    """
    try:
        lines = parse_signature_lines(content.decode())
    except UnicodeDecodeError:
        raise NoteMalformedError("signature lines are UTF-8") from None
    for line in lines:
        if (line.name, line.key_id) == (key.name, key.key_id):
            if key.verifies(note.text.encode(), line.signature):
                return line
            raise NoteUntrustedError(f"the cosignature of {key.label} fails")
    raise NoteUntrustedError(f"{key.label} did not sign")

"""C2SP signed notes: text with signatures beneath it (c2sp.org/signed-note)."""

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consent.errors import NoteMalformedError, NoteUntrustedError
from consent.ledger.merkle import HASH_SIZE
from consent.transparency.verifier_key import (
    KEY_ID_SIZE,
    VerifierKey,
    decode_base64,
    require_key_name,
)

_MOST_BYTES = 1_000_000
_MOST_SIGNATURES = 100


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: under which name, by which key, and what."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"— {self.name} {b64encode(self.key_id + self.signature).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A note as it was read. Its text means nothing until a known key is seen to sign it."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(map(str, self.signatures))


@dataclass(frozen=True, slots=True)
class CheckedSignatures:
    """Who signed a note: the keys we know, those whose signature fails, and the others."""

    signed_by: tuple[VerifierKey, ...]
    failed: tuple[VerifierKey, ...]
    unknown: tuple[NoteSignature, ...]

    @property
    def is_trusted(self) -> bool:
        """Whether a known key signed, and no known key's signature fails."""
        return bool(self.signed_by) and not self.failed


@dataclass(frozen=True, slots=True, repr=False)
class NoteSigner:
    """An Ed25519 key that signs notes under a name; `private_key` is the 32-byte seed."""

    name: str
    private_key: bytes

    def __post_init__(self) -> None:
        """Refuse a name that no note could carry, or a seed of another length."""
        require_key_name(self.name)
        Ed25519PrivateKey.from_private_bytes(self.private_key)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, private_key=••••)"

    @property
    def verifier_key(self) -> VerifierKey:
        """The public half, to give to everyone who checks."""
        return VerifierKey(self.name, self._key().public_key().public_bytes_raw())

    def sign(self, text: str) -> Note:
        """Sign a text, which must end in a newline; raises NoteMalformedError otherwise."""
        _require_text(text)
        signature = self._key().sign(text.encode())
        return Note(text, (NoteSignature(self.name, self.verifier_key.key_id, signature),))

    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.private_key)


def parse_note(content: bytes | str) -> Note:
    """Read a note strictly; raises NoteMalformedError. It is not trusted yet."""
    text, signature_lines = _split(_decode(content))
    return Note(text, parse_signature_lines(signature_lines))


def parse_signature_lines(lines: str) -> tuple[NoteSignature, ...]:
    """Read signature lines, each ending in a newline; raises NoteMalformedError."""
    if not lines.endswith("\n"):
        raise NoteMalformedError("a signature line ends in a newline")
    signatures = tuple(map(_parse_signature, lines[:-1].split("\n")))
    if len(signatures) > _MOST_SIGNATURES:
        raise NoteMalformedError(f"a note has at most {_MOST_SIGNATURES} signatures")
    return signatures


def add_signatures(note: str, signatures: Iterable[NoteSignature]) -> str:
    """Put more signatures below a note, which changes nothing of what is signed."""
    return note + "".join(map(str, signatures))


def check_signatures(note: Note, keys: Iterable[VerifierKey]) -> CheckedSignatures:
    """Sort a note's signatures by what the known keys say of them; a repeated one counts once."""
    known = {(key.name, key.key_id): key for key in keys}
    text = note.text.encode()
    signed: dict[VerifierKey, None] = {}
    failed: dict[VerifierKey, None] = {}
    unknown: dict[NoteSignature, None] = {}
    for each in note.signatures:
        key = known.get((each.name, each.key_id))
        if key is None:
            unknown[each] = None
        elif key.verifies(text, each.signature):
            signed[key] = None
        else:
            failed[key] = None
    return CheckedSignatures(tuple(signed), tuple(failed), tuple(unknown))


def require_trusted(note: Note, keys: Iterable[VerifierKey]) -> CheckedSignatures:
    """Check a note's signatures; raises NoteUntrustedError unless a known key signed it."""
    checked = check_signatures(note, keys)
    if checked.failed:
        raise NoteUntrustedError(f"the signature of {checked.failed[0].name} fails")
    if not checked.signed_by:
        raise NoteUntrustedError("no known key signed the note")
    return checked


def _decode(content: bytes | str) -> str:
    if len(content) > _MOST_BYTES:
        raise NoteMalformedError(f"a note is not longer than {_MOST_BYTES} bytes")
    if isinstance(content, str):
        return content
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise NoteMalformedError("a note is UTF-8") from None


def _split(content: str) -> tuple[str, str]:
    """Split at the last empty line, which separates the text from the signatures."""
    if any(c < " " and c != "\n" for c in content):
        raise NoteMalformedError("a note has no control characters but newlines")
    text, separator, signatures = content.rpartition("\n\n")
    if not separator:
        raise NoteMalformedError("a note is text, an empty line and signature lines")
    return text + "\n", signatures


def _parse_signature(line: str) -> NoteSignature:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    if dash != "—":
        raise NoteMalformedError("a signature line begins with a long dash and a space")
    require_key_name(name)
    decoded = decode_base64(encoded, what=f"signature of {name}")
    if len(decoded) <= KEY_ID_SIZE:
        raise NoteMalformedError(f"signature of {name}: too short")
    return NoteSignature(name, decoded[:KEY_ID_SIZE], decoded[KEY_ID_SIZE:])


def _require_text(text: str) -> None:
    if not text.endswith("\n") or any(c < " " and c != "\n" for c in text):
        raise NoteMalformedError("the text of a note ends in a newline and is printable")


# Hashes as lines of base64, as every text form of C2SP writes roots and proofs.


def parse_hash(line: str, *, what: str) -> bytes:
    """Read one hash; raises NoteMalformedError, which names `what` it was to be."""
    decoded = decode_base64(line, what=what)
    if len(decoded) != HASH_SIZE:
        raise NoteMalformedError(f"{what}: not {HASH_SIZE} bytes")
    return decoded


def hash_lines(hashes: Iterable[bytes]) -> str:
    """Write hashes, each on a line of its own."""
    return "".join(f"{b64encode(each).decode()}\n" for each in hashes)

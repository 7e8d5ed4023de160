"""Public keys that check notes: C2SP signed-note verifier keys, `name+hash+base64`.

Signature types: Ed25519 over the text (c2sp.org/signed-note), and the witness cosignatures of
c2sp.org/tlog-cosignature, timestamped, with Ed25519 and with ML-DSA-44.
"""

import binascii
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from typing import assert_never

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from consent.errors import KeyOfUnknownKindError, NoteMalformedError

# What a cosigner of a checkpoint signs: a time, and what was seen (c2sp.org/tlog-cosignature).

TIMESTAMP_SIZE = 8
_END_OF_TIME = 1 << 63
_LABEL = b"subtree/v1\n\x00"
_LONGEST_NAME = 255
_ROOT_SIZE = 32


def split_timestamp(signature: bytes) -> tuple[int, bytes]:
    """Part a cosignature, without its key id, into POSIX seconds and the bare signature.

    Raises ValueError for one that is too short or of a time past 2^63 - 1.
    """
    seconds = int.from_bytes(signature[:TIMESTAMP_SIZE], "big")
    if len(signature) <= TIMESTAMP_SIZE or seconds >= _END_OF_TIME:
        raise ValueError("not a timestamped signature")
    return seconds, signature[TIMESTAMP_SIZE:]


def ed25519_message(seconds: int, text: bytes) -> bytes:
    """Build what an Ed25519 cosigner signs: two lines, then the whole text of the note."""
    return b"cosignature/v1\ntime %d\n%b" % (seconds, text)


def ml_dsa_message(name: str, seconds: int, text: bytes) -> bytes:
    """Build what an ML-DSA-44 cosigner signs: its name, the time, the log, the size, the root.

    Raises ValueError for a text that is no checkpoint, or a name that has no length byte.
    """
    origin, size, encoded, *_ = text.split(b"\n")
    cosigner, root = name.encode(), b64decode(encoded, validate=True)
    if not 0 < len(cosigner) <= _LONGEST_NAME or not 0 < len(origin) <= _LONGEST_NAME:
        raise ValueError("a name is of 1 to 255 bytes")
    if len(root) != _ROOT_SIZE:
        raise ValueError(f"a root is of {_ROOT_SIZE} bytes")
    return b"".join(
        (
            _LABEL,
            bytes([len(cosigner)]) + cosigner,
            seconds.to_bytes(8, "big"),
            bytes([len(origin)]) + origin,
            (0).to_bytes(8, "big") + int(size).to_bytes(8, "big"),
            root,
        )
    )


KEY_ID_SIZE = 4


class SignatureType(IntEnum):
    """The signature type identifier bytes that we can check."""

    ED25519 = 0x01
    ED25519_COSIGNATURE = 0x04
    ML_DSA_44_COSIGNATURE = 0x06


_KEY_SIZES = {
    SignatureType.ED25519: 32,
    SignatureType.ED25519_COSIGNATURE: 32,
    SignatureType.ML_DSA_44_COSIGNATURE: 1312,
}


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with the name it signs under. Raises NoteMalformedError for a bad one."""

    name: str
    public_key: bytes
    type: SignatureType = SignatureType.ED25519

    def __post_init__(self) -> None:
        """Refuse a name or key that no note could carry."""
        require_key_name(self.name)
        if len(self.public_key) != _KEY_SIZES[self.type]:
            raise NoteMalformedError(f"verifier key of {self.name}: the key has a wrong length")

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Read `name+hash+base64(type || key)`; the hash must be that of the name and key."""
        match = re.fullmatch(r"([^+]+)\+([0-9a-fA-F]{8})\+([0-9A-Za-z+/=]+)", text.strip())
        if match is None:
            raise NoteMalformedError("a verifier key is name+hash+base64")
        name, key_id, material = match.groups()
        encoded = decode_base64(material, what=f"verifier key of {name}")
        try:
            key = cls(name, encoded[1:], SignatureType(encoded[0]))
        except ValueError:
            raise KeyOfUnknownKindError(f"verifier key of {name}: unknown signature type") from None
        if key.key_id != bytes.fromhex(key_id):
            raise NoteMalformedError(f"verifier key of {name}: its hash is not that of the key")
        return key

    @property
    def key_id(self) -> bytes:
        """SHA-256(name || 0x0A || type || key)[:4] (c2sp.org/signed-note)."""
        return sha256(self.name.encode() + b"\n" + self._encoded()).digest()[:KEY_ID_SIZE]

    @property
    def label(self) -> str:
        """The name and key id, which tell keys apart in fewer characters than the key."""
        return f"{self.name}+{self.key_id.hex()}"

    @property
    def may_sign_logs(self) -> bool:
        """Whether a log may sign with it (c2sp.org/tlog-checkpoint).

        An Ed25519 cosignature says that somebody looked on; it never stands for the log's own.
        """
        return self.type is not SignatureType.ED25519_COSIGNATURE

    def __str__(self) -> str:
        return f"{self.label}+{b64encode(self._encoded()).decode()}"

    def verifies(self, text: bytes, signature: bytes) -> bool:
        """Tell whether `signature`, without its key id, is this key's for the note's text."""
        try:
            self._verify(text, signature)
        except (InvalidSignature, UnsupportedAlgorithm, ValueError):
            return False
        return True

    def _verify(self, text: bytes, signature: bytes) -> None:
        match self.type:
            case SignatureType.ED25519:
                Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, text)
            case SignatureType.ED25519_COSIGNATURE:
                seconds, rest = split_timestamp(signature)
                message = ed25519_message(seconds, text)
                Ed25519PublicKey.from_public_bytes(self.public_key).verify(rest, message)
            case SignatureType.ML_DSA_44_COSIGNATURE:
                seconds, rest = split_timestamp(signature)
                message = ml_dsa_message(self.name, seconds, text)
                MLDSA44PublicKey.from_public_bytes(self.public_key).verify(rest, message)
            case _:
                assert_never(self.type)

    def _encoded(self) -> bytes:
        return bytes([self.type]) + self.public_key


def require_key_name(name: str) -> None:
    """Refuse a key name that is empty or has a space or plus (c2sp.org/signed-note)."""
    if not name or "+" in name or any(c.isspace() or c < " " for c in name):
        raise NoteMalformedError("a key name is not empty and has neither spaces nor plus")


def decode_base64(text: str, *, what: str) -> bytes:
    """Decode standard base64 (RFC 4648 section 4) that has exactly one spelling."""
    try:
        decoded = b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoteMalformedError(f"{what}: not base64") from None
    if b64encode(decoded).decode() != text:
        raise NoteMalformedError(f"{what}: not canonical base64")
    return decoded

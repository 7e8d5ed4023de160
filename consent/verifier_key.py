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

from consent.cosigned_text import ed25519_message, ml_dsa_message, split_timestamp
from consent.errors import NoteMalformedError

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
            raise NoteMalformedError(f"verifier key of {name}: unknown signature type") from None
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

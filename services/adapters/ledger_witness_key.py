"""The key of a witness, in a file of its own: one line, readable by its owner only."""

import re
import secrets
from base64 import b64encode
from pathlib import Path

from consent.cosignature import Cosigner
from consent.errors import NoteMalformedError
from consent.verifier_key import SignatureType, decode_base64
from services.adapters.durable_files import create_durably
from services.errors import KeyUnusableError

# As Go's note package writes private keys, with the signature type of a cosigner.
_LINE = re.compile(r"PRIVATE\+KEY\+([^+]+)\+([0-9a-f]{8})\+([0-9A-Za-z+/=]+)\n?")


def make_witness_key(path: Path, name: str) -> Cosigner:
    """Make a new key under this name and keep it in a new file.

    Raises KeyUnusableError when there is such a file already, or the name is none.
    """
    try:
        cosigner = Cosigner(name, secrets.token_bytes(32))
        create_durably(path, _line_of(cosigner))
    except FileExistsError:
        raise KeyUnusableError(f"{path.name} is there already; a key is made once") from None
    except OSError as error:
        raise KeyUnusableError(f"{path.name} cannot be written: {error.strerror}") from error
    except NoteMalformedError as error:
        raise KeyUnusableError(str(error)) from None
    return cosigner


def read_witness_key(path: Path) -> Cosigner:
    """Read a key that was made here; raises KeyUnusableError."""
    try:
        line = _LINE.fullmatch(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise KeyUnusableError(f"{path.name} cannot be read; --new-key makes one") from None
    if line is None:
        raise KeyUnusableError(f"{path.name} is not the key of a witness; --new-key makes one")
    try:
        cosigner = _cosigner_of(line[1], decode_base64(line[3], what=path.name))
    except (NoteMalformedError, ValueError):
        raise KeyUnusableError(f"{path.name} is damaged; restore it") from None
    if cosigner.verifier_key.key_id.hex() != line[2]:
        raise KeyUnusableError(f"{path.name} is damaged: its hash is not that of the key")
    return cosigner


def _line_of(cosigner: Cosigner) -> bytes:
    key = cosigner.verifier_key
    material = b64encode(bytes([key.type]) + cosigner.private_key).decode()
    return f"PRIVATE+KEY+{key.label}+{material}\n".encode()


def _cosigner_of(name: str, material: bytes) -> Cosigner:
    if SignatureType(material[0]) is not SignatureType.ED25519_COSIGNATURE:
        raise ValueError("another type of key")
    return Cosigner(name, material[1:])

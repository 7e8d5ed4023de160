"""Hashes as lines of base64, as every text form of C2SP writes roots and proofs."""

from base64 import b64encode
from collections.abc import Iterable

from consent.errors import NoteMalformedError
from consent.merkle import HASH_SIZE
from consent.verifier_key import decode_base64


def parse_hash(line: str, *, what: str) -> bytes:
    """Read one hash; raises NoteMalformedError, which names `what` it was to be."""
    decoded = decode_base64(line, what=what)
    if len(decoded) != HASH_SIZE:
        raise NoteMalformedError(f"{what}: not {HASH_SIZE} bytes")
    return decoded


def hash_lines(hashes: Iterable[bytes]) -> str:
    """Write hashes, each on a line of its own."""
    return "".join(f"{b64encode(each).decode()}\n" for each in hashes)

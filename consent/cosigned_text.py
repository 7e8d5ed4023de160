"""What a cosigner of a checkpoint signs: a time, and what was seen (c2sp.org/tlog-cosignature)."""

from base64 import b64decode

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

"""A look at the beginning of a stream that need not be one that can go back."""

from io import RawIOBase
from typing import BinaryIO, cast


def look_at(stream: BinaryIO, size: int) -> tuple[bytes, BinaryIO]:
    """Up to `size` bytes of the beginning, and a stream that still has them."""
    beginning = b""
    while len(beginning) < size and (more := stream.read(size - len(beginning))):
        beginning += more
    return beginning, cast("BinaryIO", _FromBeginning(beginning, stream))


class _FromBeginning(RawIOBase):
    """What was read already, then the rest."""

    def __init__(self, beginning: bytes, rest: BinaryIO) -> None:
        self._beginning = beginning
        self._rest = rest

    def read(self, size: int = -1) -> bytes:
        """The beginning by itself, whatever the size asked for; then as the stream reads."""
        beginning, self._beginning = self._beginning, b""
        return beginning or self._rest.read(size)

"""All that one reading has read, as one hash: what it shows can follow from nothing else there is.

Kept where statements are carried out and nowhere else, so that no port can read past it.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any

import msgspec

_DIGEST_BYTES = 32
_SEAL_BYTES = 28
"""Of what is sealed: its nonce, which no two have, and what comes next."""


class Inputs:
    """What was read since `begin`; nothing is noted before it.

    What differs from one reading to the next although the same is shown is not noted by who asks:
    how a caller came in, and what each reading tells anew of an answer that was kept.
    """

    __slots__ = ("_is_noting", "_noted", "asked")

    def __init__(self) -> None:
        self._noted = blake2b(digest_size=_DIGEST_BYTES)
        self._is_noting = False
        self.asked = 0

    def begin(self) -> None:
        """Note what is read from now on."""
        self._is_noting = True

    def note(self, name: str, rows: Iterable[Any]) -> None:
        """Rows that one statement gave."""
        if self._is_noting:
            self.asked += 1
            self._noted.update(_ENCODER.encode((name, rows)))

    def so_far(self) -> tuple[bytes, int]:
        """A hash of all of it, and how often something was asked."""
        return self._noted.digest(), self.asked


def with_seals(rows: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Rows whose last column is sealed, by how it begins in place of all of it."""
    return [(*row[:-1], row[-1][:_SEAL_BYTES]) for row in rows]


def _plain(value: object) -> object:
    """What MessagePack has no word for."""
    return bytes(value) if isinstance(value, memoryview) else str(value)


_ENCODER = msgspec.msgpack.Encoder(enc_hook=_plain)

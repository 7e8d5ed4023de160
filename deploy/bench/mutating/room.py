"""How large damage makes an input: what is copied into itself time and again has no end."""

from typing import Final

LARGEST: Final = 3 * 1024 * 1024
"""Bytes of an input: over what every connector takes of one message, so that this is tried too.

A file of many messages takes as long as it has messages: `bench connect` measures that.
"""


def copies(asked: int, size: int) -> int:
    """So many copies of what has that size as fill half of the room, `asked` at most."""
    return min(asked, LARGEST // 2 // max(size, 1))

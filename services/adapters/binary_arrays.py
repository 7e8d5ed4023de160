"""Arrays that go to PostgreSQL in its binary form: as text they are written out, quoted and read.

The form is that of array_recv in PostgreSQL: dimensions, whether there are nulls, type of the
elements, how many, from which number on; then each with its length.
"""

import struct
from collections.abc import Iterable
from typing import Any

from psycopg import Connection
from psycopg.adapt import Dumper
from psycopg.pq import Format

_HEAD = struct.Struct("!iiIii")
_LENGTH = struct.Struct("!i")
_NULL = _LENGTH.pack(-1)
_EMPTY = struct.Struct("!iiI")
_BYTEA, _BYTEA_ARRAY = 17, 1001
_TEXT, _TEXT_ARRAY = 25, 1009


class Texts(list[str | None]):
    """A `text[]`."""


class Blobs(list[bytes | None]):
    """A `bytea[]`."""


class _TextsDumper(Dumper):
    format = Format.BINARY
    oid = _TEXT_ARRAY

    def dump(self, obj: Texts) -> bytes:
        """One text after the other, in UTF-8 as every connection of ours has it."""
        return _array(_TEXT, (None if text is None else text.encode() for text in obj), len(obj))


class _BlobsDumper(Dumper):
    format = Format.BINARY
    oid = _BYTEA_ARRAY

    def dump(self, obj: Blobs) -> bytes:
        """One after the other, as they are."""
        return _array(_BYTEA, obj, len(obj))


def send_arrays_as_they_are(connection: Connection[Any]) -> None:
    """Let this connection send Texts and Blobs so; on others they are lists like any other."""
    connection.adapters.register_dumper(Texts, _TextsDumper)
    connection.adapters.register_dumper(Blobs, _BlobsDumper)


def _array(kind: int, elements: Iterable[bytes | None], count: int) -> bytes:
    if not count:
        return _EMPTY.pack(0, 0, kind)
    parts = [_HEAD.pack(1, 1, kind, count, 1)]
    for element in elements:
        if element is None:
            parts.append(_NULL)
        else:
            parts += (_LENGTH.pack(len(element)), element)
    return b"".join(parts)

"""Reads what children's social care sends: payloads of its API or a census, told by content."""

from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from typing import BinaryIO, Final

from connectors.parsing import limits
from connectors.ports import Received
from connectors.social_care.census.reader import read_census
from connectors.social_care.csc.reader import read_csc

_CHUNK: Final = 64 * 1024
_BOM = b"\xef\xbb\xbf"


def read_social_care(stream: BinaryIO, *, received_at: datetime) -> Iterator[Received]:
    """The children of either; `received_at` (aware) versions payloads, which have no date.

    XML begins with `<` and is read in chunks; JSON as a whole, as much of it as may be.
    """
    beginning = stream.read(_CHUNK)
    if beginning.removeprefix(_BOM).lstrip().startswith(b"<"):
        return read_census(_chunks(beginning, stream))
    rest = stream.read(limits.CSC_BODY_BYTES + 1 - len(beginning))
    return read_csc(BytesIO(beginning + rest), received_at=received_at)


def _chunks(beginning: bytes, stream: BinaryIO) -> Iterator[bytes]:
    yield beginning
    while chunk := stream.read(_CHUNK):
        yield chunk

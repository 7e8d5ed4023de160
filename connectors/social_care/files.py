"""Reads what children's social care and its council send, told apart by content.

Payloads of the API that councils push to, the census of children in need, lists of school places.
"""

from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from typing import BinaryIO, Final

from connectors.parsing import limits
from connectors.parsing.tables.templates import begins_as, read_template
from connectors.ports import Received
from connectors.social_care.admissions.mapper import ADMISSIONS_LIST
from connectors.social_care.census.reader import read_census
from connectors.social_care.csc.reader import read_csc

_CHUNK: Final = 64 * 1024
_BOM = b"\xef\xbb\xbf"


def read_social_care(stream: BinaryIO, *, received_at: datetime) -> Iterator[Received]:
    """The children of any; `received_at` (aware) versions what has no date.

    XML begins with `<` and is read in chunks; JSON as a whole, as much of it as may be.
    """
    is_list, whole = begins_as(stream, ADMISSIONS_LIST)
    if is_list:
        return read_template(whole, ADMISSIONS_LIST, received_at=received_at)
    beginning = whole.read(_CHUNK)
    if beginning.removeprefix(_BOM).lstrip().startswith(b"<"):
        return read_census(_chunks(beginning, whole))
    body, most = beginning, limits.CSC_BODY_BYTES + 1
    while len(body) < most and (more := whole.read(most - len(body))):
        body += more
    return read_csc(BytesIO(body), received_at=received_at)


def _chunks(beginning: bytes, stream: BinaryIO) -> Iterator[bytes]:
    yield beginning
    while chunk := stream.read(_CHUNK):
        yield chunk

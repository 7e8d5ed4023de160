"""Reads what schools send: a Common Transfer File or a class list, told apart by its content."""

from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO, Final

from connectors.parsing.peek import look_at
from connectors.ports import Received
from connectors.schools.class_list.encodings import is_utf_16
from connectors.schools.class_list.reader import read_class_list
from connectors.schools.ctf.reader import read_ctf

_LOOK_AT: Final = 1024
_BOM = b"\xef\xbb\xbf"


def read_schools(stream: BinaryIO, *, received_at: datetime) -> Iterator[Received]:
    """The pupils of either; `received_at` (aware) versions a class list, which has no date.

    XML begins with `<`, in UTF-16 too. Nothing at all is refused as the XML reader does.
    """
    beginning, whole = look_at(stream, _LOOK_AT)
    if is_utf_16(beginning):
        text = beginning.decode("utf-16", "ignore").lstrip().encode()
    else:
        text = beginning.removeprefix(_BOM).lstrip()
    if text.startswith(b"<") or not text:
        return read_ctf(whole)
    return read_class_list(whole, received_at=received_at)

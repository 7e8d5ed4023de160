"""Reads what schools send: a Common Transfer File or a class list, told apart by its content."""

from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO, Final

from connectors.parsing.peek import look_at
from connectors.ports import Received
from connectors.schools.class_list.reader import read_class_list
from connectors.schools.ctf.reader import read_ctf

_LOOK_AT: Final = 1024
_BOM = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def read_schools(stream: BinaryIO, *, received_at: datetime) -> Iterator[Received]:
    """The pupils of either; `received_at` (aware) versions a class list, which has no date.

    XML begins with `<`. Nothing at all, and text in UTF-16, are refused as the XML reader does.
    """
    beginning, whole = look_at(stream, _LOOK_AT)
    text = beginning.removeprefix(_BOM).lstrip()
    if text.startswith((b"<", *_UTF_16)) or not text:
        return read_ctf(whole)
    return read_class_list(whole, received_at=received_at)

"""Reads what schools send, told apart by content: transfer files, census returns, class lists."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import BinaryIO, Final

from connectors.parsing.peek import look_at
from connectors.parsing.tables.encodings import is_utf_16
from connectors.ports import Received
from connectors.schools.class_list.reader import NO_TITLES_OF_THEIR_OWN, read_class_list
from connectors.schools.ctf.reader import read_ctf
from connectors.schools.roll.reader import ROOT as RETURN
from connectors.schools.roll.reader import read_roll

_LOOK_AT: Final = 4096
_BOM = b"\xef\xbb\xbf"
_BEFORE_ROOT = re.compile(rb"\s*(?:<\?.*?\?>|<!--.*?-->)", re.DOTALL)
_ROOT = re.compile(rb"\s*<(?:[\w.-]+:)?([\w.-]+)")


def read_schools(
    stream: BinaryIO,
    *,
    received_at: datetime,
    own_titles: Mapping[str, str] = NO_TITLES_OF_THEIR_OWN,
) -> Iterator[Received]:
    """The pupils of any of them; `received_at` (aware) versions a class list, which has no date.

    `own_titles` are what the titles of a class list mean at its school, where it has its own.
    XML begins with `<`, in UTF-16 too. Nothing at all is refused as the XML reader does.
    """
    beginning, whole = look_at(stream, _LOOK_AT)
    if is_utf_16(beginning):
        text = beginning.decode("utf-16", "ignore").lstrip().encode()
    else:
        text = beginning.removeprefix(_BOM).lstrip()
    if not text.startswith(b"<") and text:
        return read_class_list(whole, received_at=received_at, own=own_titles)
    return read_roll(whole) if _root_of(text) == RETURN.encode() else read_ctf(whole)


def _root_of(text: bytes) -> bytes | None:
    """The name of the first element, behind a declaration and comments."""
    while (before := _BEFORE_ROOT.match(text)) is not None:
        text = text[before.end() :]
    found = _ROOT.match(text)
    return None if found is None else found[1]

"""Reads what comes to a family hub as files: registrars' lists of births, and nothing else.

What the hub writes itself it writes on pages (`story.py`, `support.py`).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO, Final

from connectors.family_hub.registrations.mapper import REGISTRATIONS
from connectors.parsing.limits import CLASS_LIST_ROW_BYTES
from connectors.parsing.tables.templates import begins_as, read_template
from connectors.ports import Received, Unreadable

_KEPT_OF_OTHERS: Final = CLASS_LIST_ROW_BYTES
_NO_LIST: Final = Unreadable(REGISTRATIONS.name, "wrong-root")


def read_family_hub(stream: BinaryIO, *, received_at: datetime) -> Iterator[Received]:
    """The births of a list; `received_at` (aware) versions rows that say nothing of when."""
    is_list, whole = begins_as(stream, REGISTRATIONS)
    if is_list:
        return read_template(whole, REGISTRATIONS, received_at=received_at)
    beginning = whole.read(_KEPT_OF_OTHERS)
    return iter((Received(0, _NO_LIST, raw=lambda: beginning),))

"""A list as somebody would send it, checked before they do: counts, columns, remedies. Pure.

Nothing is stored, and nothing that stands in a cell is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import islice

from connectors.ports import Unreadable
from connectors.registry import read_messages
from schemas.records.message import SourceMessage
from schemas.records.unused import NO_NAME
from schemas.vocabulary import Source
from services.intake.checked import CheckedFault, faults_of

MOST_ROWS = 5_000
MOST_TOLD = 100
_COLUMN = "class-list/"


@dataclass(frozen=True, slots=True)
class ListChecked:
    """How many could be read and how many not, what is wrong where, and which columns are not read.

    `more` is how many faults there are besides those told; `is_cut` where rows came after the last
    that was looked at.
    """

    readable: int
    lost: int
    faults: tuple[CheckedFault, ...]
    more: int
    not_read: tuple[str, ...]
    is_cut: bool


def check_list(data: bytes, titles: Mapping[str, str] | None, *, at: datetime) -> ListChecked:
    """What would come of what a school sends; `titles` are its own, where it has such."""
    readable, lost, is_cut = 0, 0, False
    faults: list[CheckedFault] = []
    not_read: dict[str, None] = {}
    messages = read_messages(Source.SCHOOLS, BytesIO(data), received_at=at, own_titles=titles)
    for number, received in enumerate(islice(messages, MOST_ROWS + 1)):
        if number == MOST_ROWS:
            is_cut = True
            break
        if isinstance(received.outcome, Unreadable):
            lost += 1
        else:
            readable += 1
            not_read |= dict.fromkeys(_columns(received.outcome))
        faults += faults_of(received)
    told = tuple(faults[:MOST_TOLD])
    return ListChecked(readable, lost, told, len(faults) - len(told), tuple(not_read), is_cut)


def _columns(message: SourceMessage) -> list[str]:
    return [
        field.removeprefix(_COLUMN)
        for field in message.unused.fields
        if field.startswith(_COLUMN) and not field.endswith(NO_NAME)
    ]

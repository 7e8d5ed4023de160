"""Which reader reads which source."""

from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO, assert_never

from connectors.health_visiting.reader import read_nems
from connectors.ports import Received
from connectors.schools.files import read_schools
from connectors.social_care.files import read_social_care
from schemas.vocabulary import Source


def read_messages(source: Source, stream: BinaryIO, *, received_at: datetime) -> Iterator[Received]:
    """The messages in a file of this source; `received_at` versions those that have no date."""
    match source:
        case Source.HEALTH_VISITING:
            return read_nems(stream)
        case Source.SCHOOLS:
            return read_schools(stream, received_at=received_at)
        case Source.SOCIAL_CARE:
            return read_social_care(stream, received_at=received_at)
        case Source.FAMILY_HUB:
            raise ValueError("the family hub writes on pages, not in files")
        case _:
            assert_never(source)

"""Councils' lists of school places as text, built from what a test cares about."""

from datetime import UTC, datetime
from functools import partial

from connectors.ports import MessageReader
from connectors.social_care.files import read_social_care

LISTS: MessageReader = partial(
    read_social_care, received_at=datetime(2026, 2, 1, 9, 30, tzinfo=UTC)
)
PLACE = {
    "LA_CODE": "999",
    "APPLICATION_REF": "ADM-1",
    "FAMILY_NAME": "Marlow",
    "GIVEN_NAMES": "Edie",
    "DATE_OF_BIRTH": "2022-03-05",
    "NHS_NUMBER": "999 000 0018",
    "SCHOOL_NUMBER": "999/2001",
    "SCHOOL_NAME": "Brookside Primary School",
    "START_DATE": "2026-01-05",
    "ADMISSION_STATUS": "accepted",
    "AS_AT": "",
}


def a_place(**cells: str) -> dict[str, str]:
    """One row."""
    return PLACE | cells


def places(*rows: dict[str, str]) -> bytes:
    """A list of these."""
    titles = list(dict.fromkeys(title for row in rows for title in row))
    lines = [titles, *([row.get(title, "") for title in titles] for row in rows)]
    return "".join(f"{','.join(cells)}\n" for cells in lines).encode()

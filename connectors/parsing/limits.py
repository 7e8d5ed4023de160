"""How much of what is read before a message is refused as too large (README, limits)."""

from typing import Final

MIB: Final = 1024 * 1024

NEMS_MESSAGE_BYTES: Final = 2 * MIB
NEMS_ELEMENTS: Final = 20_000

CTF_FILE_BYTES: Final = 200 * MIB
CTF_PUPIL_BYTES: Final = MIB
CTF_PUPIL_ELEMENTS: Final = 10_000
CTF_BETWEEN_PUPILS_BYTES: Final = 16 * MIB
"""From the end of one pupil to the end of the next; above it the rest of the file is not read."""

CLASS_LIST_FILE_BYTES: Final = 20 * MIB
CLASS_LIST_ROW_BYTES: Final = 64 * 1024
CLASS_LIST_ROWS: Final = 99_999
CLASS_LIST_LINES_A_ROW: Final = 20
"""Line ends inside quotes: an open quote must not swallow the rest of the file."""

WORKBOOK_BYTES: Final = 10 * MIB
WORKBOOK_UNPACKED_BYTES: Final = 64 * MIB
WORKBOOK_PARTS: Final = 1_000
WORKBOOK_CELLS: Final = 1_000_000
"""A few bytes can say that a row has sixteen thousand cells."""

CSC_BODY_BYTES: Final = 20 * MIB
CSC_CHILD_BYTES: Final = MIB
CSC_CHILDREN: Final = 40_000
"""Of a body; empty ones would be seven million messages, each of which is kept."""

CENSUS_FILE_BYTES: Final = 200 * MIB
CENSUS_CHILD_BYTES: Final = MIB
CENSUS_CHILD_ELEMENTS: Final = 10_000

NESTING: Final = 64
"""Elements, objects or arrays inside one another, for every format."""

SOURCE_ID_CHARACTERS: Final = 512
IDENTIFIER_CHARACTERS: Final = 64

"""How much of what is read before a message is refused as too large (README, limits)."""

from typing import Final

MIB: Final = 1024 * 1024

NEMS_MESSAGE_BYTES: Final = 2 * MIB
NEMS_ELEMENTS: Final = 20_000

CTF_FILE_BYTES: Final = 200 * MIB
CTF_PUPIL_BYTES: Final = MIB
CTF_PUPIL_ELEMENTS: Final = 10_000

CSC_BODY_BYTES: Final = 20 * MIB
CSC_CHILD_BYTES: Final = MIB

NESTING: Final = 64
"""Elements, objects or arrays inside one another, for every format."""

SOURCE_ID_CHARACTERS: Final = 512
IDENTIFIER_CHARACTERS: Final = 64

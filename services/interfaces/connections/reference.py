"""Reference numbers: random, read aloud without mistakes, and none follows from another. Pure.

Thirty-one letters and digits of which no two look alike, so without 0, 1, I, O and U; a prime
number of them, so that the last one shows every single slip and every two that changed places.
"""

import secrets
from typing import Final

LETTERS: Final = "23456789ABCDEFGHJKLMNPQRSTVWXYZ"
_RANDOM: Final = 6
_FIRST_PART: Final = 4
"""After how many letters the hyphen stands that makes it easier to read aloud."""
# What people type in the place of a letter that there is not.
_MEANT: Final = str.maketrans({" ": "", "-": ""})


def new_reference() -> str:
    """One that nobody can guess, with its check at the end: `7KQ2M4X`."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(_RANDOM))
    return letters + _check_of(letters)


def spelled(reference: str) -> str:
    """As it is shown: `7KQ2-M4X`."""
    return f"{reference[:_FIRST_PART]}-{reference[_FIRST_PART:]}"


def reference_from(typed: str) -> str | None:
    """What somebody typed, however it was spelled; None for what is no reference at all."""
    text = typed.translate(_MEANT).upper()
    if len(text) != _RANDOM + 1 or any(letter not in LETTERS for letter in text):
        return None
    return text if _check_of(text[:-1]) == text[-1] else None


def _check_of(letters: str) -> str:
    """The letter that makes the weighed sum of all come out even (mod a prime)."""
    weighed = sum(at * LETTERS.index(letter) for at, letter in enumerate(letters, 2))
    return LETTERS[-weighed % len(LETTERS)]

"""The code that somebody without an account reads out to their administrator.

Ten letters at random and one that checks them, in the alphabet of Crockford's base 32, in which no
two look alike. The check letter is a sum over GF(32): one letter that is wrong, or two that
changed places, are told before anything is looked up.
"""

import secrets
from functools import reduce
from typing import Final

LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH: Final = 10
_GROUPS: Final = (4, 8)
_READ_AS: Final = str.maketrans("ILO", "110")
_FIFTH_POWER: Final = 0b100000
_REDUCED: Final = 0b100101  # x^5 = x^2 + 1


def new_code() -> str:
    """A code at random, as it is kept: without spaces."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(_LENGTH))
    return letters + _check_letter(letters)


def read_code(typed: str) -> str | None:
    """The code that somebody typed, however it was spaced; None for one with a typing error."""
    letters = "".join(typed.upper().replace("-", " ").split()).translate(_READ_AS)
    if len(letters) != _LENGTH + 1 or not set(letters) <= set(LETTERS):
        return None
    return letters if letters[-1] == _check_letter(letters[:-1]) else None


def code_in_groups(code: str) -> str:
    """The same for reading out: three groups."""
    first, second = _GROUPS
    return f"{code[:first]} {code[first:second]} {code[second:]}"


def _check_letter(letters: str) -> str:
    return LETTERS[reduce(_added, map(LETTERS.index, letters), 0)]


def _added(total: int, value: int) -> int:
    """The sum times x, and the value: each place weighs something else, up to the 31st."""
    raised = (total ^ value) << 1
    return raised ^ _REDUCED if raised & _FIFTH_POWER else raised

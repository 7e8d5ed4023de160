"""Identifiers as values that check themselves and hide themselves when printed."""

import re
from dataclasses import dataclass
from operator import mul
from typing import NewType

from schemas.errors import InvalidIdentifierError
from schemas.vocabulary import IdentifierScheme, IdentifierStatus

PersonId = NewType("PersonId", str)
"""Opaque id of a person on the shared side."""
PractitionerId = NewType("PractitionerId", str)
"""Opaque id of a practitioner who signs in."""
DecisionId = NewType("DecisionId", str)
"""Opaque id of a sharing decision."""
RecordKey = NewType("RecordKey", str)
"""Opaque id of a record: keyed hash of its source and the source's own id for it."""


def reference_of(opaque_id: str) -> str:
    """A short reference that people can read to each other over the telephone; it says nothing."""
    letters = "".join(character for character in opaque_id if character.isalnum())
    return letters[-6:].upper()


_NHS_NUMBER_DIGITS = 10
_NHS_NUMBER_WEIGHTS = range(_NHS_NUMBER_DIGITS, 1, -1)
_BOGUS_NHS_NUMBERS = frozenset({"0000000000", "9999999999", "9876543210"})
_UPN_ALPHABET = "ABCDEFGHJKLMNPQRTUVWXYZ"
_UPN_FORM = re.compile(r"[A-HJ-NP-RT-Z][0-9]{11}[0-9A-HJ-NP-RT-Z]")


@dataclass(frozen=True, slots=True, repr=False)
class NhsNumber:
    """An NHS number: ten digits with a modulus-11 check digit.

    Source: NHS Data Dictionary, NHS NUMBER. Raises InvalidIdentifierError.
    """

    value: str

    def __post_init__(self) -> None:
        """Refuse what has not the form or the check digit."""
        if len(self.value) != _NHS_NUMBER_DIGITS or not (
            self.value.isascii() and self.value.isdigit()
        ):
            raise InvalidIdentifierError("NHS number: not ten digits")
        if self.value in _BOGUS_NHS_NUMBERS or not self._has_check_digit():
            raise InvalidIdentifierError("NHS number: check digit does not agree")

    @classmethod
    def parse(cls, text: str) -> "NhsNumber":
        """Read one as people write it, with spaces or dashes."""
        return cls(text if text.isdigit() else re.sub(r"[\s-]", "", text))

    def _has_check_digit(self) -> bool:
        total: int = sum(map(mul, map(int, self.value), _NHS_NUMBER_WEIGHTS))
        return (11 - total % 11) % 11 == int(self.value[9])

    def __repr__(self) -> str:
        return f"NhsNumber('••• ••• {self.value[-4:-2]}••')"

    __str__ = __repr__


@dataclass(frozen=True, slots=True, repr=False)
class Upn:
    """A unique pupil number: check letter and twelve characters, the last may be a letter.

    Source: DfE UPN guide; a letter in the last place marks a temporary number.
    Raises InvalidIdentifierError.
    """

    value: str

    def __post_init__(self) -> None:
        """Refuse what has not the form or the check letter."""
        if not _UPN_FORM.fullmatch(self.value):
            raise InvalidIdentifierError("UPN: not a letter and twelve characters")
        if _upn_check_letter(self.value[1:]) != self.value[0]:
            raise InvalidIdentifierError("UPN: check letter does not agree")

    @classmethod
    def parse(cls, text: str) -> "Upn":
        """Read one as systems write it, in either case and with spaces around."""
        return cls(text.strip().upper())

    @classmethod
    def with_check_letter(cls, rest: str) -> "Upn":
        """The one with these twelve characters after its check letter, for invented pupils."""
        return cls(_upn_check_letter(rest) + rest)

    @property
    def is_temporary(self) -> bool:
        """Whether the school gave it until the permanent one is known."""
        return self.value[12].isalpha()

    def __repr__(self) -> str:
        return "Upn('•••••••••••••')"

    __str__ = __repr__


@dataclass(frozen=True, slots=True, repr=False)
class Identifier:
    """One identifier of a person as its source gave it, with how far it may be trusted."""

    scheme: IdentifierScheme
    value: str
    status: IdentifierStatus

    @property
    def is_verified(self) -> bool:
        """Whether it may link a record to a person."""
        return self.status is IdentifierStatus.VERIFIED

    def __repr__(self) -> str:
        return f"Identifier({self.scheme.value}, ••••, {self.status.value})"


def _upn_check_letter(rest: str) -> str:
    total = sum(
        weight * (int(c) if c.isdigit() else _UPN_ALPHABET.index(c))
        for weight, c in zip(range(2, 14), rest, strict=True)
    )
    return _UPN_ALPHABET[total % 23]


def nhs_number_identifier(text: str, *, verified: bool = True) -> Identifier:
    """An NHS number as an identifier; one that fails its check is kept, unverified."""
    try:
        number = NhsNumber.parse(text)
    except InvalidIdentifierError:
        return Identifier(IdentifierScheme.NHS_NUMBER, text.strip(), IdentifierStatus.UNVERIFIED)
    status = IdentifierStatus.VERIFIED if verified else IdentifierStatus.UNVERIFIED
    return Identifier(IdentifierScheme.NHS_NUMBER, number.value, status)


def upn_identifier(text: str) -> Identifier:
    """A UPN as an identifier; temporary ones and ones that fail their check stay unverified."""
    try:
        upn = Upn.parse(text)
    except InvalidIdentifierError:
        return Identifier(IdentifierScheme.UPN, text.strip(), IdentifierStatus.UNVERIFIED)
    status = IdentifierStatus.UNVERIFIED if upn.is_temporary else IdentifierStatus.VERIFIED
    return Identifier(IdentifierScheme.UPN, upn.value, status)

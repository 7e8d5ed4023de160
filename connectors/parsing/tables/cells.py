"""The cells of one row by their columns, read and checked; what is not of its form is left out."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from connectors.parsing.demographics import postcode_as_compared
from connectors.parsing.tables.dates import day_of
from schemas.errors import UnreadableMessageError
from schemas.identifiers import Identifier, nhs_number_identifier, upn_identifier
from schemas.records.unused import FaultyPart

_TEN_DIGITS = re.compile(r"[0-9]{10}")
_LOST_ITS_NOUGHT = re.compile(r"[1237][0-9]{9}")
"""A telephone number that a spreadsheet has taken for an amount."""
_ROUNDED = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]+", re.IGNORECASE)
_WHOLE_WITH_FRACTION = re.compile(r"([0-9]+)\.0+")
_DASHES = re.compile(r"[\s\u2010-\u2015\u2212-]")
_UPN = re.compile(r"[A-Z][0-9]{11}[0-9A-Z]")
_URN = re.compile(r"[0-9]{6}")
_SCHOOL_NUMBER = re.compile(r"([0-9]{3})[ /-]?([0-9]{4})")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][A-Z]{2}|BFPO ?[0-9]{1,4}")
_AS_TEXT = re.compile(r'="(.*)"', re.DOTALL)
_JOINING: Final = "\u200c\u200d"
"""Some languages write these inside a word; at its end they are nothing."""
_FEWEST_DIGITS = 7
_YEARS_AHEAD = 20


def tidied(text: str) -> str:
    """What can be seen in a cell: without marks of no width, any white space as one space.

    `="0123"` is how people keep a spreadsheet from taking the noughts off.
    """
    if not text.isascii():
        text = "".join(c for c in text if unicodedata.category(c) != "Cf" or c in _JOINING)
        text = text.strip(_JOINING)
    text = " ".join(text.split())
    as_text = _AS_TEXT.fullmatch(text) if text.startswith("=") else None
    return as_text[1].strip() if as_text else text


def named(title: str) -> str:
    """A title as titles are compared: capitals, and one `_` for whatever is between words."""
    plain = unicodedata.normalize("NFKC", tidied(title)).upper()
    return "_".join(word for word in re.split(r"[^0-9A-Z]+", plain) if word)


@dataclass(frozen=True, slots=True, repr=False)
class Cells:
    """What one row says, tidied, by column; a refusal names row and column, never what is there.

    `latest_year` is the last that two digits can mean: that in which the list came. `left_out` are
    the columns of cells that are not of their form.
    """

    number: int
    by_column: Mapping[str, str]
    latest_year: int
    left_out: frozenset[str] = frozenset()

    def text(self, column: str) -> str | None:
        """What stands there; None for nothing."""
        return self.by_column.get(column) or None

    def has(self, *columns: str) -> bool:
        """Whether the list has any of these columns: an empty cell there is a statement."""
        return any(column in self.by_column for column in columns)

    def required(self, column: str) -> str:
        """What stands there; raises UnreadableMessageError for nothing."""
        text = self.text(column)
        if text is None:
            raise self.refusal(column, "missing")
        return text

    def date(self, column: str) -> str:
        """A day as YYYY-MM-DD, in whichever form of `dates`; raises UnreadableMessageError."""
        found = day_of(self.required(column), latest_year=self.latest_year)
        if found is None:
            raise self.refusal(column, "not-a-date")
        return found.isoformat()

    def later_day(self, column: str) -> str | None:
        """A day that may be still to come; raises UnreadableMessageError for what is none."""
        text = self.text(column)
        if text is None:
            return None
        found = day_of(text, latest_year=self.latest_year + _YEARS_AHEAD)
        if found is None:
            raise self.refusal(column, "not-a-date")
        return found.isoformat()

    def day(self, column: str) -> str | None:
        """The same of a cell that may be empty."""
        return None if self.text(column) is None else self.date(column)

    def nhs_number(self, column: str) -> Identifier | None:
        """An NHS number, however it is spaced; unverified when its check digit does not agree."""
        text = self._digits(column)
        if text is None:
            return None
        if not _TEN_DIGITS.fullmatch(text):
            raise self.refusal(column, "not-ten-digits")
        return nhs_number_identifier(text)

    def upn(self, column: str) -> Identifier | None:
        """A UPN; unverified when it is temporary or its check letter does not agree."""
        text = "".join((self.text(column) or "").upper().split())
        if text and not _UPN.fullmatch(text):
            raise self.refusal(column, "not-a-upn")
        return upn_identifier(text) if text else None

    def urn(self, column: str) -> str | None:
        """A school's unique reference number."""
        text = self._digits(column)
        if text is not None and not _URN.fullmatch(text):
            raise self.refusal(column, "not-a-code")
        return text

    def school_number(self, column: str) -> str | None:
        """A school's number as everybody writes it: of its authority, then its own; as one."""
        text = self.text(column)
        found = None if text is None else _SCHOOL_NUMBER.fullmatch(text)
        if text is not None and found is None:
            raise self.refusal(column, "not-a-code")
        return found[1] + found[2] if found else None

    def postcode(self, column: str) -> str | None:
        """A postcode; raises UnreadableMessageError for what is not of that form."""
        postcode = postcode_as_compared(self.text(column))
        if postcode is not None and not _POSTCODE.fullmatch(postcode.upper()):
            raise self.refusal(column, "not-a-postcode")
        return postcode

    def email(self, column: str) -> str | None:
        """An e-mail address; raises UnreadableMessageError for what is not of that form."""
        text = self.text(column)
        if text is not None and not _EMAIL.fullmatch(text):
            raise self.refusal(column, "not-an-email-address")
        return text

    def telephone(self, column: str) -> str | None:
        """A telephone number as written; raises UnreadableMessageError for too few digits."""
        text = self.text(column)
        if text is None:
            return None
        if sum(map(str.isdigit, text)) < _FEWEST_DIGITS or _ROUNDED.fullmatch(text):
            raise self.refusal(column, "not-a-telephone-number")
        whole = _WHOLE_WITH_FRACTION.fullmatch(text)
        text = whole[1] if whole else text
        return f"0{text}" if _LOST_ITS_NOUGHT.fullmatch(text) else text

    def code(self, column: str, form: re.Pattern[str]) -> str | None:
        """A code of this form, whatever its capitals; raises UnreadableMessageError."""
        text = "".join((self.text(column) or "").upper().split())
        if text and not form.fullmatch(text):
            raise self.refusal(column, "not-a-code")
        return text or None

    def refusal(self, column: str, reason: str) -> UnreadableMessageError:
        """Why the row, or the cell, cannot be read."""
        return UnreadableMessageError(field=f"row[{self.number}]/{column}", reason=reason)

    def _digits(self, column: str) -> str | None:
        text = self.text(column)
        if text is None:
            return None
        digits = _DASHES.sub("", text)
        whole = _WHOLE_WITH_FRACTION.fullmatch(digits)
        return whole[1] if whole else digits


# A cell that the child can be known without costs itself alone: it is as if its column were not
# there, which says nothing, where an empty cell would say that there is no such number any more.

Check = Callable[[Cells, str], object]
"""Reads the cell of a column, and raises UnreadableMessageError where it is not of its form."""


def without_faults(
    cells: Cells, checked: Mapping[str, Check]
) -> tuple[Cells, tuple[FaultyPart, ...]]:
    """The cells without those of these columns that are not of their form, and which those were."""
    faults: dict[str, FaultyPart] = {}
    for column, read in checked.items():
        try:
            if cells.by_column.get(column):
                read(cells, column)
        except UnreadableMessageError as error:
            faults[column] = FaultyPart(error.field, error.reason)
    if not faults:
        return cells, ()
    kept = {name: text for name, text in cells.by_column.items() if name not in faults}
    return replace(cells, by_column=kept, left_out=frozenset(faults)), tuple(faults.values())

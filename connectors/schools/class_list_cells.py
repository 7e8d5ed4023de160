"""The cells of one row of a class list by their columns, read and checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from connectors.demographics import postcode_as_compared
from schemas.errors import UnreadableMessageError
from schemas.identifiers import Identifier, nhs_number_identifier

_NUMBER = re.compile(r"[0-9]{10}")
_DATE_WITH_SLASHES = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][A-Z]{2}|BFPO ?[0-9]{1,4}")
_FEWEST_DIGITS = 7


@dataclass(frozen=True, slots=True, repr=False)
class Cells:
    """What one row says, by column; a refusal names row and column, never what stands there."""

    number: int
    by_column: Mapping[str, str]

    def text(self, column: str) -> str | None:
        """What stands there; None for nothing."""
        return " ".join(self.by_column.get(column, "").split()) or None

    def required(self, column: str) -> str:
        """What stands there; raises UnreadableMessageError for nothing."""
        text = self.text(column)
        if text is None:
            raise self.refusal(column, "missing")
        return text

    def date(self, column: str) -> str:
        """A day, written 2015-09-01 or 01/09/2015, as YYYY-MM-DD; raises UnreadableMessageError.

        The day comes before the month, as it does in this country.
        """
        text = self.required(column)
        try:
            if _ISO_DATE.fullmatch(text):
                return date.fromisoformat(text).isoformat()
            if found := _DATE_WITH_SLASHES.fullmatch(text):
                day, month, year = map(int, found.groups())
                return date(year, month, day).isoformat()
        except ValueError:
            pass
        raise self.refusal(column, "not-a-date")

    def nhs_number(self, column: str) -> Identifier | None:
        """An NHS number, however it is spaced; unverified when its check digit does not agree.

        Raises UnreadableMessageError for what is not ten digits: a column has shifted then.
        """
        text = self.text(column)
        if text is None:
            return None
        if not _NUMBER.fullmatch(re.sub(r"[\s-]", "", text)):
            raise self.refusal(column, "not-ten-digits")
        return nhs_number_identifier(text)

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
        if text is not None and sum(map(str.isdigit, text)) < _FEWEST_DIGITS:
            raise self.refusal(column, "not-a-telephone-number")
        return text

    def refusal(self, column: str, reason: str) -> UnreadableMessageError:
        """Why the row cannot be read."""
        return UnreadableMessageError(field=f"row[{self.number}]/{column}", reason=reason)

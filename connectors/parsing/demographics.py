"""Names, dates and postcodes as source systems write them."""

import re
from collections.abc import Iterable
from datetime import date

_PLACEHOLDER_GIVEN_NAME = re.compile(
    r"(?:unborn |newborn )?(?:baby(?:boy|girl)?|infant|newborn|twin|triplet|quad|male|female"
    r"|boy|girl|unborn|unnamed|unknown|not known|no name|nk)"
    r"(?: (?:baby|infant|boy|girl|male|female|child|one|two|three|four|[1-9]|[a-e]|i{1,3}))*"
    r"(?: of\b.*)?"
)
_PLACEHOLDER_FAMILY_NAME = re.compile(r"unknown|not known|unnamed|baby|nk")
_POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}|GIR0AA")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def is_placeholder_name(*, family: str | None, given: Iterable[str]) -> bool:
    """Whether a name only stands in for one not yet given ("Baby SMITH", "Twin One").

    Source: DOMAIN section 4.3; HL7 v2 and PDS practice ("Unknown" as a surname).
    """
    words = " ".join(" ".join(given).casefold().replace("-", " ").split())
    if words and _PLACEHOLDER_GIVEN_NAME.fullmatch(words):
        return True
    return bool(family and _PLACEHOLDER_FAMILY_NAME.fullmatch(family.strip().casefold()))


def postcode_as_compared(text: str | None) -> str | None:
    """A postcode in capitals with one space, as it is shown and compared, in whatever way written.

    What is not of that form stays as it was written.
    """
    if text is None:
        return None
    compact = "".join(text.upper().split())
    return f"{compact[:-3]} {compact[-3:]}" if _POSTCODE.fullmatch(compact) else text.strip()


def is_iso_date(text: str) -> bool:
    """Whether `text` is a day that exists, written YYYY-MM-DD."""
    if not _ISO_DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True

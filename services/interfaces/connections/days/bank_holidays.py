"""Bank holidays of England and Wales, from a dated file: days on which nobody has to answer.

The shape is that of https://www.gov.uk/bank-holidays.json, so that what is fetched there can be
named by the setting `bank_holidays` as it comes. After the last year in the file only weekends are
left out: a service is then given a day less, never a day that nobody agreed to.
"""

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from services.platform.errors import ServiceError

DIVISION: Final = "england-and-wales"
_OURS: Final = Path(__file__).with_name("bank_holidays_england_and_wales.json")
_MOST_BYTES: Final = 1_000_000


class BankHolidaysUnreadableError(ServiceError):
    """The file of bank holidays is missing, or is not as GOV.UK publishes it."""


@cache
def bank_holidays(file: Path | None = None) -> frozenset[date]:
    """The days in a file, or in ours. Raises BankHolidaysUnreadableError."""
    path = file or _OURS
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise BankHolidaysUnreadableError("the file of bank holidays is too long")
        told: Mapping[str, Any] = json.loads(path.read_bytes())
        events = told[DIVISION]["events"]
        days = frozenset(date.fromisoformat(one["date"]) for one in events)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BankHolidaysUnreadableError(
            f"the file of bank holidays cannot be read: {type(error).__name__};"
            f" it needs {DIVISION}.events, each with a date"
        ) from None
    if not days:
        raise BankHolidaysUnreadableError("the file of bank holidays has no day")
    return days

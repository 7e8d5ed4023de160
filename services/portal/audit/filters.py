"""Reading of filters in an address: days, codes, where a page begins. Nothing typed is told."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from starlette.requests import Request

from consent.ledger.fields import OPAQUE_ID
from schemas.identifiers import PersonId
from schemas.uk_time import when_clocks_show
from schemas.vocabulary import LabelledCode
from services.audit.index.postgres_entries import LATEST, EntryPlace
from services.audit.postgres_answers import place_from_text
from services.portal.frame.forms import FormErrors, Submitted

Code = TypeVar("Code", bound=LabelledCode)

_OLDEST = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Days:
    """UK days as they are chosen, the last included, and the moments between which they lie."""

    first: date
    last: date

    @property
    def since(self) -> datetime:
        """When they begin."""
        return when_clocks_show(datetime.combine(self.first, time.min))

    @property
    def until(self) -> datetime:
        """When they are over; not in them."""
        return when_clocks_show(datetime.combine(self.last + timedelta(days=1), time.min))

    @property
    def as_filters(self) -> Mapping[str, str]:
        """The fields of an address that choose them."""
        return {"from": self.first.isoformat(), "to": self.last.isoformat()}


def filters_of(request: Request) -> Submitted:
    """The fields of a GET form as they stand in the address."""
    query = request.query_params
    return Submitted({name: query.getlist(name) for name in query})


def read_days(filters: Submitted, errors: FormErrors, today: date, *, days: int) -> Days:
    """Read `from` and `to`; unless they are chosen, the last so many days with today.

    What is wrong is noted, and the usual days stand in for it.
    """
    last = _day(filters, errors, "to") or today
    first = _day(filters, errors, "from") or last - timedelta(days=days - 1)
    if first > last:
        errors.add("from", "The first day must not be after the last")
        return Days(last, last)
    return Days(first, last)


def _day(filters: Submitted, errors: FormErrors, name: str) -> date | None:
    typed = filters.text(name)
    if not typed:
        return None
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        errors.add(name, "Enter a real day, such as 2026-11-30")
        return None
    if not _OLDEST <= day <= date(9000, 1, 1):
        errors.add(name, "Enter a day of this century")
        return None
    return day


def read_code(filters: Submitted, errors: FormErrors, name: str, codes: type[Code]) -> Code | None:
    """Read one of a closed list; None where all are meant."""
    typed = filters.text(name)
    if not typed:
        return None
    try:
        return codes(typed)
    except ValueError:
        errors.add(name, "Choose one of the list")
        return None


def read_family(filters: Submitted, errors: FormErrors, name: str = "family") -> PersonId | None:
    """Read a family's opaque number; None where none is chosen."""
    typed = filters.text(name).lower().replace("-", "")
    if not typed:
        return None
    if re.fullmatch(OPAQUE_ID, typed) is None:
        errors.add(name, "Enter the family record’s number as these pages show it")
        return None
    return PersonId(typed)


def read_place(filters: Submitted, errors: FormErrors, name: str = "before") -> EntryPlace:
    """Read where a page begins; LATEST where it is the first."""
    typed = filters.text(name)
    if not typed:
        return LATEST
    try:
        return place_from_text(typed)
    except ValueError:
        errors.add(name, "That page is not there. Begin again with the newest")
        return LATEST

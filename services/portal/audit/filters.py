"""Reading of filters in an address: days, codes, where a page begins. Nothing typed is told."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from starlette.requests import Request

from consent.ledger.fields import ACTOR_TEXT, OPAQUE_ID
from schemas.identifiers import PersonId
from schemas.uk_time import when_clocks_show
from schemas.vocabulary import LabelledCode
from services.audit.index.postgres_entries import LATEST, EntryPlace
from services.audit.postgres_answers import place_from_text
from services.people.persons.subjects import SubjectInvalidError
from services.portal.frame.forms import FormErrors, Submitted

Code = TypeVar("Code", bound=LabelledCode)

_OLDEST = date(2000, 1, 1)
_PRACTITIONER = "practitioner:"


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


def read_worker(filters: Submitted, errors: FormErrors, name: str = "worker") -> str | None:
    """Read who acted, as the ledger names them: a bare id is of a practitioner."""
    typed = filters.text(name)
    if not typed:
        return None
    actor = f"{_PRACTITIONER}{typed}" if re.fullmatch(OPAQUE_ID, typed) else typed
    if re.fullmatch(ACTOR_TEXT, actor) is None:
        errors.add(name, "Choose a worker by a link on these pages, or by a staff number")
        return None
    return actor


def worker_in_address(actor: str) -> str:
    """Who acted, as `read_worker` reads them back."""
    return actor.removeprefix(_PRACTITIONER)


def read_day(filters: Submitted, errors: FormErrors, name: str, otherwise: date) -> Days:
    """Read one UK day; what is wrong is noted, and the usual day stands in for it."""
    day = _day(filters, errors, name) or otherwise
    return Days(day, day)


def wants_csv(filters: Submitted) -> bool:
    """Whether the rows are asked for as a file."""
    return filters.text("as") == "csv"


def read_place(filters: Submitted, errors: FormErrors, name: str = "before") -> EntryPlace:
    """Read where a page begins; LATEST where it is the first."""
    typed = filters.text(name)
    if not typed:
        return LATEST
    try:
        return place_from_text(typed)
    except SubjectInvalidError:
        errors.add(name, "That page is not there. Begin again with the newest")
        return LATEST

"""What a list is narrowed by, as it stands in its address: read once, written into its links."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from schemas.identifiers import PersonId
from schemas.vocabulary import Purpose
from services.audit.index.entries import Group
from services.audit.index.postgres_entries import LATEST, EntryPlace
from services.audit.looks import Answered
from services.audit.postgres_answers import PAGE, AccessAsked, place_in_text
from services.portal.audit.addresses import with_query
from services.portal.audit.csv_files import MOST_ROWS
from services.portal.audit.filters import (
    Days,
    read_code,
    read_days,
    read_family,
    read_place,
    read_worker,
    wants_csv,
    worker_in_address,
)
from services.portal.frame.forms import FormErrors, Submitted
from services.portal.words.dates import date_in_words

SHOWN_UNLESS_CHOSEN = (
    *(Group.LOOKS, Group.REFUSALS, Group.SEARCHES, Group.EMERGENCIES, Group.EXPORTS),
)
"""Attempts and views: what auditors mean by access until they choose one kind."""
_LONGEST_CODE = 100


@dataclass(frozen=True, slots=True)
class ListChosen:
    """The filters of a list; None is all. `is_file`: its rows as a file."""

    path: str
    days: Days
    before: EntryPlace
    is_file: bool
    family: PersonId | None = None
    worker: str | None = None
    agency: str | None = None
    purpose: Purpose | None = None
    group: Group | None = None
    answer: Answered | None = None

    @property
    def most(self) -> int:
        """How many rows are shown at once."""
        return MOST_ROWS if self.is_file else PAGE

    @property
    def begins(self) -> EntryPlace | None:
        """Where the page begins; None at the newest."""
        return None if self.before == LATEST else self.before

    @property
    def days_in_words(self) -> str:
        """Its days as a reader would say them."""
        return f"{date_in_words(self.days.first)} to {date_in_words(self.days.last)}"

    @property
    def filters(self) -> Mapping[str, str | None]:
        """The fields of an address that choose this."""
        return {
            "family": self.family,
            "worker": None if self.worker is None else worker_in_address(self.worker),
            "agency": self.agency,
            "for": self.purpose,
            "kind": self.group,
            "answer": self.answer,
            **self.days.as_filters,
        }

    @property
    def export_filters(self) -> Mapping[str, str | Sequence[str] | None]:
        """The fields by which the form of an export begins: it knows no worker and no answer."""
        groups = SHOWN_UNLESS_CHOSEN if self.group is None else (self.group,)
        events = [group.value for group in groups]
        chosen = {"family": self.family, "agency": self.agency, "events": events}
        return {**chosen, **self.days.as_filters}

    @property
    def csv(self) -> str:
        """Where its rows are a file."""
        return with_query(self.path, {**self.filters, "as": "csv"})

    def without(self, name: str) -> str:
        """The same list, not narrowed by this."""
        return with_query(self.path, {**self.filters, name: None})

    def older(self, place: EntryPlace | None) -> str | None:
        """Where older rows are, if there are any."""
        before = place_in_text(place)
        return None if before is None else with_query(self.path, {**self.filters, "before": before})

    def asked(self, persons: tuple[PersonId, ...]) -> AccessAsked:
        """The question as it is answered, about these persons."""
        groups = SHOWN_UNLESS_CHOSEN if self.group is None else (self.group,)
        return AccessAsked(
            self.days.since,
            self.days.until,
            frozenset(groups),
            persons,
            self.worker,
            self.agency,
            self.purpose,
            self.before,
            self.answer,
        )


def read_chosen(
    filters: Submitted, errors: FormErrors, path: str, today: date, *, days: int
) -> ListChosen:
    """Read them all; what is wrong is noted. Not every list has a field for each."""
    return ListChosen(
        path,
        read_days(filters, errors, today, days=days),
        read_place(filters, errors),
        wants_csv(filters),
        read_family(filters, errors),
        read_worker(filters, errors),
        _read_agency(filters, errors),
        read_code(filters, errors, "for", Purpose),
        read_code(filters, errors, "kind", Group),
        read_code(filters, errors, "answer", Answered),
    )


def _read_agency(filters: Submitted, errors: FormErrors) -> str | None:
    typed = filters.text("agency")
    if len(typed) > _LONGEST_CODE:
        errors.add("agency", "Choose one of the list")
        return None
    return typed or None

"""Which decisions are listed: by mark, agency and days; and where a page begins, in its address."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.vocabulary import LabelledCode
from services.audit.decisions.marks import SOONEST_FIRST, DecisionMark
from services.audit.decisions.postgres_marks import SOON, MarkPlace
from services.audit.postgres_answers import place_from_text
from services.people.persons.subjects import SubjectInvalidError
from services.portal.audit.addresses import DECISIONS, with_query
from services.portal.audit.filters import read_code
from services.portal.frame.forms import FormErrors, Submitted

_LONGEST_CODE = 100


class WithinDays(LabelledCode):
    """How many days a list reaches: ahead for what is to come, back for the others."""

    WEEK = "7", "7 days"
    MONTH = "30", "30 days"
    QUARTER = "90", "90 days"
    YEAR = "365", "A year"

    @property
    def days(self) -> timedelta:
        """As a time."""
        return timedelta(days=int(self.value))


@dataclass(frozen=True, slots=True)
class DecisionsChosen:
    """The filters of the list. `within` is None where the usual is meant."""

    mark: DecisionMark = DecisionMark.NO_NOTICE
    agency: str | None = None
    within: WithinDays | None = None
    after: MarkPlace | None = None

    @property
    def is_to_come(self) -> bool:
        """Whether the list is of something to come."""
        return self.mark in SOONEST_FIRST

    @property
    def ahead(self) -> timedelta:
        """How far what is to come may lie ahead."""
        return SOON if self.within is None else self.within.days

    def since(self, now: datetime) -> datetime | None:
        """How far back the others may lie; None for all of them."""
        return None if self.within is None or self.is_to_come else now - self.within.days

    def href(self, **other: str | None) -> str:
        """The list with these filters, and others in the place of some."""
        chosen: Mapping[str, str | None] = {
            "mark": self.mark.value,
            "agency": self.agency,
            "days": None if self.within is None else self.within.value,
        }
        return with_query(DECISIONS, {**chosen, **other})

    def of_mark(self, mark: DecisionMark) -> str:
        """The list of another mark."""
        return self.href(mark=mark.value)

    def page_after(self, place: MarkPlace | None) -> str | None:
        """The next page, if there is one."""
        if place is None:
            return None
        return self.href(after=f"{place.at.isoformat()}~{place.decision}")


def read_decisions_chosen(filters: Submitted, errors: FormErrors) -> DecisionsChosen:
    """Read the filters; what is wrong is noted."""
    return DecisionsChosen(
        read_code(filters, errors, "mark", DecisionMark) or DecisionMark.NO_NOTICE,
        _agency(filters, errors),
        read_code(filters, errors, "days", WithinDays),
        _after(filters, errors),
    )


def _agency(filters: Submitted, errors: FormErrors) -> str | None:
    typed = filters.text("agency")
    if len(typed) > _LONGEST_CODE:
        errors.add("agency", "Choose one of the list")
        return None
    return typed or None


def _after(filters: Submitted, errors: FormErrors) -> MarkPlace | None:
    typed = filters.text("after")
    if not typed:
        return None
    at, tilde, decision = typed.partition("~")
    try:
        return MarkPlace(place_from_text(f"{at}{tilde}0").at, decision)
    except SubjectInvalidError:
        errors.add("mark", "That page is not there. Begin again with the first")
        return None

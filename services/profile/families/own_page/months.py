"""Looks that are told, by month and page. Pure; counted after what is held back was left out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from schemas.identifiers import PersonId
from schemas.uk_time import uk_day
from services.profile.families.own_page.looks import ToldLook

ON_A_PAGE = 20


@dataclass(frozen=True, slots=True)
class LookOf:
    """One look that is told, and at whom of those on the page."""

    person: PersonId
    told: ToldLook

    @property
    def at(self) -> datetime:
        """When it was."""
        return self.told.look.at

    @property
    def month(self) -> date:
        """The first of the month in which it was, by this country's clocks."""
        return uk_day(self.at).replace(day=1)


@dataclass(frozen=True, slots=True)
class LooksPage:
    """One page of them. `months` are those in which there are any, the newest first, with counts.

    `month` is which was asked for, None for all; `number` of `pages`, from 1.
    """

    looks: tuple[LookOf, ...]
    month: date | None
    months: tuple[tuple[date, int], ...]
    number: int
    pages: int
    total: int


def looks_page(looks: Sequence[LookOf], month: date | None, number: int) -> LooksPage:
    """The page asked for; the last one, where there are not so many."""
    ordered = sorted(looks, key=lambda one: (one.at, one.told.look.id), reverse=True)
    months = tuple(sorted(Counter(one.month for one in ordered).items(), reverse=True))
    wanted = [one for one in ordered if month is None or one.month == month]
    pages = max(1, -(-len(wanted) // ON_A_PAGE))
    shown = min(max(1, number), pages)
    begin = (shown - 1) * ON_A_PAGE
    return LooksPage(
        tuple(wanted[begin : begin + ON_A_PAGE]), month, months, shown, pages, len(wanted)
    )

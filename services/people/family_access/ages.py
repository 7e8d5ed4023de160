"""At which ages what changes on families' own pages: dated, because the law may change them.

UK GDPR Article 8(1) says 13, and since 29 April 2026 it may be raised to up to 16 by regulations
(Children's Wellbeing and Schools Act 2026 s.72). Whoever runs this writes a file with a row for
each day from which other ages hold; without a row of its own a day has those of the latest before.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

from services.platform.errors import ServiceError

_YOUNGEST_OF_ONES_OWN, _OLDEST_OF_ONES_OWN = 13, 16
_GROWN_UP = 18
_WARN = "warn_at"


@dataclass(frozen=True, slots=True)
class NextChange:
    """The age at which parents see less of a child; `hides_all` where it is all of it."""

    at: int
    hides_all: bool


@dataclass(frozen=True, slots=True)
class DoorAges:
    """The ages of one time, in years.

    From `review_at` parents reach less until somebody has asked; from `own_sign_in_from` a young
    person has a page of their own; from `parents_off_at` parents reach what the young person lets
    them, and from `grown_up_at` nothing. `warn_at` are those at which it is said what comes next.
    """

    in_force_from: date
    warn_at: tuple[int, ...] = (10, 15)
    review_at: int = 11
    own_sign_in_from: int = 13
    parents_off_at: int = 16
    grown_up_at: int = _GROWN_UP

    def next_change(self, years: Sequence[int]) -> NextChange | None:
        """What comes next for parents of a child who may be so old; None where it is not time."""
        oldest = max(years, default=0)
        to_come = [at for at in (self.review_at, self.parents_off_at) if at > oldest]
        if oldest not in self.warn_at or not to_come:
            return None
        return NextChange(min(to_come), hides_all=min(to_come) == self.parents_off_at)

    def may_let_see(self, years: Sequence[int]) -> bool:
        """Whether somebody of these ages lets parents see their page: every age has to be one."""
        return bool(years) and all(self.parents_off_at <= one < self.grown_up_at for one in years)


STANDARD: Sequence[DoorAges] = (DoorAges(date(2018, 5, 25)),)
"""England's proxy practice: reviewed at the 11th birthday, off at the 16th; warned of a year before
(RCGP and NHS England on proxy access). From the day on which the UK GDPR's Article 8 applied."""


class DoorAgesError(ServiceError):
    """The file of ages cannot be used; the message says which row and what of it."""


def ages_on(day: date, told: Sequence[DoorAges] = STANDARD) -> DoorAges:
    """Those of the latest boundary that is not after that day. Raises ValueError for none yet."""
    begun = [one for one in told if one.in_force_from <= day]
    if not begun:
        raise ValueError("no ages are in force on that day")
    return max(begun, key=lambda one: one.in_force_from)


def read_ages(path: Path | None) -> Sequence[DoorAges]:
    """The standard, and each row of a TOML file after it. Raises DoorAgesError.

    What a row leaves out stays as it was before its day.
    """
    if path is None:
        return STANDARD
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8")).get("ages")
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DoorAgesError("the file of ages cannot be read as TOML") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise DoorAgesError("the file of ages has no [[ages]]")
    found = list(STANDARD)
    for n, row in enumerate(rows):
        found.append(_next_ages(found[-1], row, f"ages.{n}"))
    return tuple(found)


def _next_ages(before: DoorAges, row: dict[str, Any], at: str) -> DoorAges:
    if unknown := row.keys() - {field.name for field in fields(DoorAges)}:
        raise DoorAgesError(f"{at}: {min(unknown)} is no age that there is")
    begins = row.get("in_force_from")
    if type(begins) is not date or begins <= before.in_force_from:
        raise DoorAgesError(f"{at}: in_force_from is to be a day after that of the row before")
    warned = row.get(_WARN, list(before.warn_at))
    whole = [row[name] for name in row if name not in {_WARN, "in_force_from"}]
    if not isinstance(warned, list) or not all(type(one) is int for one in [*warned, *whole]):
        raise DoorAgesError(f"{at}: an age is a whole number of years")
    found = replace(before, **{**row, _WARN: tuple(warned)})
    if why := _why_impossible(found):
        raise DoorAgesError(f"{at}: {why}")
    return found


def _why_impossible(ages: DoorAges) -> str | None:
    """No row widens beyond what the law leaves open, or turns the order of a childhood round."""
    if not _YOUNGEST_OF_ONES_OWN <= ages.own_sign_in_from <= _OLDEST_OF_ONES_OWN:
        return "own_sign_in_from is 13 to 16 (UK GDPR Article 8)"
    if not 0 < ages.review_at <= ages.parents_off_at <= _OLDEST_OF_ONES_OWN:
        return "review_at comes before parents_off_at, and that is at most 16"
    if ages.grown_up_at != _GROWN_UP:
        return "grown_up_at is 18 (Family Law Reform Act 1969 s.1)"
    return None

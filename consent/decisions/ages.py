"""How old somebody is, as far as that may be relied on: by whom which date of birth was told.

A date counts that a register stands behind, or that two agencies tell alike. From anything else an
age follows that is held and not certain: enough to refuse by, not enough to be older by.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from schemas.vocabulary import Source

FROM_13, FROM_16, FROM_18 = 13, 16, 18


@dataclass(frozen=True, slots=True)
class NamedAgency:
    """An agency by its kind, and by its code where it is known which of that kind it is."""

    kind: Source
    code: str | None = None

    def may_be(self, other: "NamedAgency") -> bool:
        """Whether the two are one agency, for all that is known: then neither vouches for it."""
        is_unknown = self.code is None or other.code is None
        return self.kind is other.kind and (is_unknown or self.code == other.code)


@dataclass(frozen=True, slots=True)
class HeldBirth:
    """A date of birth as one agency told it.

    `is_registered`: a health service traced it in the national register, or a birth notification
    told it, by a feed that no one person can write.
    """

    born: date
    agency: NamedAgency
    is_registered: bool = False


@dataclass(frozen=True, slots=True)
class Age:
    """Every age that somebody may have, in whole years; `is_certain` where they can be relied on.

    Empty `years` where no date is held. Of certain dates that differ, all are here.
    """

    years: tuple[int, ...] = ()
    is_certain: bool = False

    @property
    def is_held(self) -> bool:
        """Whether any date of birth is held."""
        return bool(self.years)

    @property
    def is_disputed(self) -> bool:
        """Whether those who told it disagree."""
        return len(set(self.years)) > 1

    def is_below(self, years: int) -> bool:
        """Whether everybody who told it says so."""
        return self.is_held and max(self.years) < years

    def is_at_least(self, years: int) -> bool:
        """Whether everybody who told it says so."""
        return self.is_held and min(self.years) >= years

    def is_certainly_at_least(self, years: int) -> bool:
        """Whether it can be relied on besides."""
        return self.is_certain and self.is_at_least(years)


def age_from(births: Sequence[HeldBirth], today: date) -> Age:
    """The age by these dates; those that can be relied on stand in place of all others."""
    relied_on = [one for one in births if _is_relied_on(one, births)]
    years = sorted({_years(one.born, today) for one in relied_on or births})
    return Age(tuple(years), is_certain=bool(relied_on))


def _is_relied_on(one: HeldBirth, births: Sequence[HeldBirth]) -> bool:
    if one.is_registered:
        return True
    return any(one.born == other.born and not one.agency.may_be(other.agency) for other in births)


def _years(born: date, today: date) -> int:
    has_had_birthday = (today.month, today.day) >= (born.month, born.day)
    return today.year - born.year - (not has_had_birthday)

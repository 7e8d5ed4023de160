"""Regions of data: what provisions say yes and no to, as far as is known of the data.

A region is all data for which its criteria hold, without the regions that are taken from it. A
criterion that is known to hold is left out of it, one that is known not to leaves no region; so of
data that is fully described a region is everything or nothing, and of other data what stays in it
has to be enforced where the data is.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from consent.fhir_consent.criteria import Criterion, implies
from consent.fhir_consent.question import Data


@dataclass(frozen=True, slots=True)
class Region:
    """Some of the data. No criteria: all of it."""

    criteria: tuple[Criterion, ...] = ()
    without: tuple["Region", ...] = ()

    @property
    def is_everything(self) -> bool:
        """Whether it is all data, surely."""
        return not self.criteria and not self.without

    def contains(self, data: Data) -> bool | None:
        """Whether it is about this data; None where too little is said of it."""
        answers = [criterion.holds(data) for criterion in self.criteria]
        answers += [_outside(region, data) for region in self.without]
        if False in answers:
            return False
        return None if None in answers else True


def region_of(criteria: Iterable[Criterion], data: Data) -> Region | None:
    """The region in which all criteria hold; None if one of them does not of this data."""
    answers = [(criterion, criterion.holds(data)) for criterion in criteria]
    if any(answer is False for _, answer in answers):
        return None
    return Region(tuple(criterion for criterion, answer in answers if answer is None))


def minus(regions: Iterable[Region], taken: Iterable[Region]) -> tuple[Region, ...]:
    """What is left of the regions when others are taken from them; nothing that is surely empty."""
    away = tuple(dict.fromkeys(taken))
    return tuple(
        Region(region.criteria, tuple(dict.fromkeys((*region.without, *away))))
        for region in regions
        if not any(_swallows(other, region) for other in away)
    )


def _swallows(other: Region, region: Region) -> bool:
    return not other.without and all(
        any(implies(narrow, wide) for narrow in region.criteria) for wide in other.criteria
    )


def _outside(region: Region, data: Data) -> bool | None:
    answer = region.contains(data)
    return None if answer is None else not answer

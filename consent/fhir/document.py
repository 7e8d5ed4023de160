"""A FHIR R4 Consent as far as it decides anything, and regions of the data that it speaks of."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from consent.fhir.elements import Name, Span
from consent.fhir.question import ConsentAction, Criterion, CustodianCriterion, Data, implies
from consent.fhir.vocabulary import Code
from consent.question import Effect


class Status(StrEnum):
    """Where a consent is in its life (FHIR R4 code system consent-state-codes)."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    ACTIVE = "active"
    REJECTED = "rejected"
    INACTIVE = "inactive"
    ENTERED_IN_ERROR = "entered-in-error"


@dataclass(frozen=True, slots=True)
class Provision:
    """A rule and its exceptions. Empty: anybody, any purpose, any action, any data, at any time.

    Recipients, purposes, actions and period say to which questions the rule and its exceptions
    apply; the criteria say which data the rule itself is about. No effect: only the exceptions
    say something.
    """

    effect: Effect | None
    period: Span = field(default_factory=Span)
    recipients: frozenset[Name] | None = None
    purposes: frozenset[Code] = frozenset()
    actions: frozenset[ConsentAction] = frozenset()
    criteria: tuple[Criterion, ...] = ()
    custodian: CustodianCriterion | None = None
    exceptions: tuple["Provision", ...] = ()


@dataclass(frozen=True, slots=True)
class ConsentDocument:
    """One consent. `not_understood` names the elements for which it must not be applied."""

    place: str
    status: Status
    scope: str
    patients: frozenset[Name]
    issued: Span
    provision: Provision
    not_understood: tuple[str, ...] = ()


# Regions of data: what provisions say yes and no to, as far as is known of the data.
#
# A region is all data for which its criteria hold, without the regions that are taken from it. A
# criterion that is known to hold is left out of it, one that is known not to leaves no region; so
# of data that is fully described a region is everything or nothing, and of other data what stays in
# it has to be enforced where the data is.


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

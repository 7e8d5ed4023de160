"""The data-sharing agreement: which agencies may receive what, to what end, and how long.

It stands above every decision of a family: what it does not cover is shared with nobody. A
council adopts one version after another, and every adoption is kept, so that any past answer can
be given again (after ADR-0005 of DfE's Single Unique Identifier programme).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import product

from consent.model import Mode
from schemas.vocabulary import Category, LabelledCode, Purpose, Source

Agency = Source
"""The kind of an agency is the kind of system that it keeps."""
AgreementCell = tuple[Category, Source, Purpose, Mode]
"""What is shared, from whose system, to what end, and how much of it."""

_DAY = timedelta(days=1)
_NOBODY = frozenset[Agency]()


@dataclass(frozen=True, slots=True)
class AgreementRule:
    """These agencies may receive these categories for these purposes.

    Empty `sources` means of every source. To agree that content may be read is to agree that it
    may be known to exist.
    """

    agencies: frozenset[Agency]
    categories: frozenset[Category]
    purposes: frozenset[Purpose]
    sources: frozenset[Source] = frozenset()
    modes: frozenset[Mode] = frozenset(Mode)

    def cells(self) -> Iterable[AgreementCell]:
        """Every point that the rule covers."""
        modes = self.modes | {Mode.EXISTENCE} if Mode.CONTENT in self.modes else self.modes
        return product(self.categories, self.sources or Source, self.purposes, modes)


@dataclass(frozen=True, slots=True)
class Agreement:
    """One version of the agreement; both days belong to its validity, by UTC.

    Rules may overlap: what any of them covers is covered.
    """

    version: str
    title: str
    valid_from: date
    valid_until: date
    rules: tuple[AgreementRule, ...]
    parties: tuple[str, ...] = ()
    _covered: Mapping[AgreementCell, frozenset[Agency]] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        """Work out once who may receive what."""
        covered: dict[AgreementCell, frozenset[Agency]] = {}
        for rule in self.rules:
            for cell in rule.cells():
                covered[cell] = covered.get(cell, _NOBODY) | rule.agencies
        object.__setattr__(self, "_covered", covered)

    def receivers(
        self, category: Category, source: Source, purpose: Purpose, mode: Mode
    ) -> frozenset[Agency]:
        """The agencies that may receive this to this end."""
        return self._covered.get((category, source, purpose, mode), _NOBODY)

    @property
    def begins(self) -> datetime:
        """The first moment of its validity."""
        return datetime.combine(self.valid_from, time(), tzinfo=UTC)

    @property
    def ends(self) -> datetime:
        """The first moment after its validity."""
        return datetime.combine(self.valid_until, time(), tzinfo=UTC) + _DAY

    def is_valid(self, at: datetime) -> bool:
        """Whether it may be relied on at that time."""
        return self.begins <= at < self.ends


@dataclass(frozen=True, slots=True)
class AdoptedAgreement:
    """An agreement, and since when it counts: until another one is adopted."""

    agreement: Agreement
    adopted_at: datetime


def latest_adopted(adopted: Iterable[AdoptedAgreement], at: datetime) -> Agreement | None:
    """The agreement that counted at that time, whether or not it was still valid.

    Of two adopted at the same moment the one with the greater version; the order of `adopted`
    does not matter.
    """
    known = [each for each in adopted if each.adopted_at <= at]
    latest = max(known, key=lambda each: (each.adopted_at, each.agreement.version), default=None)
    return None if latest is None else latest.agreement


class AgreementState(LabelledCode):
    """Whether there is an agreement to decide by; without one everything is denied."""

    IN_FORCE = "in-force", "A data-sharing agreement is in force."
    NONE = "none", "No data-sharing agreement has been adopted: everything is denied."
    NOT_YET = "not-yet", "The data-sharing agreement is not valid yet: everything is denied."
    STALE = "stale", "The data-sharing agreement has run out: everything is denied."


def agreement_state(adopted: Iterable[AdoptedAgreement], at: datetime) -> AgreementState:
    """Whether there was an agreement to decide by at that time, and if not, why."""
    latest = latest_adopted(adopted, at)
    if latest is None:
        return AgreementState.NONE
    if at < latest.begins:
        return AgreementState.NOT_YET
    return AgreementState.IN_FORCE if at < latest.ends else AgreementState.STALE


def in_force(adopted: Iterable[AdoptedAgreement], at: datetime) -> Agreement | None:
    """The agreement by which to decide at that time: None when there is none, or it is stale."""
    latest = latest_adopted(adopted, at)
    return latest if latest is not None and latest.is_valid(at) else None

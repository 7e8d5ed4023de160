"""Words, and which of several that disagree decide: the one place where a no meets a yes.

Every sharing decision (`standing.py`) and every FHIR Consent (`consent.fhir.answering`) is read
into words, and what they come to is said here. A word of a decision is about all that was asked; a
word of a document may be about a region of it: some of the data, as far as it was described.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol, assert_never

from consent.model import Recipient
from consent.question import Reason
from schemas.identifiers import DecisionId
from schemas.vocabulary import LabelledCode, Source

# Regions of data: what words say yes and no to, as far as is known of the data.
#
# A region is all data for which its criteria hold, without the regions that are taken from it. A
# criterion that is known to hold is left out of it, one that is known not to leaves no region; so
# of data that is fully described a region is everything or nothing, and of other data what stays in
# it has to be enforced where the data is.


class Criterion(Protocol):
    """What holds of some data and not of other data; equal to one that says the same."""

    @property
    def element(self) -> Mapping[str, Any]:
        """How it is told to whoever enforces it."""

    def implies(self, wide: object) -> bool:
        """Whether all data of this is surely data of the other."""


@dataclass(frozen=True, slots=True)
class Region:
    """Some of the data. No criteria: all of it."""

    criteria: tuple[Criterion, ...] = ()
    without: tuple["Region", ...] = ()

    @property
    def is_everything(self) -> bool:
        """Whether it is all data, surely."""
        return not self.criteria and not self.without


EVERYTHING = Region()


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
        any(narrow.implies(wide) for narrow in region.criteria) for wide in other.criteria
    )


EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Word:
    """A yes or a no and why; of whose records and to whom it speaks.

    Empty `sources` mean every source, empty `recipients` everyone. `decision` is None where no
    decision says it; `said_at` is when it did. `is_parents`: a parent says it, for a child.

    Of a FHIR Consent: `about` is the data of which it speaks, `document` is which of them says it,
    because what one says together does not contradict itself, and `by_exception` says that what it
    permits is an exception to a denial of the rest.
    """

    permits: bool
    reason: Reason
    decision: DecisionId | None = None
    sources: frozenset[Source] = frozenset()
    recipients: frozenset[Recipient] = frozenset()
    review: bool = False
    is_parents: bool = False
    said_at: datetime = EARLIEST
    about: Region = EVERYTHING
    document: int | None = None
    by_exception: bool = False


# Which of several words holds when they speak about the same thing.
#
# `deny-overrides` is ours: a no stands against every yes, whenever either was said (DESIGN.md
# section 4). The other two exist so that cases published by others can be run as written. The names
# are those of XACML 3.0 appendix C; most-recent is what consent services that keep one consent
# current at a time do. Under all of them nothing means no, the order in which words are given does
# not matter, and at the same moment a no stands against a yes.


class CombiningAlgorithm(LabelledCode):
    """How words that disagree become one answer."""

    DENY_OVERRIDES = "deny-overrides", "Any refusal holds"
    MOST_RECENT = "most-recent", "What was said last holds"
    PERMIT_OVERRIDES = "permit-overrides", "Any permission holds"


def decisive(
    words: Sequence[Word], algorithm: CombiningAlgorithm = CombiningAlgorithm.DENY_OVERRIDES
) -> Sequence[Word]:
    """What is left of each yes when every no that stands against it is taken; else every no.

    Nothing of nothing: who asks has to say what silence means.
    """
    refusals = [word for word in words if not word.permits]
    if len(refusals) in (0, len(words)):
        return words
    if algorithm is CombiningAlgorithm.DENY_OVERRIDES and any(map(_is_of_all, refusals)):
        return refusals  # as below; every question of the shared profile asks this often
    return [left for word in words for left in _left_of(word, refusals, algorithm)] or refusals


def _left_of(word: Word, refusals: Iterable[Word], algorithm: CombiningAlgorithm) -> Sequence[Word]:
    if not word.permits:
        return ()
    against = [no for no in refusals if _stands(no, word, algorithm)]
    is_part = word.by_exception or any(no.by_exception for no in against)
    left = minus([word.about], [no.about for no in against])
    return [replace(word, about=region, by_exception=is_part) for region in left]


def _is_of_all(word: Word) -> bool:
    return word.document is None and word.about is EVERYTHING


def _stands(no: Word, yes: Word, algorithm: CombiningAlgorithm) -> bool:
    """Whether the no stands against the yes; what one document says together does not."""
    if no.document is not None and no.document == yes.document:
        return False
    match algorithm:
        case CombiningAlgorithm.DENY_OVERRIDES:
            return True
        case CombiningAlgorithm.MOST_RECENT:
            return no.said_at >= yes.said_at
        case CombiningAlgorithm.PERMIT_OVERRIDES:
            return False
        case _:
            assert_never(algorithm)

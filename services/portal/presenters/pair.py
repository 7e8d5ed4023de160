"""Two people who may be one, side by side in words, and what can be said about them."""

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.identifiers import PractitionerId
from schemas.vocabulary import Source
from services.linking.comparing import Field, Level
from services.linking.holding_back import Objection
from services.linking.joining_ports import JoinRefusal
from services.linking.ports import ReviewState
from services.linking.side_by_side import SideBySide
from services.portal.presenters.likeness import (
    LineInWords,
    line_in_words,
    odds_in_words,
    score_in_words,
)
from services.portal.presenters.pairs import happened_in_words
from services.portal.presenters.references import record_reference
from services.portal.steward_ports import AgencyToRing, ReviewedPair, SourceToRing

_BORN_OTHERWISE = frozenset({Level.CLOSE, Level.ALIKE, Level.DIFFERENT})
_NO_NUMBER = "telephone number not known"


@dataclass(frozen=True, slots=True, repr=False)
class SideInWords:
    """Both of them, what agrees, what speaks against, and what follows."""

    one: str
    other: str
    lines: tuple[LineInWords, ...]
    score: str
    odds: str
    objections: tuple[str, ...]
    born_otherwise: bool


@dataclass(frozen=True, slots=True)
class ToRing:
    """Whom to ring about what one source says."""

    source: str
    agencies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """What can be said about the pair as it stands now; `never` are reasons against any join."""

    join: bool
    apart: bool
    ask: bool
    undo: bool
    never: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class PairInWords:
    """The page of one pair; `side` is None where nothing of one of them may be compared."""

    reference: str
    happened: str
    side: SideInWords | None
    answers: Answers
    to_ring: tuple[ToRing, ...]


def pair_in_words(pair: ReviewedPair, who: PractitionerId) -> PairInWords:
    """Write one pair for the steward who looks at it."""
    return PairInWords(
        reference=record_reference(pair.review.id),
        happened=happened_in_words(pair.review, who),
        side=None if pair.side is None else _side(pair.side),
        answers=_answers(pair),
        to_ring=tuple(_to_ring(source) for source in pair.to_ring),
    )


def why_not_in_words(refused: JoinRefusal) -> str:
    """Write why nothing was done, for the notice above the pair."""
    return f"Nothing was changed. {refused.label}."


def _side(side: SideBySide) -> SideInWords:
    born = next(line for line in side.lines if line.field is Field.BORN)
    return SideInWords(
        one=_whose(side.one_source, side.one),
        other=_whose(side.other_source, side.other),
        lines=tuple(line_in_words(line) for line in side.lines),
        score=score_in_words(side.bits),
        odds=odds_in_words(side.bits),
        objections=tuple(f"{o.label}." for o in side.objections),
        born_otherwise=born.level in _BORN_OTHERWISE,
    )


def _whose(source: Source, person: str) -> str:
    return f"{source.label} (record {record_reference(person)})"


def _answers(pair: ReviewedPair) -> Answers:
    state = pair.review.state
    never = tuple(f"{o.label}." for o in _never(pair.side.objections if pair.side else ()))
    return Answers(
        join=state is not ReviewState.JOINED and pair.side is not None and not never,
        apart=state.is_open,
        ask=state is ReviewState.WAITING and pair.side is not None,
        undo=state is ReviewState.JOINED,
        never=() if state is ReviewState.JOINED else never,
    )


def _never(objections: Iterable[Objection]) -> list[Objection]:
    """What no steward can overrule (JoinRefusal says the same when it is tried)."""
    return [o for o in objections if o.is_final or o is Objection.PROTECTED]


def _to_ring(source: SourceToRing) -> ToRing:
    return ToRing(source.source.label, tuple(_agency(agency) for agency in source.agencies))


def _agency(agency: AgencyToRing) -> str:
    return f"{agency.name}: {agency.telephone or _NO_NUMBER}"

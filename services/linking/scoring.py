"""Whether two records are about one person: join, ask somebody, or keep apart."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.vocabulary import LabelledCode
from services.linking.comparing import Field, Level, compared
from services.linking.facts import LinkFacts
from services.linking.holding_back import (
    Objection,
    have_one_number,
    objections,
    was_renumbered,
)
from services.linking.weights import Weights

JOIN_BITS = 18.0
REVIEW_BITS = 6.0


class Band(LabelledCode):
    """What follows from a score."""

    JOIN = "join", "The same person: joined by themselves"
    REVIEW = "review", "Perhaps the same person: somebody decides"
    SEPARATE = "separate", "Different people"


@dataclass(frozen=True, slots=True)
class Score:
    """The evidence that two records are of one person: bits, for and against.

    `levels` and `weights` say where the bits come from; `objections` why nothing is joined by
    itself, however many bits there are.
    """

    bits: float
    levels: Mapping[Field, Level]
    weights: Mapping[Field, float]
    objections: tuple[Objection, ...]
    band: Band


def score(one: LinkFacts, other: LinkFacts, weights: Weights) -> Score:
    """Compare two records. Symmetric; what is not known counts for nothing."""
    levels = compared(one, other)
    bits = {field: weights.of(field, level) for field, level in levels.items()}
    against = objections(one, other, levels)
    total = sum(bits.values())
    band = _band_by_number(one, other, levels, against) or _band(total, levels, against)
    return Score(total, levels, bits, against, band)


def explained(found: Score) -> list[str]:
    """A sentence for each field that counted, the weightiest first, then each objection."""
    counted = [field for field in found.levels if found.weights[field]]
    counted.sort(key=lambda field: -abs(found.weights[field]))
    return [
        *(
            f"{field.label} {found.levels[field].label} ({found.weights[field]:+.1f})"
            for field in counted
        ),
        *(objection.label for objection in found.objections),
    ]


def _band_by_number(
    one: LinkFacts, other: LinkFacts, levels: Mapping[Field, Level], against: tuple[Objection, ...]
) -> Band | None:
    """What a verified number decides by itself, however much has changed; None where it is silent.

    One number and one date of birth are one person; whatever else a source says of a number that
    was replaced, somebody shall look at it.
    """
    if any(objection.is_final for objection in against):
        return Band.SEPARATE
    if have_one_number(one, other, levels) and levels[Field.BORN] is Level.SAME and not against:
        return Band.JOIN
    if Objection.BORN_OTHERWISE in against or was_renumbered(one, other):
        return Band.REVIEW
    return None


def _band(bits: float, levels: Mapping[Field, Level], against: tuple[Objection, ...]) -> Band:
    if bits < REVIEW_BITS or _are_siblings(levels, against):
        return Band.SEPARATE
    return Band.REVIEW if against or bits < JOIN_BITS else Band.JOIN


def _are_siblings(levels: Mapping[Field, Level], against: tuple[Objection, ...]) -> bool:
    """Another first name and another day of birth: a house full of them is nothing to ask about.

    A number that agrees would have left no such objection.
    """
    differ = levels[Field.GIVEN] is levels[Field.BORN] is Level.DIFFERENT
    return differ and Objection.TWIN_OR_SIBLING in against

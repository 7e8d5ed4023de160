"""Whether two records are about one person: join, ask somebody, or keep apart; by which weights."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from schemas.vocabulary import LabelledCode
from services.people.linking.comparing import Field, Level, compared
from services.people.linking.facts import LinkFacts
from services.people.linking.objections import (
    Objection,
    have_one_number,
    objections,
    was_renumbered,
)
from services.platform.errors import ServiceError

# What each level of agreement is worth, in bits: learned from data, kept with how it was made.

_SMALLEST = 1e-6


class WeightsInvalidError(ServiceError):
    """The file of weights cannot be used; the message names the place in it."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Bits for each field and level: log2(m/u) (Fellegi and Sunter 1969); `version` names them.

    `chances` are the m of each.
    """

    version: str
    bits: Mapping[tuple[Field, Level], float]
    chances: Mapping[tuple[Field, Level], float]

    def of(self, field: Field, level: Level) -> float:
        """What it is worth; what is not known is worth nothing either way."""
        return 0.0 if level is Level.NOT_KNOWN else self.bits[field, level]

    def of_value(self, field: Field, share: float) -> float:
        """What it is worth that a field has one value that this share of people has, not any.

        A name that few have says more than one that many have (Newcombe 1959): u is its share.
        """
        m = self.chances.get((field, Level.SAME))
        if m is None or not 0 < share <= 1:
            return self.of(field, Level.SAME)
        return math.log2(max(m, _SMALLEST) / max(share, _SMALLEST))


def shipped_weights() -> Weights:
    """The weights that come with the program (weights.json)."""
    text = (files("services.people.linking") / "weights.json").read_text(encoding="utf-8")
    return weights_from_document(json.loads(text))


def read_weights(path: Path) -> Weights:
    """Weights somebody trained on data of their own. Raises WeightsInvalidError."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WeightsInvalidError("weights: is-not-readable-json") from error
    return weights_from_document(document)


def weights_from_document(document: Any) -> Weights:
    """From `{"version", "made", "fields": {field: {level: {"m", "u"}}}}`.

    `m` is the chance of the level among records of one person, `u` among records of different
    people. A field may leave out a level that cannot occur. Raises WeightsInvalidError.
    """
    if not isinstance(document, dict) or not isinstance(document.get("fields"), dict):
        raise WeightsInvalidError("weights.fields: is-missing")
    bits, agreeing = {}, {}
    for field in Field:
        levels = document["fields"].get(field.value)
        if not isinstance(levels, dict):
            raise WeightsInvalidError(f"weights.fields.{field.value}: is-missing")
        for name, chances in levels.items():
            level = _level(field, name)
            bits[field, level] = _bits(field, name, chances)
            agreeing[field, level] = float(chances["m"])
    return Weights(str(document.get("version", "")), bits, agreeing)


def _level(field: Field, name: str) -> Level:
    try:
        return Level(name)
    except ValueError:
        raise WeightsInvalidError(f"weights.fields.{field.value}: names-no-level") from None


def _bits(field: Field, name: str, chances: Any) -> float:
    try:
        m, u = float(chances["m"]), float(chances["u"])
    except (KeyError, TypeError, ValueError):
        m, u = -1.0, -1.0
    if not (0 <= m <= 1 and 0 <= u <= 1):
        raise WeightsInvalidError(f"weights.fields.{field.value}.{name}: is-not-m-and-u")
    return math.log2(max(m, _SMALLEST) / max(u, _SMALLEST))


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

"""How far two records agree, field by field: levels, not numbers.

The levels are those that Splink is trained with (training.py), so that a weight means here what
it was learned for. Jaro-Winkler and optimal string alignment are rapidfuzz's.
"""

from collections.abc import Callable, Mapping

from rapidfuzz.distance import OSA, JaroWinkler

from schemas.vocabulary import LabelledCode
from services.people.linking.facts import LinkFacts

_CLOSE_NAME = 0.92
_ALIKE_NAME = 0.80


class Field(LabelledCode):
    """What is compared."""

    GIVEN = "given", "First name"
    FAMILY = "family", "Family name"
    BORN = "born", "Date of birth"
    POSTCODE = "postcode", "Postcode"
    ADDRESS = "address", "Address"
    NUMBER = "number", "Number that nobody verified"


class Level(LabelledCode):
    """How far it agrees."""

    SAME = "same", "is the same"
    CLOSE = "close", "is nearly the same"
    ALIKE = "alike", "is similar"
    SWAPPED = "swapped", "stands in the other's place"
    DIFFERENT = "different", "is different"
    NOT_KNOWN = "not-known", "is not known of both"


def compared(one: LinkFacts, other: LinkFacts) -> Mapping[Field, Level]:
    """The level of each field; the same whichever record comes first."""
    crossed = _crossings(one, other)
    return {
        Field.GIVEN: _first_names(one.given_names, other.given_names, crossed=crossed > 0),
        Field.FAMILY: _names(one.family_names, other.family_names, crossed=crossed > 1),
        Field.BORN: _written(one.date_of_birth, other.date_of_birth, _born_level),
        Field.POSTCODE: _written(one.postcode, other.postcode, _one_slip),
        Field.ADDRESS: _written(one.address, other.address, _similarity),
        Field.NUMBER: _written(one.stated_number, other.stated_number, _one_slip),
    }


def _first_names(one: frozenset[str], other: frozenset[str], *, crossed: bool) -> Level:
    """As of any names; but twins share a second name, and each has one that the other has not."""
    level = _names(one, other, crossed=crossed)
    if level is not Level.SAME:
        return level
    own, others = one - other, other - one
    is_partly = own and others and _names(own, others, crossed=False) is Level.DIFFERENT
    return Level.ALIKE if is_partly else level


def _names(one: frozenset[str], other: frozenset[str], *, crossed: bool) -> Level:
    """The best that any of the names agree: one in common is enough, in whatever order."""
    if not one or not other:
        return Level.NOT_KNOWN
    if one & other:
        return Level.SAME
    best = min((_similarity(a, b) for a in one for b in other), key=list(Level).index)
    return Level.SWAPPED if best is Level.DIFFERENT and crossed else best


def _crossings(one: LinkFacts, other: LinkFacts) -> int:
    """How many names stand in the other's place, as forms in two columns invite.

    One of them is one name that agrees, not two: the other name may be anybody's.
    """
    places = ((one.given_names, other.family_names), (one.family_names, other.given_names))
    return sum(not given.isdisjoint(family) for given, family in places)


def _written(one: str | None, other: str | None, level: Callable[[str, str], Level]) -> Level:
    if not one or not other:
        return Level.NOT_KNOWN
    return Level.SAME if one == other else level(one, other)


def _similarity(one: str, other: str) -> Level:
    similarity = JaroWinkler.similarity(one, other)
    if similarity >= _CLOSE_NAME:
        return Level.CLOSE
    return Level.ALIKE if similarity >= _ALIKE_NAME else Level.DIFFERENT


def _one_slip(one: str, other: str) -> Level:
    return Level.CLOSE if OSA.distance(one, other, score_cutoff=1) <= 1 else Level.DIFFERENT


def _born_level(one: str, other: str) -> Level:
    """One slip of the pen, or day and month changed places, is close; two slips are alike."""
    year, month, day = one.split("-")
    distance = OSA.distance(one, other, score_cutoff=2)
    if distance <= 1 or other == f"{year}-{day}-{month}":
        return Level.CLOSE
    return Level.ALIKE if distance == 2 else Level.DIFFERENT  # noqa: PLR2004 two slips

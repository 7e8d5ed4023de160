"""Why two people may be one, or may not, in sentences: which facts agree, differ, are missing.

And by whose word each is known: nothing is known of anybody but what a source says.
"""

from collections.abc import Iterable
from typing import assert_never

from services.people.linking.comparing import Field, Level
from services.people.linking.stewards_view import FieldLine, SideBySide

_HOW = {
    Level.SAME: "The same",
    Level.CLOSE: "Nearly the same",
    Level.ALIKE: "Similar",
    Level.SWAPPED: "In the other’s place",
    Level.DIFFERENT: "Different",
}


def reasons_in_words(side: SideBySide) -> tuple[str, ...]:
    """Write a sentence for each way in which facts agree or differ, and one for what is missing."""
    one, other = side.one_source.label, side.other_source.label
    both = f"{one} and {other}" if one != other else f"two records of {one}"
    told = [
        f"{how}: {_listed(line.field for line in found)}, by the word of {both}."
        for level, how in _HOW.items()
        if (found := [line for line in side.lines if line.level is level])
    ]
    missing = [_missing(line, one, other) for line in side.lines if line.level is Level.NOT_KNOWN]
    return (*told, *([f"Not compared: {'; '.join(missing)}."] if missing else []))


def _missing(line: FieldLine, one: str, other: str) -> str:
    name = _name(line.field)
    if line.one and line.other:
        return f"{name} (of different kinds)"
    if not line.one and not line.other:
        return f"{name} (neither says it)"
    silent, says = (other, one) if line.one else (one, other)
    if silent == says:
        return f"{name} (only one of the two records says it)"
    return f"{name} ({says} says it, {silent} does not)"


def _listed(fields: Iterable[Field]) -> str:
    return ", ".join(_name(field) for field in fields)


def _name(field: Field) -> str:
    match field:
        case Field.GIVEN | Field.FAMILY | Field.BORN | Field.POSTCODE | Field.ADDRESS:
            return field.label.lower()
        case Field.NUMBER:
            return "numbers"
        case _:
            assert_never(field)

"""How far two people agree, in words: each field, and all of it together."""

from dataclasses import dataclass
from typing import assert_never

from services.linking.comparing import Field, Level
from services.linking.scoring import JOIN_BITS, REVIEW_BITS
from services.linking.side_by_side import FieldLine
from services.portal.presenters.cards import Tag
from services.portal.presenters.dates import day_in_words

NOT_SAID = "Not said"
_MUCH_BITS = (JOIN_BITS + REVIEW_BITS) / 2
_STRONG_BITS = 4.0
_HARDLY_BITS = 0.5
_OTHER_KINDS = "of different kinds, or not known of both"
_MILLION = 1_000_000
_INWARD = 3
"""The last characters of a postcode, which stand apart."""


@dataclass(frozen=True, slots=True, repr=False)
class LineInWords:
    """One field of both, whether it agrees, and what that says."""

    label: str
    one: str
    other: str
    agreement: Tag
    meaning: str


def line_in_words(line: FieldLine) -> LineInWords:
    """Write one field; what is not known of both says nothing."""
    return LineInWords(
        label="Numbers" if line.field is Field.NUMBER else line.field.label,
        one=_value(line.field, line.one),
        other=_value(line.field, line.other),
        agreement=_agreement(line),
        meaning=_meaning(line),
    )


def score_in_words(bits: float) -> str:
    """Write how much speaks for one person, without saying whether they are."""
    if bits >= JOIN_BITS:
        return "Nearly everything agrees"
    if bits >= _MUCH_BITS:
        return "Much agrees"
    return "Some of it agrees" if bits >= REVIEW_BITS else "Little agrees"


def odds_in_words(bits: float) -> str:
    """Write what the score means: bits are powers of two (weights.py)."""
    times = 2 ** abs(bits)
    if times < 2:  # noqa: PLR2004
        return "What is known of them is as likely if they are one person as if they are two."
    many = "more than a million" if times > _MILLION else f"about {_rounded(times):,}"
    one, two = "if they are one person", "if they are two"
    than = f"{one} than {two}" if bits > 0 else f"{two} than {one}"
    return f"What is known of them is {many} times likelier {than}."


def _rounded(times: float) -> int:
    """One digit that counts: more would claim more than the weights know."""
    return int(float(f"{times:.0e}"))


def _agreement(line: FieldLine) -> Tag:
    match line.level:
        case Level.SAME:
            return Tag("The same", "green")
        case Level.CLOSE:
            return Tag("Nearly the same", "turquoise")
        case Level.ALIKE:
            return Tag("Similar", "yellow")
        case Level.SWAPPED:
            return Tag("In the other’s place", "yellow")
        case Level.DIFFERENT:
            return Tag("Different", "orange")
        case Level.NOT_KNOWN:
            return Tag("Not compared", "grey")
        case _:
            assert_never(line.level)


def _meaning(line: FieldLine) -> str:
    if line.level is Level.NOT_KNOWN:
        is_number = line.field is Field.NUMBER
        return f"Says nothing: {_OTHER_KINDS if is_number else 'not known of both'}"
    if abs(line.bits) < _HARDLY_BITS:
        return "Says hardly anything"
    strongly = "strongly " if abs(line.bits) >= _STRONG_BITS else ""
    return f"Speaks {strongly}{'for' if line.bits > 0 else 'against'} one person"


def _value(field: Field, text: str | None) -> str:
    if not text:
        return NOT_SAID
    match field:
        case Field.BORN:
            return day_in_words(text)
        case Field.POSTCODE:
            return f"{text[:-_INWARD]} {text[-_INWARD:]}".strip()
        case Field.GIVEN | Field.FAMILY | Field.ADDRESS | Field.NUMBER:
            return text
        case _:
            assert_never(field)

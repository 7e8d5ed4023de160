"""The five reviews that every family is offered, and how a source names them.

Source: Office for Health Improvement and Disparities, health visitor service delivery metrics,
interim guidance 2024 to 2025 (DOMAIN section 2.1.5). SNOMED has a code for each; which is not
published there, so a code that is not in the table counts only by the words that go with it.
"""

import re
from collections.abc import Iterable

from schemas.records.payloads import Coding
from schemas.vocabulary import LabelledCode


class Review(LabelledCode):
    """A mandated review; the label is what the timeline calls it."""

    ANTENATAL = "antenatal", "Antenatal review"
    NEW_BIRTH = "new-birth", "New birth visit"
    SIX_TO_EIGHT_WEEKS = "six-to-eight-weeks", "6 to 8 week review"
    TWELVE_MONTHS = "twelve-months", "12 month review"
    TWO_YEARS = "two-years", "2 to 2½ year review"


# The metrics count some reviews twice, by their timing or by what they included.
_CODES = {
    "C1": Review.ANTENATAL,
    "C2": Review.NEW_BIRTH,
    "C3": Review.NEW_BIRTH,
    "C8I": Review.SIX_TO_EIGHT_WEEKS,
    "C8II": Review.SIX_TO_EIGHT_WEEKS,
    "C4": Review.TWELVE_MONTHS,
    "C5": Review.TWELVE_MONTHS,
    "C6I": Review.TWO_YEARS,
    "C6II": Review.TWO_YEARS,
}
_TO = r" ?(?:-|–|to) ?"
_AND_A_HALF = r"(?:½|\.5|1/2| ?1/2| and a half)"
_VISIT = r".*\b(?:review|visit|assessment|check|contact)\b"
_WORDS = {
    # A midwife's antenatal contacts are not meant: it has to be named as this one.
    Review.ANTENATAL: r"\bantenatal (?:health|review)|\bhealth visit\w* antenatal\b",
    Review.NEW_BIRTH: r"\bnew birth (?:visit|review)\b",
    Review.SIX_TO_EIGHT_WEEKS: rf"\b(?:6{_TO}8|six{_TO}eight)[ -]weeks?\b{_VISIT}",
    Review.TWELVE_MONTHS: rf"\b(?:12[ -]months?|(?:1|one)[ -]years?)\b{_VISIT}",
    Review.TWO_YEARS: rf"\b(?:2|two)(?:{_TO}(?:2|two){_AND_A_HALF}?)?[ -]years?\b{_VISIT}",
}
_PATTERNS = {review: re.compile(words) for review, words in _WORDS.items()}


def review_named(codings: Iterable[Coding]) -> Review | None:
    """The review that the codings of an encounter's type name, if it is one of the five."""
    stated = list(codings)
    by_code = (_CODES.get(coding.code.strip().upper()) for coding in stated)
    by_words = (_review_in_words(coding.display.casefold()) for coding in stated)
    return next((found for found in (*by_code, *by_words) if found), None)


def _review_in_words(words: str) -> Review | None:
    found = [review for review, pattern in _PATTERNS.items() if pattern.search(words)]
    return found[0] if len(found) == 1 else None

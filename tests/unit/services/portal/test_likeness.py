"""Agreement and scores in words."""

import pytest

from schemas.identifiers import PersonId
from schemas.vocabulary import Source
from services.people.linking.comparing import Field, Level
from services.people.linking.scoring import Band
from services.people.linking.stewards_view import FieldLine, SideBySide
from services.portal.who_is_who.words import line_in_words, odds_in_words, score_in_words
from services.portal.who_is_who.words_reasons import reasons_in_words


@pytest.mark.parametrize(
    ("bits", "words"),
    [
        (22.0, "Nearly everything agrees"),
        (14.2, "Much agrees"),
        (7.0, "Some of it agrees"),
        (-3.0, "Little agrees"),
    ],
)
def test_a_score_says_how_much_agrees(bits: float, words: str) -> None:
    """Not whether they are one person."""
    assert score_in_words(bits) == words


@pytest.mark.parametrize(
    ("bits", "words"),
    [
        (14.2, "about 20,000 times likelier if they are one person than if they are two"),
        (3.1, "about 9 times likelier if they are one person than if they are two"),
        (-5.0, "about 30 times likelier if they are two than if they are one person"),
        (25.0, "more than a million times likelier if they are one person"),
        (0.3, "as likely if they are one person as if they are two"),
    ],
)
def test_odds_have_one_digit_that_counts(bits: float, words: str) -> None:
    """More would claim more than the weights know."""
    assert words in odds_in_words(bits)


@pytest.mark.parametrize(
    ("level", "bits", "agreement", "meaning"),
    [
        (Level.SAME, 9.0, "The same", "Speaks strongly for one person"),
        (Level.CLOSE, 2.0, "Nearly the same", "Speaks for one person"),
        (Level.ALIKE, 0.2, "Similar", "Says hardly anything"),
        (Level.SWAPPED, 1.0, "In the other’s place", "Speaks for one person"),
        (Level.DIFFERENT, -6.0, "Different", "Speaks strongly against one person"),
        (Level.NOT_KNOWN, 0.0, "Not compared", "Says nothing: not known of both"),
    ],
)
def test_each_level_has_words(level: Level, bits: float, agreement: str, meaning: str) -> None:
    """So that colour is never all there is."""
    line = line_in_words(FieldLine(Field.GIVEN, "AVA", None, level, bits))

    assert (line.one, line.other) == ("AVA", "Not said")
    assert (line.agreement.text, line.meaning) == (agreement, meaning)


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        (Field.BORN, "2019-04-17", "17 April 2019"),
        (Field.POSTCODE, "NF14TB", "NF1 4TB"),
        (Field.NUMBER, "NHS number 9990000018", "NHS number 9990000018"),
    ],
)
def test_values_are_written_as_people_write_them(field: Field, text: str, words: str) -> None:
    """Where that is known from how they are compared."""
    assert line_in_words(FieldLine(field, text, None, Level.NOT_KNOWN, 0.0)).one == words


def test_reasons_say_which_facts_and_by_whose_word() -> None:
    """What agrees, what differs, and which of both does not say what is missing."""
    lines = (
        FieldLine(Field.GIVEN, "AVA", "AVA", Level.SAME, 9.0),
        FieldLine(Field.FAMILY, "MARLOW", "MARLOW", Level.SAME, 9.0),
        FieldLine(Field.BORN, "2019-04-17", "2019-04-18", Level.CLOSE, 1.0),
        FieldLine(Field.POSTCODE, "NF14TB", "NF14TX", Level.DIFFERENT, -1.0),
        FieldLine(Field.ADDRESS, "1 TEST LANE", None, Level.NOT_KNOWN, 0.0),
        FieldLine(Field.NUMBER, None, None, Level.NOT_KNOWN, 0.0),
    )
    persons, sources = (
        (PersonId("one"), PersonId("other")),
        (Source.HEALTH_VISITING, Source.SCHOOLS),
    )
    said = reasons_in_words(SideBySide(None, *persons, *sources, Band.REVIEW, 18.0, lines, ()))

    health, schools = (source.label for source in sources)
    both = f"by the word of {health} and {schools}."
    assert said == (
        f"The same: first name, family name, {both}",
        f"Nearly the same: date of birth, {both}",
        f"Different: postcode, {both}",
        f"Not compared: address ({health} says it, {schools} does not); numbers (neither says it).",
    )

"""Who somebody is to a child, as schools write it."""

import pytest

from connectors.parsing.relationship_words import SaidOfRelative, kind_in_words, relative_in_words
from schemas.records.payloads import RelationshipKind as Kind

RIGHT = {
    "Mum": Kind.MOTHER,
    "MOTHER": Kind.MOTHER,
    "Mam": Kind.MOTHER,
    "Birth Mother": Kind.MOTHER,
    "Dad": Kind.FATHER,
    "Step Mum": Kind.STEP_PARENT,
    "Step-Father": Kind.STEP_PARENT,
    "stepdad": Kind.STEP_PARENT,
    "Foster Mum": Kind.FOSTER_CARER,
    "Nan": Kind.GRANDPARENT,
    "Nana": Kind.GRANDPARENT,
    "Grandad": Kind.GRANDPARENT,
    "Grandmother (maternal)": Kind.GRANDPARENT,
    "Paternal Grandfather": Kind.GRANDPARENT,
    "Maternal nanny": Kind.GRANDPARENT,
    "Half Sister": Kind.SIBLING,
    "Auntie": Kind.OTHER_RELATIVE,
    "Uncle (paternal)": Kind.OTHER_RELATIVE,
    "Legal Guardian": Kind.CARER,
}
NOTHING = (
    "Father (deceased)",
    "Dad - no contact",
    "Mum and Dad",
    "Mother/Carer",
    "Godmother",
    "Grandmother-in-law",
    "Ex step dad",
    "Nanny",
    "Childminder",
    "Friend of mum",
    "Mother's partner",
    "",
)


@pytest.mark.parametrize(("words", "kind"), RIGHT.items())
def test_words_name_a_kind(words: str, kind: Kind):
    """Whatever their spaces, hyphens and capitals, and on whose side it is."""
    assert kind_in_words(words) is kind


@pytest.mark.parametrize("words", NOTHING)
def test_words_that_say_more_or_something_else_name_none(words: str):
    """What they say besides may be what matters most."""
    assert kind_in_words(words) is None


DEAD = {
    "Father (deceased)": Kind.FATHER,
    "Mother - deceased": Kind.MOTHER,
    "Deceased mum": Kind.MOTHER,
    "Dad (died 2021)": Kind.FATHER,
    "Dad, died 03/05/2024": Kind.FATHER,
    "Late father": Kind.FATHER,
    "Mum RIP": Kind.MOTHER,
    "Mam (dec'd)": Kind.MOTHER,
    "Nan (passed away)": Kind.GRANDPARENT,
    "Deceased": None,
}
ALIVE = ("Father", "Widow of late brother", "Father's wife (deceased)", "Not deceased", "Decorator")


def test_words_say_of_somebody_that_they_have_died():
    """And who they are, whichever comes first; of somebody else they say nothing."""
    for words, kind in DEAD.items():
        assert relative_in_words(words) == SaidOfRelative(kind, has_died=True), words
    for words in ALIVE:
        assert not relative_in_words(words).has_died, words

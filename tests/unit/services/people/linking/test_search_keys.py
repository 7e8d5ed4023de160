"""What somebody is looked for by: found through any one slip, and not by half a town."""

from dataclasses import replace

import pytest

from schemas.vocabulary import IdentifierScheme
from services.people.linking.facts import KeyKind, LinkFacts, names_in, search_keys, sound_of

_MAYA = LinkFacts(
    given_names=names_in(("Maya",)),
    family_names=names_in(("Okonkwo",)),
    date_of_birth="2021-03-09",
    postcode="NF12AB",
    address="12ALDERWAY",
)
_SLIPS = {
    "another first name": replace(_MAYA, given_names=names_in(("Temi",))),
    "another family name": replace(_MAYA, family_names=names_in(("Reed",))),
    "names in each other's place": replace(
        _MAYA, given_names=_MAYA.family_names, family_names=_MAYA.given_names
    ),
    "spelled otherwise": replace(_MAYA, family_names=names_in(("Okonquo",))),
    "another date of birth": replace(_MAYA, date_of_birth="1994-11-30"),
    "day and month in each other's place": replace(_MAYA, date_of_birth="2021-09-03"),
    "no date of birth": replace(_MAYA, date_of_birth=None),
    "moved": replace(_MAYA, postcode="XX99ZZ", address="4BROOKSTREET"),
    "moved and known by another first name": replace(
        _MAYA, given_names=names_in(("May",)), postcode="XX99ZZ", address=None
    ),
}


@pytest.mark.parametrize("slip", _SLIPS.values(), ids=_SLIPS)
def test_a_slip_leaves_another_key_whole(slip: LinkFacts) -> None:
    """Whoever differs in one thing is found by the others."""
    assert search_keys(_MAYA) & search_keys(slip)


def test_nothing_known_is_looked_for_by_nothing() -> None:
    """A name alone finds nobody."""
    assert search_keys(LinkFacts()) == frozenset()
    assert search_keys(LinkFacts(family_names=names_in(("Okonkwo",)))) == frozenset()


def test_no_key_is_a_date_of_birth_or_a_postcode_alone() -> None:
    """A street, or everybody born on a day, would all be compared."""
    facts = {"2021-03-09", "2021-09-03", "NF12AB"}

    alone = [key for _, key in search_keys(_MAYA) if len(key) == 1 and key[0] in facts]

    assert alone == []


def test_a_number_that_was_replaced_is_still_looked_for() -> None:
    """So that who is known by the old one is compared with who is known by the new."""
    number = (IdentifierScheme.NHS_NUMBER, "9990000018")

    old, new = LinkFacts(numbers=(number,)), LinkFacts(former_numbers=(number,))

    assert search_keys(old) == search_keys(new) == {(KeyKind.NUMBER, ("9990000018",))}


@pytest.mark.parametrize(
    ("name", "sound"),
    [
        ("ROBERT", "R163"),
        ("RUPERT", "R163"),
        ("ASHCRAFT", "A261"),
        ("TYMCZAK", "T522"),
        ("PFISTER", "P236"),
        ("LEE", "L000"),
        ("", ""),
    ],
)
def test_names_that_sound_alike_have_one_sound(name: str, sound: str) -> None:
    """The examples of the United States National Archives."""
    assert sound_of(name) == sound

"""What to look for somebody by: combinations of facts that records of one person mostly share.

Nobody is compared with everybody. A key is a few facts together, so that it is shared by few
people; there are several, so that a slip in one fact leaves another whole. Family and first names
are not told apart, since forms mix them up, and a date of birth whose day and month changed
places gives the same key. Each key is hashed under the installation's key before it is stored.
"""

from collections.abc import Iterator
from itertools import permutations

from schemas.vocabulary import LabelledCode
from services.linking.facts import LinkFacts

Key = tuple[str, ...]

_MOST_NAMES = 6
_SOUNDS = {
    letter: digit
    for digit, letters in enumerate(("BFPV", "CGJKQSXZ", "DT", "L", "MN", "R"), start=1)
    for letter in letters
}
_SOUND_LENGTH = 4


class KeyKind(LabelledCode):
    """Which facts a key is made of; stored beside its hash, so that it tells no more than that."""

    NUMBER = "number", "A number"
    BORN_AND_NAME = "born-and-name", "Date of birth and a name"
    BORN_AND_POSTCODE = "born-and-postcode", "Date of birth and postcode"
    YEAR_AND_SOUNDS = "year-and-sounds", "Year of birth and how the names sound"
    POSTCODE_AND_NAME = "postcode-and-name", "Postcode and how a name sounds"
    ADDRESS = "address", "Address"
    NAMES = "names", "Both names"


def search_keys(facts: LinkFacts) -> frozenset[tuple[KeyKind, Key]]:
    """Every key of these facts; the same whichever name is whose."""
    return frozenset(_keys(facts))


def _keys(facts: LinkFacts) -> Iterator[tuple[KeyKind, Key]]:
    names = sorted(facts.given_names | facts.family_names)[:_MOST_NAMES]
    verified = (value for _, value in (*facts.numbers, *facts.former_numbers))
    yield from ((KeyKind.NUMBER, (n,)) for n in (facts.stated_number, *verified) if n)
    if facts.date_of_birth:
        yield from _by_birth(facts, names, facts.date_of_birth)
    if facts.postcode:
        yield from ((KeyKind.POSTCODE_AND_NAME, (sound_of(n), facts.postcode)) for n in names)
    if facts.address:
        yield KeyKind.ADDRESS, (facts.address,)
    # Any two of somebody's names: a second first name or half of a double name may be left out.
    yield from ((KeyKind.NAMES, pair) for pair in permutations(names, 2) if pair[0] < pair[1])


def _by_birth(facts: LinkFacts, names: list[str], born: str) -> Iterator[tuple[KeyKind, Key]]:
    year, day_and_month = born[:4], sorted((born[5:7], born[8:10]))
    day = "-".join((year, *day_and_month))
    yield from ((KeyKind.BORN_AND_NAME, (day, name)) for name in names)
    if facts.postcode:
        yield KeyKind.BORN_AND_POSTCODE, (day, facts.postcode)
    sounds = [(sound_of(family), sound_of(given)[:1]) for family, given in permutations(names, 2)]
    yield from ((KeyKind.YEAR_AND_SOUNDS, (*pair, year)) for pair in sounds)


def sound_of(name: str) -> str:
    """The first letter and three digits for how the rest sounds (Soundex; US patent 1261167)."""
    if not name:
        return ""
    digits, last = "", _SOUNDS.get(name[0])
    for letter in name[1:]:
        digit = _SOUNDS.get(letter)
        if digit and digit != last:
            digits += str(digit)
        if letter not in "HW":
            last = digit
    return (name[0] + digits + "000")[:_SOUND_LENGTH]

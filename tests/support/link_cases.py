"""Pairs that look like one child, or like two, and what has to become of them (DOMAIN.md §4.3)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from schemas.identifiers import Identifier, Upn
from schemas.vocabulary import IdentifierScheme, IdentifierStatus
from services.adapters.subjects import identifier_of
from tests.support.linking_world import AChild

_SURNAMES = (
    *("Quillfeather", "Abernethy", "Brocklebank", "Chowdhury", "Dzwonek", "Eastlake", "Fotherby"),
    *("Gwynne", "Hathersage", "Ivanova", "Jellicoe", "Kirkbride", "Lowestoft", "Mbeki", "Norbury"),
    *("Olorunfemi", "Pemberton", "Quaresma", "Rathbone", "Szymanski", "Thistlewood", "Uddin"),
    *("Vandenberg", "Wolstenholme", "Xiang", "Yarborough", "Zeffirelli", "Applegarth"),
)


class Outcome(StrEnum):
    """What becomes of two persons."""

    JOINED = "joined"
    ASKED = "asked about"
    APART = "apart"


@dataclass(frozen=True, slots=True, repr=False)
class Case:
    """What health visiting and a school each know, and what has to follow."""

    name: str
    seen: AChild
    taught: AChild
    outcome: Outcome


def cases() -> Iterator[Case]:
    """Every case, each in a family and a street of its own."""
    for number, (name, seen, taught, outcome) in enumerate(_CASES):
        yield Case(name, _own(seen, number, "nhs"), _own(taught, number, "upn"), outcome)


def nhs_number(number: int) -> Identifier:
    """A verified NHS number of the test range."""
    for check in range(10):
        found = identifier_of(IdentifierScheme.NHS_NUMBER, f"99900{number:04d}{check}")
        if found.is_verified:
            return found
    return nhs_number(number + 5000)


def upn(number: int) -> Identifier:
    """A verified UPN of no school that there is."""
    value = Upn.with_check_letter(f"99920{number:07d}").value
    return Identifier(IdentifierScheme.UPN, value, IdentifierStatus.VERIFIED)


def _own(child: AChild, number: int, kind: str) -> AChild:
    """The child in the family, the street and with the number of its case."""
    surname = _SURNAMES[number % len(_SURNAMES)]
    given = tuple(name.replace("{F}", surname) for name in child.given)
    own = nhs_number(number + 100) if kind == "nhs" else upn(number + 100)
    line = child.line and child.line.replace("{F}", surname)
    return replace(
        child,
        given=given,
        family=child.family.replace("{F}", surname),
        line=line,
        postcode=child.postcode and child.postcode.replace("{N}", f"{number // 10} {number % 10}"),
        numbers=(own, *child.numbers),
    )


_CHILD = AChild(("Ottoline",), "{F}", "2019-04-17", "ZZ{N}ZZ", "1 {F} Lane")
_ELSEWHERE = replace(_CHILD, postcode="EX{N}AA", line="4 {F} Street")

_CASES = (
    ("all agrees", _CHILD, _CHILD, Outcome.JOINED),
    (
        "several first names in another order",
        replace(_CHILD, given=("Ottoline", "Rose")),
        replace(_CHILD, given=("Rose Ottoline",)),
        Outcome.JOINED,
    ),
    (
        "first and family name in each other's place",
        _CHILD,
        replace(_CHILD, given=("{F}",), family="Ottoline"),
        Outcome.JOINED,
    ),
    ("half of a double name", _CHILD, replace(_CHILD, family="{F}-Reed"), Outcome.JOINED),
    (
        "hyphens and accents",
        replace(_CHILD, given=("Anne-Zoë",)),
        replace(_CHILD, given=("Anne Zoe",)),
        Outcome.JOINED,
    ),
    (
        "legal name and known-as",
        replace(_CHILD, given=("Elizabeth",), known_as="Betty"),
        replace(_CHILD, given=("Betty",)),
        Outcome.JOINED,
    ),
    (
        "the name known by, known to one only",
        replace(_CHILD, given=("Elizabeth",)),
        replace(_CHILD, given=("Betty",)),
        Outcome.ASKED,
    ),
    (
        "day and month in each other's place",
        replace(_CHILD, born="2019-04-07"),
        replace(_CHILD, born="2019-07-04"),
        Outcome.ASKED,
    ),
    ("moved", _CHILD, _ELSEWHERE, Outcome.ASKED),
    ("moved and hyphenated", _CHILD, replace(_ELSEWHERE, family="{F}-Reed"), Outcome.ASKED),
    ("twins", _CHILD, replace(_CHILD, given=("Persephone",)), Outcome.ASKED),
    ("twins of nearly one name", _CHILD, replace(_CHILD, given=("Ottilie",)), Outcome.ASKED),
    (
        "twins in their order of birth",
        replace(_CHILD, given=("Baby",), placeholder=True, birth_order=1),
        replace(_CHILD, given=("Baby",), placeholder=True, birth_order=2),
        Outcome.APART,
    ),
    (
        "twins without names",
        replace(_CHILD, given=("Twin One",), placeholder=True),
        replace(_CHILD, given=("Twin Two",), placeholder=True),
        Outcome.ASKED,
    ),
    (
        "siblings",
        _CHILD,
        replace(_CHILD, given=("Persephone",), born="2016-11-02"),
        Outcome.APART,
    ),
    (
        "father and son of one name",
        replace(_CHILD, born="1988-01-30"),
        replace(_CHILD, born="2019-04-17"),
        Outcome.ASKED,
    ),
    (
        "a placeholder and a name",
        replace(_CHILD, given=("Baby",), placeholder=True),
        _CHILD,
        Outcome.ASKED,
    ),
    (
        "a temporary name and another",
        replace(_CHILD, given=("Male",), placeholder=True),
        replace(_CHILD, given=("Infant",), placeholder=True),
        Outcome.ASKED,
    ),
    ("two NHS numbers", _CHILD, replace(_CHILD, numbers=(nhs_number(90),)), Outcome.APART),
    (
        "an NHS number that was replaced",
        replace(_CHILD, numbers=(replace(nhs_number(91), status=IdentifierStatus.SUPERSEDED),)),
        replace(_CHILD, given=("Rose", "Ottoline"), numbers=()),
        Outcome.JOINED,
    ),
    (
        "a name and a birthday in another town",
        _CHILD,
        replace(_ELSEWHERE, family="Marchbanks", born="2019-04-18"),
        Outcome.APART,
    ),
)

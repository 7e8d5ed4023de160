"""The traps of linking as link_traps.yaml has them, each case in a family and homes of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml
from rapidfuzz.distance import JaroWinkler

from connectors.parsing.demographics import is_placeholder_name
from schemas.identifiers import Identifier, Upn, nhs_number_identifier, upn_identifier
from schemas.vocabulary import IdentifierStatus
from tests.support.people.linking_world import AChild

_TABLE = Path(__file__).with_name("link_traps.yaml")
_NUMBERS_PER_CASE = 4
_NO_LIKENESS = 0.78
_CONSONANTS, _VOWELS = "bdfghklmnprstvwyz", "aeiou"
_SYLLABLES = 4
_FAMILIES = 240
_HOMES = {
    "home": ("1 {F} Lane", "ZZ{N}ZZ"),
    "elsewhere": ("4 {G} Street", "EX{N}AA"),
    "postcode only": (None, "ZZ{N}ZZ"),
    "unknown": (None, None),
}
_STATUSES = {
    "untraced": IdentifierStatus.UNVERIFIED,
    "superseded": IdentifierStatus.SUPERSEDED,
    "invalidated": IdentifierStatus.INVALIDATED,
}


class Outcome(StrEnum):
    """What becomes of what the two say."""

    JOINED = "joined"
    ASKED = "asked"
    APART = "kept apart"
    HELD = "held"


@dataclass(frozen=True, slots=True, repr=False)
class Trap:
    """What health visiting and a school each say of a child, and what has to come of it.

    `before` is another child, whom health visiting tells of before the school says anything;
    `restricted` says whose child is protected, and `left_behind` that an adoption left health
    visiting's behind.
    """

    name: str
    health: AChild
    school: AChild
    outcome: Outcome
    before: AChild | None
    restricted: frozenset[str]
    left_behind: bool


@cache
def traps() -> tuple[Trap, ...]:
    """Every case of the table."""
    table = yaml.safe_load(_TABLE.read_text(encoding="utf-8"))
    said = ((kind, case) for kind, cases in table.items() for case in cases)
    return tuple(_trap(*one, number) for number, one in enumerate(said))


def nhs_number(number: int) -> Identifier:
    """A verified NHS number of the test range."""
    found = (nhs_number_identifier(f"99900{number:04d}{check}") for check in range(10))
    return next((one for one in found if one.is_verified), None) or nhs_number(number + 5000)


def upn(number: int) -> Identifier:
    """A verified UPN of no school that there is."""
    return upn_identifier(Upn.with_check_letter(f"99920{number:07d}").value)


def _trap(kind: str, case: Mapping[str, Any], number: int) -> Trap:
    before = case.get("before")
    restricted = case.get("restricted", "")
    return Trap(
        f"{kind}: {case['what']}",
        _child(case.get("health", {}), number, "nhs 1"),
        _child(case.get("school", {}), number, "upn 1"),
        Outcome(case["outcome"]),
        None if before is None else _child(before, number, "nhs 2"),
        frozenset(("health", "school") if restricted == "both" else restricted.split()),
        case.get("left_behind", False),
    )


def _child(said: Mapping[str, Any], number: int, known_by: str) -> AChild:
    def own(text: str) -> str:
        first, second = _family_names()[2 * number : 2 * number + 2]
        place = f"{number // 10} {number % 10}"
        return text.replace("{F}", first).replace("{G}", second).replace("{N}", place)

    given = tuple(own(name) for name in said.get("given", ["Ottoline"]))
    family = own(said.get("family", "{F}"))
    line, postcode = _HOMES[said.get("lives", "home")]
    return AChild(
        given,
        family,
        said.get("born", "2019-04-17"),
        postcode and own(postcode),
        line and own(line),
        tuple(_number(text, number) for text in said.get("numbers", [known_by])),
        said.get("known_as"),
        said.get("order"),
        said.get("temporary", is_placeholder_name(family=family, given=given)),
    )


def _number(text: str, case: int) -> Identifier:
    """What "nhs 2 superseded" stands for in a case."""
    scheme, which, *status = text.split()
    number = {"nhs": nhs_number, "upn": upn}[scheme](case * _NUMBERS_PER_CASE + int(which))
    if status == ["mistyped"]:
        wrong = str((int(number.value[6]) + 1) % 10)
        return nhs_number_identifier(number.value[:6] + wrong + number.value[7:])
    return replace(number, status=_STATUSES[status[0]]) if status else number


@cache
def _family_names() -> tuple[str, ...]:
    """Invented family names, no two of which are alike: the same ones each time."""
    random = Random(43)
    chosen: list[str] = []
    while len(chosen) < _FAMILIES:
        pairs = (random.choice(_CONSONANTS) + random.choice(_VOWELS) for _ in range(_SYLLABLES))
        name = "".join(pairs).capitalize()
        if all(JaroWinkler.similarity(name, other) < _NO_LIKENESS for other in chosen):
            chosen.append(name)
    return tuple(chosen)

"""Walking the cases: what was expected, what was answered, and where they differ."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from schemas.vocabulary import OPENS_FAMILY_RECORDS, Role
from tests.support.access.asking import Answered, Pages
from tests.support.access.asking_machines import Commands, Machines
from tests.support.access.doors import DOORS
from tests.support.access.expected import expected, parts_shown
from tests.support.access.model import Answer, Case, Doors, Person, Rule, Standing
from tests.support.access.world import AccessWorld

_PAIRS = len(Standing) - 1
"""Of standings that stand side by side."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A door that answers otherwise than the design says, or tells what it should not."""

    case: Case
    expected: Answer
    answered: Answer | None
    leaks: frozenset[str]
    lacks: frozenset[str]

    def __str__(self) -> str:
        told = f"{self.case}: expected {self.expected}, answered {self.answered}"
        leaks = f"; tells {sorted(self.leaks)}" if self.leaks else ""
        lacks = f"; lacks {sorted(self.lacks)}" if self.lacks else ""
        return told + leaks + lacks


def all_cases() -> Iterator[Case]:
    """Every door, role, standing and person."""
    return (
        Case(door, role, standing, person)
        for door in DOORS
        for role in Role
        for standing in Standing
        for person in Person
    )


def covering_cases() -> Iterator[Case]:
    """So few that each two of door, standing and person meet for who works with families.

    And each door meets each role that opens no records, in turn with every standing and person.
    """
    works = [role for role in Role if role in OPENS_FAMILY_RECORDS]
    others = [role for role in Role if role not in OPENS_FAMILY_RECORDS]
    standings, persons = list(Standing), list(Person)
    for number, door in enumerate(DOORS):
        for place, standing in enumerate(standings):
            person = persons[(number + place) % len(persons)]
            yield Case(door, works[(number + place) % len(works)], standing, person)
        for place, role in enumerate(others):
            standing = standings[(number + place) % len(standings)]
            yield Case(door, role, standing, persons[(number + 2 * place) % len(persons)])


def few_cases() -> Iterator[Case]:
    """Of the covering cases fewer, where a door says the same whoever has what to do with whom.

    It meets each role all the same, and who works with families with another standing and person
    than the doors beside it. A door that asks what somebody has to do with whom meets all of its
    cases.
    """
    for number, (door, grouped) in enumerate(groupby(covering_cases(), lambda case: case.door)):
        cases = list(grouped)
        if door.rule is Rule.SAME_TO_ALL:
            first = (number + number // _PAIRS) % _PAIRS
            yield from cases[first : first + 2]
            yield from cases[len(Standing) :]
        else:
            yield from cases


def walk(world: AccessWorld, cases: Iterable[Case]) -> Iterator[tuple[Case, Disagreement | None]]:
    """Ask each, and compare."""
    doors = {
        Doors.PAGES: Pages(world),
        Doors.MACHINES: Machines(world),
        Doors.COMMANDS: Commands(world),
    }
    for case in cases:
        yield case, compared(case, doors[case.door.doors].ask(case))


def compared(case: Case, answered: Answered) -> Disagreement | None:
    """What is wrong with an answer, if anything is."""
    wanted, may = expected(case), parts_shown(case)
    leaks = answered.parts - may
    is_whole = case.door.shows_all and wanted is Answer.SHOWN
    lacks = may - answered.parts if is_whole else frozenset()
    if answered.answer is wanted and not leaks and not lacks:
        return None
    return Disagreement(case, wanted, answered.answer, frozenset(leaks), frozenset(lacks))

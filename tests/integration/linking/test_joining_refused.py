"""Who is not joined, whoever asks: nothing is written, and the answer says why."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import text

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from schemas.records.message import Demographics, Subject
from services.people.linking.joins import LeaveBehind, leave_behind
from services.people.linking.ports import Join, JoinRefusal
from services.people.linking.second_hands import PartPersons, part_persons
from services.work import Outside, unit_of_work
from tests.support.builders import SIBLING
from tests.support.fakes.in_process import InProcess, by_number
from tests.support.messages.source_messages import the_child
from tests.support.people.joined import (
    BY_UPN,
    ERASE,
    STEWARD,
    by_la_id,
    join,
    joined,
    keep_apart,
    undo,
)

pytestmark = pytest.mark.postgres

JOINED = (LedgerEvent.PERSON_JOINED, LedgerEvent.PERSONS_KEPT_APART)
OTHER_NUMBER = by_number("9990000042")
BORN_OTHERWISE = replace(BY_UPN, demographics=Demographics(date_of_birth="2023-01-01"))


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


def _known(running: InProcess, *subjects: Subject) -> list[PersonId]:
    return [p for s in subjects for p in running.decide(s).decision.subjects]


def _leave_behind(running: InProcess, person: PersonId) -> PersonId | JoinRefusal:
    with unit_of_work(running.portal) as work:
        return leave_behind(LeaveBehind(person, STEWARD), joining=work.joining())


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (OTHER_NUMBER, JoinRefusal.OTHER_NUMBER),
        (BORN_OTHERWISE, JoinRefusal.OTHER_BIRTH),
    ],
)
def test_what_is_known_contradicts(running: InProcess, other: Subject, why: JoinRefusal):
    """Not even a person who decides can overrule a verified number or a date of birth."""
    one, another = _known(running, the_child(), other)

    assert join(running, one, another, although_apart=True) is why
    assert running.ledger(*JOINED) == []


def test_whoever_is_one_with_one_of_them_contradicts_too(running: InProcess):
    """A number of anybody in the one part against a number of anybody in the other."""
    one, another, third = _known(running, the_child(), BY_UPN, OTHER_NUMBER)
    joined(running, one, another)

    assert join(running, third, another) is JoinRefusal.OTHER_NUMBER
    assert join(running, another, one) is JoinRefusal.ALREADY_ONE
    assert join(running, one, one) is JoinRefusal.ALREADY_ONE


@pytest.mark.parametrize("which", [0, 1])
def test_a_protected_person_is_joined_with_nobody(running: InProcess, which: int):
    """A join could lead somebody to them."""
    both = _known(running, the_child(), BY_UPN)
    running.restrict(both[which])

    assert join(running, *both) is JoinRefusal.PROTECTED


@pytest.mark.parametrize("which", [0, 1])
def test_nobody_is_led_from_an_identity_that_was_left_behind(running: InProcess, which: int):
    """By an adoption; whoever is joined with somebody has to be parted first."""
    both = _known(running, the_child(), BY_UPN)
    made = joined(running, *both)
    assert _leave_behind(running, both[which]) is JoinRefusal.ALREADY_ONE
    undo(running, made)

    assert _leave_behind(running, both[which]) == both[which]

    assert join(running, *both, although_apart=True) is JoinRefusal.LEFT_BEHIND
    assert _leave_behind(running, SIBLING) is JoinRefusal.NOT_KNOWN


@pytest.mark.parametrize("which", [0, 1])
def test_nobody_is_joined_with_who_was_erased(running: InProcess, which: int):
    """There is nobody any more."""
    both = _known(running, the_child(), BY_UPN)
    with running.outside.engine.begin() as connection:
        connection.execute(text(ERASE), {"person": both[which]})

    assert join(running, *both) is JoinRefusal.ERASED


def test_who_was_said_to_be_two_is_joined_only_by_who_knows_that(running: InProcess):
    """It is remembered in either order, and of everybody who is one with them."""
    one, another, third = _known(running, the_child(), BY_UPN, by_la_id("999/1"))
    pair = tuple(sorted((one, another)))
    assert keep_apart(running, another, one) == keep_apart(running, one, another) == pair
    joined(running, another, third)

    assert join(running, one, another) is JoinRefusal.KEPT_APART
    assert join(running, third, one) is JoinRefusal.KEPT_APART
    made = join(running, third, one, although_apart=True)

    assert isinstance(made, Join)
    assert len(running.ledger(LedgerEvent.PERSONS_KEPT_APART)) == 1
    assert keep_apart(running, one, another) is JoinRefusal.SAID_TO_BE_ONE

    undo(running, made)

    assert join(running, one, another) is JoinRefusal.KEPT_APART


def test_what_was_undone_is_not_joined_again_unasked(running: InProcess):
    """Undoing says that they are two; and what is undone is not undone twice."""
    both = _known(running, the_child(), BY_UPN)
    made = joined(running, *both)

    undo(running, made)

    assert join(running, *both) is JoinRefusal.KEPT_APART
    assert undo(running, made) is JoinRefusal.NOT_JOINED
    assert _part(running, *both) is JoinRefusal.NOT_JOINED


def test_whom_nobody_knows_is_joined_with_nobody(running: InProcess):
    """Nor kept apart from anybody."""
    (person,) = _known(running, the_child())

    assert join(running, person, SIBLING) is JoinRefusal.NOT_KNOWN
    assert keep_apart(running, SIBLING, person) is JoinRefusal.NOT_KNOWN
    assert _part(running, person, SIBLING) is JoinRefusal.NOT_JOINED


def _part(running: InProcess, one: PersonId, other: PersonId) -> Join | JoinRefusal:
    with unit_of_work(running.portal) as work:
        return part_persons(PartPersons(one, other, STEWARD), joining=work.joining())

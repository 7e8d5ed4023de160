"""A worker whom the family of one half has named is kept from both, also once they are parted."""

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest

from schemas.identifiers import PersonId, PractitionerId
from services.people.governance.orders import Order
from services.people.linking.ports import Join
from services.work import UnitOfWork
from tests.support.builders import TEACHER, VISITOR
from tests.support.clock import StandingClock
from tests.support.each_case import each_case
from tests.support.people.joined import by_la_id, confirm, join, keep_apart, undo
from tests.support.people.protecting import GOVERNANCE, NURSE, WORKER, Protecting
from tests.support.people.relating import relate

pytestmark = pytest.mark.postgres


class _Halves:
    """The child, and who turns out to be the same child; a worker and a nurse work with both."""

    def __init__(self, protecting: Protecting, clock: StandingClock, number: int) -> None:
        self.protecting, self.clock = protecting, clock
        self.named, self.other = (self._half(f"999/{number}{half}") for half in "ab")

    def _half(self, number: str) -> PersonId:
        with self.protecting.work() as work:
            found = work.persons.resolve_or_create(by_la_id(number), at=work.now)
            for one in (WORKER, NURSE, VISITOR, TEACHER):
                relate(work, one, found)
        self._later()
        return found

    def name(self) -> None:
        """The family of the one half names the worker."""
        self.protecting.child = self.named
        self.protecting.name(WORKER)
        self._later()

    def join(self, *, is_warranted: bool = True) -> Join:
        """Two stewards say that they are one, or one does."""
        made = join(self.protecting.running, self.named, self.other)
        assert isinstance(made, Join), made
        self._later()
        found = confirm(self.protecting.running, made) if is_warranted else made
        self._later()
        assert isinstance(found, Join), found
        return found

    def part(self, made: Join) -> None:
        """A steward says that they are two."""
        assert isinstance(undo(self.protecting.running, made), Join)
        self._later()

    def seen_by(self, who: PractitionerId) -> tuple[bool, bool]:
        """Whether somebody sees the half that was said, and the other one."""

        def sees(work: UnitOfWork, person: PersonId) -> bool:
            return bool(work.relationships.may_open(who, [person])[person].relationships)

        with self.protecting.work() as work:
            return sees(work, self.named), sees(work, self.other)

    def _later(self) -> None:
        self.clock.pass_by(timedelta(minutes=1))


def _before(halves: _Halves) -> None:
    halves.name()
    halves.part(halves.join())


def _once_claimed(halves: _Halves) -> None:
    made = halves.join(is_warranted=False)
    halves.name()
    halves.part(made)


def _while_one(halves: _Halves) -> None:
    made = halves.join()
    halves.name()
    halves.part(made)


NAMED: Mapping[str, Callable[[_Halves], None]] = {
    "before they were joined": _before,
    "once one hand had said so": _once_claimed,
    "while they were one": _while_one,
}


def test_from_one_hands_word_on_it_holds_for_both(
    protecting: Protecting, clock: StandingClock
) -> None:
    """Not before, and for nobody else."""
    halves = _Halves(protecting, clock, 1)
    halves.name()
    before = halves.seen_by(WORKER)

    made = halves.join(is_warranted=False)
    claimed = halves.seen_by(WORKER)
    confirm(protecting.running, made)

    assert (before, claimed) == ((False, True), (False, False))
    assert halves.seen_by(WORKER) == (False, False)
    assert halves.seen_by(NURSE) == (True, True)


def test_a_parting_leaves_it_with_both(protecting: Protecting, clock: StandingClock) -> None:
    """Whenever it was said, if it was on record by then."""
    with each_case() as case:
        for number, (when, said) in enumerate(NAMED.items(), 2):
            with case(when):
                halves = _Halves(protecting, clock, number)

                said(halves)

                assert halves.seen_by(WORKER) == (False, False)
                assert halves.seen_by(NURSE) == (True, True)


def test_what_is_said_after_a_parting_is_of_the_one_half(
    protecting: Protecting, clock: StandingClock
) -> None:
    """They are two people, and each has a family that says so or does not."""
    halves = _Halves(protecting, clock, 9)
    halves.part(halves.join())

    halves.name()

    assert halves.seen_by(WORKER) == (False, True)


def test_ended_where_it_was_said_it_is_ended_for_both(
    protecting: Protecting, clock: StandingClock
) -> None:
    """By two hands of two agencies; keeping them apart changes nothing of it."""
    halves = _Halves(protecting, clock, 10)
    _before(halves)
    keep_apart(protecting.running, halves.named, halves.other)
    (one,) = protecting.exclusions(GOVERNANCE)

    order = protecting.ask_end(one, NURSE)
    kept = halves.seen_by(WORKER)
    answered = protecting.answer(order, TEACHER)

    assert isinstance(answered, Order), answered
    assert (kept, halves.seen_by(WORKER)) == ((False, False), (True, True))

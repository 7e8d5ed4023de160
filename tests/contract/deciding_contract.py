"""What recording decisions relies on: consent.ports and consent.decisions.keeping."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import pytest

from consent.decisions.keeping import Persons
from consent.errors import DecisionInvalidError
from consent.ports import Decisions, Outbox
from schemas.envelope import PLAIN, Event, EventType
from schemas.identifiers import Identifier, PersonId, nhs_number_identifier, upn_identifier
from schemas.records.message import Demographics, Subject
from schemas.topics import SHARING_DECISIONS
from tests.support.builders import (
    DAY,
    NOW,
    TEACHER,
    VISITOR,
    a_permit,
    a_refusal,
    a_restriction,
    on_record,
)

NHS = nhs_number_identifier("9990000018")
OTHER_NHS = nhs_number_identifier("9990000026")
UPN = upn_identifier("T999200119011")
BORN, OTHERWISE_BORN = "2024-05-03", "2024-05-04"


class DecidingWorld(Protocol):
    """The ports of one transaction."""

    persons: Persons
    decisions: Decisions
    outbox: Outbox

    def announced(self) -> Sequence[tuple[str, str]]:
        """Give topic and key of what the outbox holds, in order."""


class DecidingContract(ABC):
    """The contract; a subclass gives the world."""

    @pytest.fixture
    @abstractmethod
    def world(self) -> DecidingWorld:
        """Give ports of which nothing is known yet."""

    def test_a_decision_is_read_as_it_was_saved(self, world: DecidingWorld):
        """By its id, and with every person whom it is about; nobody else has it."""
        child, mother, stranger = _three(world)
        permit = a_permit(subjects=(child, mother), recipients=["agency:schools"], until=NOW)

        world.decisions.save(permit, at=NOW, actor="job:test")

        found = world.decisions.on_record([child, mother, stranger])
        assert world.decisions.find(permit.id) == permit
        assert found[child].decisions == found[mother].decisions == (permit,)
        assert found[stranger] == on_record()

    def test_the_next_version_takes_the_place_of_the_one_before(self, world: DecidingWorld):
        """A decision is there once, as it stands now."""
        child, *_ = _three(world)
        permit = a_permit(subjects=(child,))
        withdrawn = replace(permit, withdrawn_at=NOW, version=2)

        world.decisions.save(permit, at=NOW, actor="job:test")
        world.decisions.save(withdrawn, at=NOW, actor="job:test")

        assert world.decisions.on_record([child])[child].decisions == (withdrawn,)
        assert world.decisions.find(permit.id) == withdrawn

    def test_several_decisions_and_restrictions_are_all_there(self, world: DecidingWorld):
        """What bears on a request is complete."""
        child, mother, _ = _three(world)
        permit, refusal = a_permit(subjects=(child,)), a_refusal(subjects=(child,))
        restriction = a_restriction(subject=child)

        for decision in (permit, refusal):
            world.decisions.save(decision, at=NOW, actor="job:test")
        world.decisions.place(restriction, actor="job:test")

        found = world.decisions.on_record([child, mother])
        assert set(found[child].decisions) == {permit, refusal}
        assert found[child].restrictions == (restriction,)
        assert found[mother] == on_record()

    def test_a_lifted_restriction_stays_on_record_with_its_end(self, world: DecidingWorld):
        """So that a past date is replayed with it."""
        child, *_ = _three(world)
        restriction = a_restriction(subject=child)
        world.decisions.place(restriction, actor="job:test")
        lifted = replace(restriction, lifted_at=NOW)

        world.decisions.place(lifted, actor="job:test", warranted_by="job:other")

        assert world.decisions.find_restriction(restriction.id) == lifted
        assert world.decisions.on_record([child])[child].restrictions == (lifted,)
        assert world.decisions.find_restriction("ab" * 16) is None

    def test_another_allow_list_holds_from_when_it_was_made(self, world: DecidingWorld):
        """And the one before until then: the past is told as it was."""
        child, *_ = _three(world)
        first = a_restriction(VISITOR, subject=child, placed_at=NOW - DAY)
        second = replace(first, allowed=frozenset({TEACHER}), placed_at=NOW)

        for state in (first, second):
            world.decisions.place(state, actor="job:test")

        both = world.decisions.on_record([child])[child].restrictions
        assert set(both) == {replace(first, lifted_at=NOW), second}
        assert world.decisions.find_restriction(first.id) == second

    def test_a_decision_that_nobody_recorded_is_not_found(self, world: DecidingWorld):
        """Not an error: the answer is that there is none."""
        assert world.decisions.find(a_permit().id) is None
        assert world.decisions.on_record([]) == {}

    def test_the_same_number_is_the_same_person(self, world: DecidingWorld):
        """Also when more is said about them, and by the new number afterwards."""
        first = world.persons.resolve_or_create(_subject(NHS), at=NOW)
        with_more = world.persons.resolve_or_create(_subject(NHS, UPN, born=BORN), at=NOW)
        by_other = world.persons.resolve_or_create(_subject(UPN), at=NOW)

        assert first == with_more == by_other
        assert world.persons.exists(first)

    def test_another_number_is_another_person(self, world: DecidingWorld):
        """Who has nothing in common is not the same."""
        child, mother, _ = _three(world)

        assert child != mother
        assert not world.persons.exists(PersonId("00" * 16))

    def test_a_contradiction_is_refused(self, world: DecidingWorld):
        """Another date of birth, or the numbers of two people."""
        world.persons.resolve_or_create(_subject(NHS, born=BORN), at=NOW)
        world.persons.resolve_or_create(_subject(UPN), at=NOW)

        for subject in (_subject(NHS, born=OTHERWISE_BORN), _subject(NHS, UPN)):
            with pytest.raises(DecisionInvalidError, match=r"^subject: contradicts"):
                world.persons.resolve_or_create(subject, at=NOW)

    def test_somebody_without_a_valid_number_is_nobody(self, world: DecidingWorld):
        """A number that fails its check links to nobody."""
        for subject in (_subject(), _subject(nhs_number_identifier("9990000019"))):
            with pytest.raises(DecisionInvalidError, match="no-valid-identifier"):
                world.persons.resolve_or_create(subject, at=NOW)

    def test_what_is_announced_keeps_its_order(self, world: DecidingWorld):
        """Across calls and within one."""
        keys = ["a0" * 16, "b0" * 16, "c0" * 16]

        world.outbox.add([_event(keys[0]), _event(keys[1])])
        world.outbox.add([])
        world.outbox.add([_event(keys[2])])

        assert world.announced() == [(SHARING_DECISIONS, key) for key in keys]


def _three(world: DecidingWorld) -> list[PersonId]:
    return [
        world.persons.resolve_or_create(_subject(number), at=NOW)
        for number in (NHS, OTHER_NHS, UPN)
    ]


def _subject(*identifiers: Identifier, born: str | None = None) -> Subject:
    return Subject("subject", identifiers, Demographics(date_of_birth=born))


def _event(key: str) -> Event:
    time = NOW.isoformat()
    return Event(
        SHARING_DECISIONS, key, key, EventType.DECISION_CHANGED, "urn:test", key, time, PLAIN, b"{}"
    )

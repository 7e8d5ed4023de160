"""Erasing, without a database: who may, what forbids it, and what is entered when."""

import pytest

from consent.ledger.events import LedgerEvent
from schemas.envelope import Event
from schemas.identifiers import PersonId
from schemas.topics import PROFILES_CHANGED
from services.lifecycle.erasure.erasing import (
    ErasePerson,
    Erasing,
    Erasure,
    ErasureGround,
    ErasureRefusal,
    finish_erasure,
    key_entry_ids,
    order_erasure,
)
from tests.support.builders import CHILD, MOTHER_ID, SIBLING
from tests.support.clock import StandingClock
from tests.support.fakes.fake_erasures import FakeErasures
from tests.support.fakes.fake_ledger import FakeLedger

WHO = "practitioner:" + "e0" * 16


class World:
    """One cluster of two, and somebody else with whom something was about both."""

    def __init__(self, *forbidding: ErasureRefusal) -> None:
        self.erasures = FakeErasures(
            [(CHILD, SIBLING)], list(forbidding), others=frozenset({MOTHER_ID})
        )
        self.announced: list[Event] = []
        self.ledger = FakeLedger()
        self.erasing = Erasing(self.erasures, self.announced.extend, self.ledger, StandingClock())

    def order(
        self,
        person: PersonId = CHILD,
        because: ErasureGround = ErasureGround.UNLAWFUL,
        order: str | None = "e5" * 16,
        actor: str = WHO,
        also: frozenset[PersonId] = frozenset({CHILD, SIBLING}),
    ) -> Erasure | ErasureRefusal:
        command = ErasePerson(person, because, actor, order, also)
        return order_erasure(command, erasing=self.erasing)

    def events(self) -> list[LedgerEvent]:
        return [entry.event for entry in self.ledger.appended]


def test_everything_is_deleted_and_only_then_the_order_kept():
    """The whole cluster; the keys are taken out last."""
    world = World()

    erasure = world.order()

    assert isinstance(erasure, Erasure)
    assert erasure.persons == (CHILD, SIBLING)
    assert world.erasures.done == ["tombstone 2", "delete 2", "begin"]


def test_whoever_was_joined_with_them_has_to_be_named():
    """A wrong join can be undone; what it took with it could not be brought back."""
    world = World()

    answers = [world.order(also=frozenset(named)) for named in ((), (CHILD,), (SIBLING,))]

    assert answers[:2] == [ErasureRefusal.NOT_ALONE] * 2
    assert isinstance(answers[2], Erasure)
    assert world.events()[0] is LedgerEvent.PERSON_ERASURE_REFUSED


def test_that_keys_are_destroyed_is_entered_only_at_the_end():
    """A claim before would be false if the process died."""
    world = World()
    erasure = world.order()
    assert isinstance(erasure, Erasure)
    before = world.events()

    entries = finish_erasure(erasure, erasing=world.erasing)

    assert before == [LedgerEvent.PERSON_ERASED]
    assert world.events() == [LedgerEvent.PERSON_ERASED, *[LedgerEvent.KEY_DESTROYED] * 2]
    assert [str(entry.entry_id) for entry in entries] == key_entry_ids(erasure)
    assert {entry.actor for entry in entries} == {WHO}


def test_what_was_written_meanwhile_is_deleted_at_the_end():
    """By transactions that had begun before."""
    world = World()
    erasure = world.order()
    assert isinstance(erasure, Erasure)

    finish_erasure(erasure, erasing=world.erasing)

    assert world.erasures.done == ["tombstone 2", "delete 2", "begin", "delete 2", "finish"]


def test_everybody_whose_profile_changed_is_announced():
    """Also those of whom something was about both; what changed is not said."""
    world = World()

    world.order()

    assert {event.key for event in world.announced} == {CHILD, SIBLING, MOTHER_ID}
    assert {(event.topic, event.data) for event in world.announced} == {(PROFILES_CHANGED, b"{}")}


def test_erasing_again_gives_the_erasure_that_was():
    """And does nothing."""
    world = World()
    first = world.order()

    again = world.order(SIBLING)

    assert again == first
    assert world.events() == [LedgerEvent.PERSON_ERASED]


def test_without_an_order_of_two_nobody_is_erased():
    """Whoever asks; but whom a backup brought back is erased again at once."""
    world = World()

    alone = world.order(order=None)
    again = world.order(order=None, because=ErasureGround.RESTORED_BACKUP)

    assert alone is ErasureRefusal.NOT_ORDERED
    assert world.events()[0] is LedgerEvent.PERSON_ERASURE_REFUSED
    assert isinstance(again, Erasure)


@pytest.mark.parametrize(
    "why", [ErasureRefusal.RESTRICTED, ErasureRefusal.HELD, ErasureRefusal.OLD_KEY]
)
def test_what_forbids_it_is_entered_and_nothing_goes(why: ErasureRefusal):
    """The refusal is returned, not raised."""
    world = World(why)

    assert world.order() is why
    assert world.erasures.done == []
    (entry,) = world.ledger.appended
    assert entry.event is LedgerEvent.PERSON_ERASURE_REFUSED
    assert entry.fields == {"person": CHILD, "because": why.value}


def test_what_protected_somebody_in_a_backup_does_not_bring_them_back():
    """It was lifted before they were erased; a key that cannot be destroyed forbids it still."""
    restored = ErasureGround.RESTORED_BACKUP

    protected = World(ErasureRefusal.RESTRICTED, ErasureRefusal.HELD).order(because=restored)
    old = World(ErasureRefusal.RESTRICTED, ErasureRefusal.OLD_KEY).order(because=restored)

    assert isinstance(protected, Erasure)
    assert old is ErasureRefusal.OLD_KEY


def test_who_is_not_there_is_refused():
    """Whether they never were or are of another installation."""
    world = World()

    assert world.order(MOTHER_ID) is ErasureRefusal.UNKNOWN_PERSON
    assert world.events() == [LedgerEvent.PERSON_ERASURE_REFUSED]

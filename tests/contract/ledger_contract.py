"""What every ledger keeps (consent.ports.Ledger), whatever it is made of."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Protocol

import pytest

from consent.errors import LedgerConflictError, LedgerUnavailableError
from consent.ledger import entry_id_for, read_entry
from consent.ports import Ledger
from tests.support.ledger.ledger_builders import NOW, an_entry


class LedgerWorld(Protocol):
    """A ledger, and a view of it from outside."""

    def transaction(self) -> AbstractContextManager[Ledger]:
        """Commit at the end of the block, roll back when it raises."""

    def committed(self) -> Sequence[bytes]:
        """Give the bodies of all committed entries, in the ledger's order."""

    def break_down(self) -> None:
        """Make every later append fail."""


class LedgerContract(ABC):
    """The contract; a subclass gives the world."""

    @pytest.fixture
    @abstractmethod
    def world(self) -> LedgerWorld:
        """Give an empty ledger."""

    def test_committed_entries_are_there_in_their_order(self, world: LedgerWorld):
        """What was committed is there, as it was appended."""
        entries = [an_entry(number=number) for number in range(20)]

        with world.transaction() as ledger:
            ledger.append(entries[:7])
            ledger.append(entries[7:])

        assert world.committed() == [entry.body for entry in entries]

    def test_what_is_rolled_back_was_never_there(self, world: LedgerWorld):
        """Entries join the caller's transaction, and end with it."""

        def fail() -> None:
            with world.transaction() as ledger:
                ledger.append([an_entry()])
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()

        assert world.committed() == []

    def test_later_transactions_come_later(self, world: LedgerWorld):
        """What was appended after another entry was committed comes after it."""
        entries = [an_entry(number=number) for number in range(3)]

        for entry in entries:
            with world.transaction() as ledger:
                ledger.append([entry])

        assert world.committed() == [entry.body for entry in entries]

    def test_nothing_can_be_appended(self, world: LedgerWorld):
        """Appending no entries does nothing."""
        with world.transaction() as ledger:
            ledger.append([])

        assert world.committed() == []

    def test_the_same_fact_is_written_once(self, world: LedgerWorld):
        """A redelivered message writes the same entry; the first one stands."""
        first = an_entry(entry_id=entry_id_for("fact"))
        again = an_entry(entry_id=entry_id_for("fact"), at=NOW + timedelta(hours=1))
        new = an_entry(number=9)

        with world.transaction() as ledger:
            ledger.append([first])
        with world.transaction() as ledger:
            ledger.append([again, new])

        assert world.committed() == [first.body, new.body]

    def test_the_same_fact_twice_in_one_call_is_written_once(self, world: LedgerWorld):
        """Also within one transaction."""
        first = an_entry(entry_id=entry_id_for("fact"))
        again = an_entry(entry_id=entry_id_for("fact"), at=NOW + timedelta(hours=1))

        with world.transaction() as ledger:
            ledger.append([first, again])
            ledger.append([again])

        assert world.committed() == [first.body]

    def test_another_fact_under_a_known_id_is_refused(self, world: LedgerWorld):
        """An id is written once, and never means something else."""
        first = an_entry(entry_id=entry_id_for("fact"))
        other = an_entry(entry_id=entry_id_for("fact"), number=1)
        with world.transaction() as ledger:
            ledger.append([first])

        def append_other() -> None:
            with world.transaction() as ledger:
                ledger.append([an_entry(number=2), other])

        with pytest.raises(LedgerConflictError):
            append_other()
        assert world.committed() == [first.body]

    def test_a_ledger_that_cannot_be_written_says_so(self, world: LedgerWorld):
        """So that the caller rolls back and shows nothing."""
        world.break_down()

        def append() -> None:
            with world.transaction() as ledger:
                ledger.append([an_entry()])

        with pytest.raises(LedgerUnavailableError):
            append()

    def test_what_is_read_is_what_was_written(self, world: LedgerWorld):
        """The stored body is the entry."""
        entry = an_entry(number=5)

        with world.transaction() as ledger:
            ledger.append([entry])

        assert read_entry(world.committed()[0]) == entry

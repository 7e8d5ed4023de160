"""What keeping erasures must do (services.lifecycle.erasure.erasing)."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import pytest

from schemas.identifiers import PersonId
from services.lifecycle.erasure.erasing import Erasure, ErasureGround, Erasures
from tests.support.builders import NOW


class ErasuresContract(ABC):
    """One suite for the fake and for the real thing: two persons who are one, and another."""

    @pytest.fixture
    @abstractmethod
    def erasures(self) -> Erasures:
        """Give the erasures of a place where nobody was erased yet."""

    @abstractmethod
    def cluster(self) -> Sequence[PersonId]:
        """Say who are one."""

    def begun(self, erasures: Erasures) -> Erasure:
        """Begin to erase them."""
        persons = tuple(sorted(self.cluster()))
        order = Erasure(
            "e" * 32, persons, (), ErasureGround.UNLAWFUL, "job:test", NOW, is_finished=False
        )
        erasures.delete(persons, by=order.ordered_by)
        return erasures.begin(order)

    def test_either_stands_for_both(self, erasures: Erasures):
        """Whoever is named, all who are one with them are locked."""
        both = set(self.cluster())

        assert [set(erasures.lock(person)) for person in self.cluster()] == [both, both]

    def test_nobody_is_nobody(self, erasures: Erasures):
        """Neither to be locked nor erased before."""
        stranger = PersonId("0" * 32)

        assert list(erasures.lock(stranger)) == []
        assert erasures.find(stranger) is None

    def test_nothing_forbids_to_erase_them(self, erasures: Erasures):
        """They are not protected, nor held."""
        assert list(erasures.obstacles(self.cluster())) == []

    def test_once_begun_they_are_nobody_and_the_order_is_found(self, erasures: Erasures):
        """With by what to destroy each key."""
        erasure = self.begun(erasures)

        assert list(erasures.lock(self.cluster()[0])) == []
        assert [erasures.find(person) for person in self.cluster()] == [erasure, erasure]
        assert len(erasure.handles) == len(self.cluster())
        assert list(erasures.unfinished()) == [erasure]

    def test_once_finished_it_is_found_as_that(self, erasures: Erasures):
        """And nobody has to finish it."""
        erasure = self.begun(erasures)

        erasures.finish(erasure, at=NOW)

        assert list(erasures.unfinished()) == []
        found = erasures.find(self.cluster()[0])
        assert found is not None
        assert found.is_finished

"""What keeping agreements promises (consent.agreements.adopting), whatever it is made of."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Protocol

import pytest

from consent.agreements.adopting import Agreements
from schemas.identifiers import PersonId
from schemas.vocabulary import Purpose
from tests.support.builders import DAY, NOW, a_rule, an_agreement
from tests.support.consents.agreements import an_adoption


class AgreementsWorld(Protocol):
    """Where agreements are kept, and three persons about whom something is decided."""

    agreements: Agreements
    persons: Sequence[PersonId]


class AgreementsContract(ABC):
    """The contract; a subclass gives the world."""

    @pytest.fixture
    @abstractmethod
    def world(self) -> AgreementsWorld:
        """Give agreements of which none is newer than NOW."""

    def test_what_was_adopted_is_there_as_it_was_the_latest_last(self, world: AgreementsWorld):
        """The bytes of the file too: whoever asks can compare their digest."""
        first = an_adoption(an_agreement(version="first"), NOW)
        second = an_adoption(an_agreement(a_rule(purposes=[Purpose.DIRECT_CARE])), NOW + DAY)

        world.agreements.add(first)
        world.agreements.add(second)

        assert list(world.agreements.lock_and_list())[-2:] == [first, second]

    def test_everybody_is_named_once(self, world: AgreementsWorld):
        """In however many lots."""
        lots = list(world.agreements.persons_decided_about())

        assert sorted(person for lot in lots for person in lot) == sorted(world.persons)
        assert all(lots)

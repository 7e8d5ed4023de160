"""Agreements in memory keep the contract."""

from dataclasses import dataclass

import pytest

from schemas.identifiers import PersonId
from tests.contract.agreements_contract import AgreementsContract
from tests.support.builders import CHILD, MOTHER_ID, SIBLING
from tests.support.fakes.fake_agreements import FakeAgreements

PERSONS = (CHILD, SIBLING, MOTHER_ID)


@dataclass
class _World:
    agreements: FakeAgreements
    persons: tuple[PersonId, ...]


class TestFakeAgreements(AgreementsContract):
    """The contract, in memory."""

    @pytest.fixture
    def world(self) -> _World:
        """Give three persons in two lots."""
        return _World(FakeAgreements(*PERSONS), PERSONS)

"""The fake erasures keep the contract."""

from collections.abc import Sequence

import pytest

from schemas.identifiers import PersonId
from tests.contract.erasures_contract import ErasuresContract
from tests.support.builders import CHILD, SIBLING
from tests.support.fakes.fake_erasures import FakeErasures


class TestFakeErasures(ErasuresContract):
    """In memory."""

    @pytest.fixture
    def erasures(self) -> FakeErasures:
        """Give two who are one."""
        return FakeErasures([(CHILD, SIBLING)])

    def cluster(self) -> Sequence[PersonId]:
        """Say who are one."""
        return CHILD, SIBLING

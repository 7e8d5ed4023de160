"""The real service behind the data steward's pages keeps the port's promises."""

from collections.abc import Iterator

import pytest

from services.portal.services import PortalOnDatabase
from services.work import Outside
from tests.contract.steward_services_contract import StewardServicesContract
from tests.support.fakes.in_process import InProcess
from tests.support.people.pairs import StewardWorld
from tests.support.portal.steward_world import a_steward_world_on_database


@pytest.mark.postgres
class TestStewardsOnDatabase(StewardServicesContract):
    @pytest.fixture
    def world(self, outside: Outside) -> Iterator[StewardWorld[PortalOnDatabase]]:
        with InProcess.running(outside) as self.running:
            yield a_steward_world_on_database(self.running)

    def settle(self, world: object) -> None:  # noqa: ARG002 one database a test
        self.running.settle()

"""The real service behind the pages of help wanted and next steps keeps the port's promises."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from services.platform.clock import SystemClock
from services.portal.services import PortalOnDatabase
from services.work import Outside
from tests.contract.support_services_contract import SupportServicesContract
from tests.support.fakes.in_process import InProcess
from tests.support.portal.portal_world import PortalWorld
from tests.support.portal.portal_world_on_database import a_world_on_database


@pytest.mark.postgres
class TestSupportOnDatabase(SupportServicesContract):
    @pytest.fixture
    def world(self, outside: Outside) -> Iterator[PortalWorld[PortalOnDatabase]]:
        with InProcess.running(replace(outside, clock=SystemClock())) as self.running:
            yield a_world_on_database(self.running)

    def settle(self, world: object) -> None:  # noqa: ARG002 one database a test
        self.running.settle()

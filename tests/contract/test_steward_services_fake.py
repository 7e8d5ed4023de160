"""The fake behind the data steward's pages keeps the port's promises."""

import pytest

from tests.contract.steward_services_contract import StewardServicesContract
from tests.support.fakes.fake_portal_services import FakePortalServices
from tests.support.people.pairs import StewardWorld
from tests.support.portal.steward_world import a_fake_steward_world


class TestFakeStewardServices(StewardServicesContract):
    @pytest.fixture
    def world(self) -> StewardWorld[FakePortalServices]:
        return a_fake_steward_world()

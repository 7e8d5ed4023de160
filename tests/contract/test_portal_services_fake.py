"""The fake behind the page tests keeps the port's promises."""

import pytest

from tests.contract.portal_services_contract import PortalServicesContract
from tests.support.fake_portal_services import FakePortalServices
from tests.support.portal_world import PortalWorld, a_fake_world


class TestFakePortalServices(PortalServicesContract):
    @pytest.fixture
    def world(self) -> PortalWorld[FakePortalServices]:
        return a_fake_world()

"""The fake behind the pages of help wanted and next steps keeps the port's promises."""

import pytest

from tests.contract.support_services_contract import SupportServicesContract
from tests.support.fakes.fake_portal_services import FakePortalServices
from tests.support.portal.portal_world import PortalWorld, a_fake_world


class TestFakeSupportServices(SupportServicesContract):
    @pytest.fixture
    def world(self) -> PortalWorld[FakePortalServices]:
        return a_fake_world()

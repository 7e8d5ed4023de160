"""The fake behind the page tests keeps the promises about receipts."""

import pytest

from tests.contract.receipt_services_contract import ReceiptServicesContract
from tests.support.fakes.fake_portal_services import FakePortalServices
from tests.support.portal.portal_world import PortalWorld, a_fake_world


class TestFakeReceiptServices(ReceiptServicesContract):
    @pytest.fixture
    def world(self) -> PortalWorld[FakePortalServices]:
        return a_fake_world()

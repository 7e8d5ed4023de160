"""The fake behind the page tests keeps the port's promises."""

from datetime import timedelta

import pytest

from services.portal.decisions.orders import DecisionForm
from services.portal.decisions.summaries import RecordedDecision
from tests.contract.asking_services_contract import AskingServicesContract
from tests.contract.decision_services_contract import DecisionServicesContract
from tests.contract.portal_services_contract import PortalServicesContract
from tests.contract.session_services_contract import SessionServicesContract
from tests.support.fakes.fake_portal_services import FakePortalServices
from tests.support.portal.portal_world import PortalWorld, a_fake_world

World = PortalWorld[FakePortalServices]


class TestFakePortalServices(PortalServicesContract):
    @pytest.fixture
    def world(self) -> World:
        return a_fake_world()


class TestFakeSessionServices(SessionServicesContract):
    @pytest.fixture
    def world(self) -> World:
        return a_fake_world()


class TestFakeAskingServices(AskingServicesContract):
    @pytest.fixture
    def world(self) -> World:
        return a_fake_world()


class TestFakeDecisionServices(DecisionServicesContract):
    @pytest.fixture
    def world(self) -> World:
        return a_fake_world()

    def record_by_command(self, world: World, form: DecisionForm) -> RecordedDecision:  # type: ignore[override]
        return world.services.record_by_command(form)

    def pass_days(self, world: World, days: int) -> None:  # type: ignore[override]
        later = world.services.now() + timedelta(days=days)
        world.services.clock = lambda: later

"""The real service behind the pages keeps the port's promises."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from consent.decisions.recording import record_decision
from services.platform.clock import SystemClock
from services.portal.decisions.orders import DecisionForm, recording_order
from services.portal.decisions.summaries import RecordedDecision, confirmed
from services.portal.services import PortalOnDatabase
from services.work import Outside, unit_of_work
from tests.contract.decision_services_contract import DecisionServicesContract
from tests.contract.decision_services_contract import World as DecisionWorld
from tests.contract.portal_services_contract import PortalServicesContract
from tests.contract.session_services_contract import SessionServicesContract
from tests.support.builders import BOTH_HANDS, DAY
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import InProcess
from tests.support.portal.portal_world import PortalWorld
from tests.support.portal.portal_world_on_database import a_world_on_database

World = PortalWorld[PortalOnDatabase]


@pytest.mark.postgres
class TestPortalOnDatabase(PortalServicesContract):
    @pytest.fixture
    def world(self, outside: Outside) -> Iterator[World]:
        with InProcess.running(replace(outside, clock=SystemClock())) as running:
            yield a_world_on_database(running)


@pytest.mark.postgres
class TestSessionsOnDatabase(SessionServicesContract):
    @pytest.fixture
    def world(self, outside: Outside) -> Iterator[World]:
        with InProcess.running(replace(outside, clock=SystemClock())) as running:
            yield a_world_on_database(running)


@pytest.mark.postgres
class TestDecisionsOnDatabase(DecisionServicesContract):
    @pytest.fixture
    def world(self, outside: Outside, clock: StandingClock) -> Iterator[World]:
        self.clock = clock
        with InProcess.running(outside) as self.running:
            yield a_world_on_database(self.running)

    def record_by_command(self, world: DecisionWorld, form: DecisionForm) -> RecordedDecision:
        order = recording_order(form, world.practitioner, at=self.clock.now())
        with unit_of_work(self.running.portal) as work:
            operator = replace(order, actor="job:decision-command")
            return confirmed(record_decision(operator, deciding=work.deciding(BOTH_HANDS)))

    def pass_days(self, world: DecisionWorld, days: int) -> None:  # noqa: ARG002 one clock a test
        self.clock.pass_by(days * DAY)

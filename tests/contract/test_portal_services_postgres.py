"""The real service behind the pages keeps the port's promises."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from consent.decisions.recording import record_decision
from consent.model import Response
from services.platform.clock import SystemClock
from services.portal.decisions.orders import DecisionForm, recording_order
from services.portal.decisions.summaries import RecordedDecision, confirmed
from services.portal.services import PortalOnDatabase
from services.work import Outside, unit_of_work
from tests.contract.asking_services_contract import AskingServicesContract
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
class TestAskingOnDatabase(AskingServicesContract):
    @pytest.fixture
    def world(self, outside: Outside) -> Iterator[World]:
        with InProcess.running(replace(outside, clock=SystemClock())) as running:
            yield a_world_on_database(running)

    def test_of_two_presses_at_once_one_records(self, world: World) -> None:
        """The other waits for it, and finds nothing left to record."""
        answered = self.answered(world)

        with ThreadPoolExecutor(2) as presses:
            sent = [
                presses.submit(world.services.asking.record, world.practitioner, answered)
                for _ in range(2)
            ]

        assert sorted(one.result() is None for one in sent) == [False, True]
        assert self.responses(world) == [Response.REFUSED, Response.GIVEN]


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

"""The real service behind the data steward's pages keeps the port's promises."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from services.portal.services import PortalOnDatabase
from services.work import Outside
from tests.contract.steward_services_contract import StewardServicesContract
from tests.support.fakes.in_process import InProcess
from tests.support.fixtures.fixtures_database import template_filled_by
from tests.support.people.pairs import StewardWorld
from tests.support.portal.steward_world import (
    a_steward_world_on_database,
    steward_services_on,
)

_made: list[StewardWorld[PortalOnDatabase]] = []


def _fill(outside: Outside) -> None:
    """Make the database to copy, in which they all are."""
    with InProcess.running(outside) as running:
        _made.append(a_steward_world_on_database(running))


migrated_template = template_filled_by(_fill)


@pytest.mark.postgres
class TestStewardsOnDatabase(StewardServicesContract):
    @pytest.fixture
    def world(self, outside: Outside) -> Iterator[StewardWorld[PortalOnDatabase]]:
        with InProcess.going_on(outside) as self.running:
            yield replace(_made[-1], services=steward_services_on(self.running))

    def settle(self, world: object) -> None:  # noqa: ARG002 one database a test
        self.running.settle()

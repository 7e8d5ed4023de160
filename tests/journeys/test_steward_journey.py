"""The data steward's journey on the portal over the invented world in memory."""

from collections.abc import Iterator

import pytest

from services.portal.app import create_app
from services.portal.frame.settings import PortalSettings
from tests.journeys.steward_journey import StewardJourney, StewardPlace
from tests.support.portal.browser import served
from tests.support.portal.steward_world import a_fake_steward_world


class TestOnTheFake(StewardJourney):
    @pytest.fixture
    def place(self) -> Iterator[StewardPlace]:
        """One pair waits, all but a digit of whose dates of birth agrees."""
        world = a_fake_steward_world()
        world.services.hidden.add(world.alike)
        settings = PortalSettings("Exbury Council", "demonstration", cookie_secure=False)
        with served(create_app(world.services, settings)) as url:
            yield StewardPlace(url, world.steward.id, world.second.id)

"""Chromium, and the portal over the invented world in memory."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from services.portal.app import create_app
from services.portal.frame.settings import PortalSettings
from tests.journeys.decision_journey import JourneyPlace
from tests.support.portal.browser import chromium, served
from tests.support.portal.portal_forms import a_permit_for
from tests.support.portal.portal_world import a_fake_world


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def fake_place() -> Iterator[JourneyPlace]:
    """A family that shares with its health visitor, in memory."""
    world = a_fake_world()
    world.record(a_permit_for(world.child))
    settings = PortalSettings("Exbury Council", "demonstration", cookie_secure=False)
    with served(create_app(world.services, settings)) as url:
        yield JourneyPlace(url, world.practitioner.id, world.child)

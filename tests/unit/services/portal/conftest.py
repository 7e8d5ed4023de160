"""The portal over the invented world, and a client that is signed in to it."""

import pytest
from fastapi import FastAPI

from services.portal.app import create_app
from services.portal.frame.settings import PortalSettings
from tests.support.fakes.fake_portal_services import FakePortalServices
from tests.support.portal.pages import PageClient
from tests.support.portal.portal_world import PortalWorld, a_fake_world

Fake = PortalWorld[FakePortalServices]


@pytest.fixture
def world() -> Fake:
    return a_fake_world()


@pytest.fixture
def app(world: Fake) -> FastAPI:
    settings = PortalSettings("Exbury Council", "demonstration", cookie_secure=False)
    return create_app(world.services, settings)


@pytest.fixture
def client(app: FastAPI) -> PageClient:
    """A browser in which nobody has signed in."""
    return PageClient(app)


@pytest.fixture
def priya(client: PageClient, world: Fake) -> PageClient:
    """A browser in which a health visitor has signed in."""
    client.sign_in(world.practitioner.id)
    return client

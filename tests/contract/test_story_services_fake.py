"""The fake behind the story's pages keeps the port's promises."""

import pytest

from tests.contract.story_services_contract import StoryServicesContract
from tests.support.fakes.fake_portal_services import FakePortalServices
from tests.support.portal.portal_world import PortalWorld, a_fake_world


class TestFakeStoryServices(StoryServicesContract):
    @pytest.fixture
    def world(self) -> PortalWorld[FakePortalServices]:
        return a_fake_world()

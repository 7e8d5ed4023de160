"""The story's journey on the portal over the invented world in memory."""

import pytest

from tests.journeys.decision_journey import JourneyPlace
from tests.journeys.story_journey import StoryJourney


class TestOnTheFake(StoryJourney):
    @pytest.fixture
    def place(self, fake_place: JourneyPlace) -> JourneyPlace:
        return fake_place

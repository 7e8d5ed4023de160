"""The journey on the portal over the invented world in memory."""

import pytest

from tests.journeys.decision_journey import DecisionJourney, JourneyPlace


class TestOnTheFake(DecisionJourney):
    @pytest.fixture
    def place(self, fake_place: JourneyPlace) -> JourneyPlace:
        return fake_place

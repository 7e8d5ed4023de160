"""The journey on the demonstration: real parts, one process tree, a real browser."""

import json

import pytest

from tests.journeys.decision_journey import DecisionJourney, JourneyPlace
from tests.support.fixtures.fixtures_demonstration import Demonstration

_HUSSAIN_TWIN = "nhs-number:9990000034"
_NOVAK_NEWBORN = "nhs-number:9990000069"
# The mother whom another service names: her own service gains by it, and waits for that alone.
_IN_PART = "Recorded and in force for other services"


@pytest.mark.postgres
class TestOnTheDemonstration(DecisionJourney):
    @pytest.fixture
    def place(self, demonstration: Demonstration, request: pytest.FixtureRequest) -> JourneyPlace:
        """A family of its own for each test, because the journey ends with a withdrawal."""
        families = [_HUSSAIN_TWIN, _NOVAK_NEWBORN]
        index = sorted(n for n in dir(type(self)) if n.startswith("test_")).index(
            request.node.originalname
        )
        amara = demonstration.people["Amara Okafor"]
        words = ("profile", "show", "--person", families[index], "--as", amara)
        shown = demonstration.command(*words, "--purpose", "direct-care", "--json")
        assert shown.returncode == 0, shown.stderr
        child = json.loads(shown.stdout)["child"]
        return JourneyPlace(demonstration.url, amara, child, told=_IN_PART)

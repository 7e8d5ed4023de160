"""The journey of a mother: she signs in by a code, sees who looked, asks, and changes her mind."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from schemas.vocabulary import Category
from services.interfaces.family_door.app import create_family_app
from services.interfaces.family_door.frame import FamilyDoorSettings
from services.interfaces.family_door.services import FamilyDoorOnDatabase
from services.work import Outside
from tests.support.clock import StandingClock
from tests.support.people.door_browser import PHONE, OnATelephone
from tests.support.people.door_world import DoorWorld
from tests.support.people.presence_world import PresenceWorld, presences_running
from tests.support.portal.browser import a_page, follow, served

pytestmark = [pytest.mark.postgres, pytest.mark.browser, pytest.mark.enable_socket]


@pytest.fixture
def door(outside: Outside, clock: StandingClock) -> Iterator[DoorWorld]:
    """Give a family whose parents a school names."""
    with presences_running(outside) as running:
        yield DoorWorld.of(PresenceWorld.among(running, clock))


def test_mother_on_her_telephone(browser: Browser, door: DoorWorld) -> None:
    """At 390 pixels and at 320 (WCAG 1.4.10), without a fault that axe finds; and she leaves fast.

    That it all goes without script is what tests/integration/family_door asks.
    """
    decision = door.said("mother", recipients=frozenset({"agency:schools"}))
    door.look(door.world.child, Category.STORY, rested_on=[decision])
    door.give(door.confirmed())
    settings = FamilyDoorSettings("Exbury Family Hub", cookie_secure=False, exit_to="/safety")
    app = create_family_app(FamilyDoorOnDatabase(door.world.running.portal), settings)
    with served(app) as url, a_page(browser, wide=PHONE) as page:
        she = OnATelephone(page)
        page.goto(url)
        she.ask("Before you start")
        she.sign_in(door)
        she.ask("Who can see what")
        expect(page.get_by_text("You said yes on").first).to_be_visible()
        follow(page.get_by_role("link", name="Who has looked", exact=True))
        she.ask("Who has looked")
        follow(page.get_by_role("link", name="Was this right? Ask us"))
        she.ask("Do you want to ask about this?")
        follow(page.get_by_role("button", name="Yes, ask for me"))
        expect(page.get_by_text("We will answer here by")).to_be_visible()
        follow(page.get_by_role("link", name="Your choices"))
        she.ask("Your choices")
        follow(page.get_by_role("link", name="Change what they can see"))
        she.ask("Can they go on seeing this?")
        page.get_by_label("No, not any more").check()
        door.code()
        follow(page.get_by_role("button", name="Carry on"))
        she.ask("Type your new code")
        code = door.code()
        assert code is not None
        page.get_by_label("6 numbers").fill(code)
        follow(page.get_by_role("button", name="Say no"))
        she.ask("You said no")
        follow(page.get_by_role("link", name="See who can see what now"))
        expect(page.get_by_text("You said no on").first).to_be_visible()
        for _ in range(3):
            page.keyboard.press("Shift")
        she.ask("Use this page safely")
        page.goto(f"{url}/home")
        expect(page.get_by_role("heading", level=1)).to_have_text("Before you start")

    assert not she.faults, "\n".join(she.faults)

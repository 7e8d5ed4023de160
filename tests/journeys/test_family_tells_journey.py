"""The journey of a mother who says yes, tells her story and puts something right by herself."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from services.interfaces.family_door.app import create_family_app
from services.interfaces.family_door.frame import FamilyDoorSettings
from services.interfaces.family_door.services import FamilyDoorOnDatabase
from services.work import Outside
from tests.support.clock import StandingClock
from tests.support.people.door_acts import propose
from tests.support.people.door_browser import PHONE, OnATelephone
from tests.support.people.door_world import DoorWorld
from tests.support.people.presence_world import PresenceWorld, presences_running
from tests.support.portal.browser import a_page, served

pytestmark = [pytest.mark.postgres, pytest.mark.browser, pytest.mark.enable_socket]


@pytest.fixture
def door(outside: Outside, clock: StandingClock) -> Iterator[DoorWorld]:
    """Give a family whose parents a school names."""
    with presences_running(outside) as running:
        yield DoorWorld.of(PresenceWorld.among(running, clock))


def test_mother_says_yes_tells_and_puts_right(browser: Browser, door: DoorWorld) -> None:
    """At 390 pixels and at 320, without a fault that axe finds.

    That it all goes without script is what tests/integration/family_door asks.
    """
    propose(door, "mother")
    door.give(door.confirmed())
    settings = FamilyDoorSettings("Exbury Family Hub", cookie_secure=False)
    app = create_family_app(FamilyDoorOnDatabase(door.world.running.portal), settings)
    with served(app) as url, a_page(browser, wide=PHONE) as page:
        she = OnATelephone(page)
        page.goto(url)
        she.sign_in(door)
        she.ask("Who can see what")
        she.go("Read it and answer")
        she.ask("Can they see some of your page?")
        page.get_by_label("Yes", exact=True).check()
        door.code()
        she.press("Carry on")
        she.ask("Type your new code")
        she.type_code(door)
        she.press("Say yes")
        she.ask("You said yes")
        she.go("Your story")
        she.ask("Your story")
        she.go("Add to your story")
        page.get_by_label("Your child").check()
        page.get_by_label("What do you want us to know?").fill("He sleeps badly since May.")
        she.ask("Add to your story")
        she.press("Add it")
        she.go("Change this")
        she.ask("What you said on " + _day(door))
        she.go("Choose who may read it")
        page.get_by_label("School").check()
        she.ask("Who may still read this?")
        she.press("Keep it to them")
        expect(page.get_by_text("You keep it to: School.")).to_be_visible()
        she.go("Exbury Family Hub")
        she.go("See who else can act for your child")
        she.ask("Who else can act for your child")
        she.go("This is wrong")
        page.get_by_label("Tell us what is wrong").fill("He has no say any more.")
        she.ask("What is wrong?")
        she.press("Send it")
        she.ask("Put something right")
        expect(page.get_by_text("We will answer here by")).to_be_visible()
        page.goto(f"{url}/new")
        she.ask("Who is this about?")

    assert not she.faults, "\n".join(she.faults)


def _day(door: DoorWorld) -> str:
    day = door.world.clock.now()
    return f"{day.day} {day:%B} {day.year}"

"""The journey of a charity: a link, a code, a yes, and no more to see once that ends."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from services.interfaces.answering.door.app import create_answering_app
from services.interfaces.answering.door.services import AnsweringOnDatabase
from services.work import Outside
from tests.support.clock import StandingClock
from tests.support.people.answering_world import ANN, PLACE, AnsweringWorld
from tests.support.people.connecting_world import ConnectingWorld
from tests.support.people.presence_world import PresenceWorld, presences_running
from tests.support.portal.browser import a_page, accessibility_faults, follow, served, width

pytestmark = [pytest.mark.postgres, pytest.mark.browser, pytest.mark.enable_socket]
_PHONE, _NARROW = 390, 320


@pytest.fixture
def answering(outside: Outside, clock: StandingClock) -> Iterator[AnsweringWorld]:
    """Give a family that asks a charity, for which two people answer."""
    with presences_running(outside) as running:
        world = AnsweringWorld(ConnectingWorld.of(PresenceWorld.among(running, clock)))
        world.register()
        yield world


def come_in(page: Page, url: str, link: str, answering: AnsweringWorld) -> None:
    """When Ann opens the link on her telephone, and types the code that comes there."""
    page.goto(f"{url}{link}")
    answering.mail()
    follow(page.get_by_role("button", name="Send me a code"))
    [code] = answering.mail()
    page.get_by_label("6 numbers").fill(code.text[:6])
    follow(page.get_by_role("button", name="Carry on"))


def say(page: Page, words: str) -> None:
    """When somebody picks that something else comes next, and says what or forgets to."""
    page.get_by_label("What do you do next?").select_option("other")
    page.get_by_label("Anything to add?").fill(words)
    follow(page.get_by_role("button", name="Send", exact=True))


def test_charity_says_yes_and_the_mother_changes_her_mind(
    browser: Browser, answering: AnsweringWorld
) -> None:
    """At 390 pixels and at 320 (WCAG 1.4.10), without a fault that axe finds."""
    faults: list[str] = []

    def ask(page: Page, heading: str) -> None:
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        faults.extend(f"{heading}: {fault}" for fault in accessibility_faults(page))
        page.set_viewport_size({"width": _NARROW, "height": 640})
        if width(page) != _NARROW:
            faults.append(f"{heading}: wider than the screen")
        page.set_viewport_size({"width": _PHONE, "height": 844})

    connection = answering.sent()
    link = answering.links()[ANN[0]]
    services = AnsweringOnDatabase(answering.asking.world.running.portal, PLACE)
    app = create_answering_app(services, PLACE, cookie_secure=False)
    with served(app) as url, a_page(browser, wide=_PHONE) as page:
        page.goto(f"{url}{link}")
        ask(page, "There is a request for your group")
        come_in(page, url, link, answering)
        ask(page, "Before you start")
        page.get_by_label("Your name").fill("Ann Firth")
        page.get_by_label("What you do in your group").fill("Coordinator")
        follow(page.get_by_role("button", name="Carry on"))
        ask(page, "Before you start")
        page.get_by_label("I agree, for my group").check()
        follow(page.get_by_role("button", name="Carry on"))
        ask(page, "Can you help?")
        expect(page.get_by_text("Mornings are the hardest.")).to_be_visible()
        page.get_by_label("No, we cannot").check()
        follow(page.get_by_role("button", name="Carry on"))
        ask(page, "Why can you not help?")
        follow(page.get_by_role("link", name="Go back, change nothing"))
        page.get_by_label("Yes. We will get in touch").check()
        follow(page.get_by_role("button", name="Carry on"))
        ask(page, "What has happened?")
        page.get_by_label("We have spoken").check()
        say(page, "")
        ask(page, "What has happened?")
        say(page, "We bring a pram.")
        expect(page.get_by_text("in touch since")).to_be_visible()

        answering.asking.withdraw_decisions(connection)
        page.reload()
        ask(page, "You can no longer see this request")
        page.goto(f"{url}{link}")
        follow(page.get_by_role("button", name="Send me a code"))
        ask(page, "Type your code")
        assert answering.mail() == []

    assert not faults, "\n".join(faults)

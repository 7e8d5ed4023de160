"""The journey of a hub: one says who answers for a charity, another confirms; a year later."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from services.interfaces.answering.door.app import create_answering_app
from services.interfaces.answering.door.services import AnsweringOnDatabase
from services.portal.app import create_app
from services.portal.frame.settings import PortalSettings
from services.portal.services import PortalOnDatabase
from services.work import Outside
from tests.integration.answering.test_partner_pages import AT, GRACE, HANA, enter_hub
from tests.support.clock import StandingClock
from tests.support.consents.issuing import AN_ISSUER
from tests.support.people.answering_world import ANN, BEN, PLACE, AnsweringWorld
from tests.support.people.connecting_world import PARTNER, ConnectingWorld
from tests.support.people.presence_world import PresenceWorld, presences_running
from tests.support.portal.browser import a_page, accessibility_faults, follow, served, width

pytestmark = [pytest.mark.postgres, pytest.mark.browser, pytest.mark.enable_socket]
_PHONE, _NARROW = 390, 320


@pytest.fixture
def answering(outside: Outside, clock: StandingClock) -> Iterator[AnsweringWorld]:
    """Give a charity that is listed, for which nobody answers yet."""
    with presences_running(outside) as running:
        enter_hub(running.outside)
        yield AnsweringWorld(ConnectingWorld.of(PresenceWorld.among(running, clock)))


class AskedOfAxe:
    """What axe finds on pages, each looked at 390 pixels and 320 wide."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def ask(self, page: Page, heading: str) -> None:
        """Look at the page of that heading."""
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        self.faults.extend(f"{heading}: {fault}" for fault in accessibility_faults(page))
        page.set_viewport_size({"width": _NARROW, "height": 640})
        if width(page) != _NARROW:
            self.faults.append(f"{heading}: wider than the screen")
        page.set_viewport_size({"width": _PHONE, "height": 844})


def write_day(page: Page, day: date) -> None:
    """When somebody writes a day into its three fields."""
    for part in ("day", "month", "year"):
        page.get_by_label(part.title()).fill(str(getattr(day, part)))


def say_who_answers(page: Page, until: date) -> None:
    """When somebody of the hub writes who answers for the charity."""
    for number, (mailbox, second) in enumerate((ANN, BEN), start=1):
        page.get_by_label(f"Email address of person {number}").fill(mailbox)
        page.get_by_label(f"Mobile number of person {number}").fill(second)
    page.get_by_label("Who leads on safeguarding").fill("Ruth Amos, 01632 960177")
    write_day(page, until)
    follow(page.get_by_role("button", name="Ask somebody to confirm"))


def come_in(page: Page, answering: AnsweringWorld) -> None:
    """When one who answers asks for a code, and types it."""
    follow(page.get_by_role("button", name="Send me a code"))
    [code] = answering.mail()
    page.get_by_label("6 numbers").fill(code.text[:6])
    follow(page.get_by_role("button", name="Carry on"))


def test_hub_registers_a_charity_by_two_and_the_charity_confirms_a_year_on(
    browser: Browser, answering: AnsweringWorld
) -> None:
    """At 390 pixels and at 320 (WCAG 1.4.10), without a fault that axe finds."""
    seen = AskedOfAxe()
    ask = seen.ask
    portal = answering.asking.world.running.portal
    clock = answering.asking.world.clock
    services = PortalOnDatabase(portal, demonstration=True, receipts=AN_ISSUER)
    settings = PortalSettings("Exbury Council", "demonstration", cookie_secure=False)
    name = "Home-Start Northfield"
    ends = clock.now().date() + timedelta(days=500)
    with served(create_app(services, settings)) as url, a_page(browser, wide=_PHONE) as page:

        def be(who: str) -> None:
            secret = services.sign_in(who)  # type: ignore[arg-type] # of the test's own people
            assert secret is not None
            page.context.add_cookies([{"name": "tell-once", "value": secret, "url": url}])

        be(GRACE)
        page.goto(f"{url}{AT}")
        ask(page, "Partners who answer")
        follow(page.get_by_role("link", name=name))
        follow(page.get_by_role("link", name="Say who answers"))
        follow(page.get_by_role("button", name="Ask somebody to confirm"))
        ask(page, f"Who answers for {name}")
        say_who_answers(page, ends)
        ask(page, name)
        expect(page.get_by_role("button", name="Confirm", exact=True)).to_have_count(0)
        be(HANA)
        page.reload()
        follow(page.get_by_role("button", name="Confirm", exact=True))
        ask(page, name)

        clock.pass_by(timedelta(days=366))
        answering.keep()
        link = answering.links()[ANN[0]]
        be(HANA)
        page.goto(f"{url}{AT}/{PARTNER}")
        expect(page.get_by_text("Overdue: not offered")).to_be_visible()
    door = create_answering_app(AnsweringOnDatabase(portal, PLACE), PLACE, cookie_secure=False)
    with served(door) as url, a_page(browser, wide=_PHONE) as page:
        page.goto(f"{url}{link}")
        ask(page, "A question for your group")
        come_in(page, answering)
        ask(page, "Is this still right?")
        follow(page.get_by_role("button", name="Send", exact=True))
        ask(page, "Is this still right?")
        write_day(page, ends)
        page.get_by_label("The people, their numbers").check()
        follow(page.get_by_role("button", name="Send", exact=True))
        ask(page, "Thank you")

    assert not seen.faults, "\n".join(seen.faults)

"""The journey of a second hand: a lead accepts staff, an officer stops what they confirmed."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from services.work import Outside
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import InProcess
from tests.support.people.office import Office, an_office
from tests.support.portal.browser import a_page, accessibility_faults, follow, served, width

pytestmark = [pytest.mark.postgres, pytest.mark.browser, pytest.mark.enable_socket]
_NARROW, _WIDE = 320, 1280
AtEachPage = Callable[[Page], None]


@pytest.fixture
def office(outside: Outside, clock: StandingClock) -> Iterator[Office]:
    """Give the office."""
    with InProcess.running(outside) as running:
        yield an_office(running, clock)


def walk(page: Page, url: str, office: Office, at_each_page: AtEachPage) -> None:
    """Sign in as the lead and accept; then as an officer, confirm, and stop it again."""
    sign_in(page, url, office.lead)
    at_each_page(page)
    follow(page.get_by_role("link", name="See what waits for you"))
    answer(page, "Ines Okafor is to work in", "Accept", "Confirmed by Lena Ashby", at_each_page)
    follow(page.get_by_role("button", name="Sign out"))
    sign_in(page, url, office.governance)
    follow(page.get_by_role("link", name="See what waits for you"))
    heading = "Erase everything about record"
    answer(page, heading, "Confirm", "It is carried out on", at_each_page)
    follow(page.get_by_role("link", name="Back to the list"))
    answer(page, heading, "Stop", "Stopped by Iris Vane", at_each_page)


def sign_in(page: Page, url: str, who: str) -> None:
    """Given somebody who has signed in."""
    page.goto(f"{url}/sign-in")
    page.check(f"input[name=person][value='{who}']")
    follow(page.get_by_role("button", name="Sign in"))


def answer(page: Page, heading: str, said: str, told: str, at_each_page: AtEachPage) -> None:
    """When what waits is opened and answered, then it says what has become of it."""
    expect(page.get_by_role("heading", level=1)).to_have_text("What waits for you")
    at_each_page(page)
    follow(page.get_by_role("link", name=heading))
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
    at_each_page(page)
    follow(page.get_by_role("button", name=said))
    expect(page.get_by_text(told).first).to_be_visible()
    at_each_page(page)


def test_what_waits_for_a_second_hand_is_answered(browser: Browser, office: Office) -> None:
    """On 320 pixels (WCAG 1.4.10), and axe finds no fault on any page.

    That it all goes without script is what tests/integration/relationships ask.
    """
    faults: list[str] = []

    def ask(page: Page) -> None:
        faults.extend(f"{page.title()}: {fault}" for fault in accessibility_faults(page))
        page.set_viewport_size({"width": _NARROW, "height": 640})
        if width(page) != _NARROW:
            faults.append(f"{page.title()}: wider than the screen")
        page.set_viewport_size({"width": _WIDE, "height": 640})

    office.orders.asked(office.child())
    office.asks_for()
    with served(office.portal()) as url, a_page(browser, wide=_WIDE) as page:
        walk(page, url, office, ask)

    assert not faults, "\n".join(faults)

"""The data steward's journey, and its twin that asks axe about every page of it.

Subclass StewardJourney and give the fixture `place`: anywhere a pair of people whose dates of
birth differ waits for the steward, listed first or alone.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.decision_journey import AtEachPage
from tests.support.portal.browser import a_page, accessibility_faults, follow, width


@dataclass(frozen=True, slots=True)
class StewardPlace:
    """Where the journey goes: the portal's address, and who signs in."""

    portal_url: str
    steward_id: str
    second_id: str


def walk(page: Page, place: StewardPlace, at_each_page: AtEachPage) -> None:
    """Sign in, look, ask the sources, join although born otherwise, confirm as another, undo."""
    sign_in(page, place, place.steward_id, at_each_page)
    look(page, at_each_page)
    ask_the_sources(page, at_each_page)
    join(page, at_each_page)
    follow(page.get_by_role("button", name="Sign out"))
    sign_in(page, place, place.second_id, at_each_page)
    confirm(page, at_each_page)
    undo(page, at_each_page)


def sign_in(page: Page, place: StewardPlace, who: str, at_each_page: AtEachPage) -> None:
    """Given a data steward who has signed in."""
    page.goto(f"{place.portal_url}/sign-in")
    page.check(f"input[name=person][value='{who}']")
    follow(page.get_by_role("button", name="Sign in"))
    expect(page.get_by_role("heading", level=1)).to_have_text("People who may be one")
    at_each_page(page)


def look(page: Page, at_each_page: AtEachPage) -> None:
    """When a pair is opened, then both stand side by side."""
    follow(page.locator(".app-list__item a").first)
    expect(page.get_by_role("heading", level=1)).to_have_text("Are they one person?")
    expect(page.get_by_role("row", name="Date of birth")).to_contain_text("Nearly the same")
    at_each_page(page)


def ask_the_sources(page: Page, at_each_page: AtEachPage) -> None:
    """When that is not enough, then it is written down whom somebody rings."""
    follow(page.get_by_role("button", name="I ask the sources"))
    expect(page.get_by_text("Nothing is sent: ring them.")).to_be_visible()
    at_each_page(page)


def join(page: Page, at_each_page: AtEachPage) -> None:
    """When they are one, then what follows is read first and the slip is said to be one."""
    follow(page.get_by_role("button", name="They are one person"))
    expect(page.get_by_role("heading", name="What follows")).to_be_visible()
    at_each_page(page)
    follow(page.get_by_role("button", name="Join them"))
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    at_each_page(page)
    page.get_by_label("one date of birth was written down wrongly").check()
    follow(page.get_by_role("button", name="Join them"))
    expect(page.get_by_text("Another data steward has to say").first).to_be_visible()
    expect(page.get_by_role("button", name="I have checked")).to_have_count(0)
    at_each_page(page)
    follow(page.get_by_role("link", name="Back to the list"))
    follow(page.get_by_role("link", name="For another hand", exact=True))
    expect(page.locator(".app-list__item")).to_have_count(0)
    at_each_page(page)


def confirm(page: Page, at_each_page: AtEachPage) -> None:
    """When another steward finds it among what waits, then they are one from now on."""
    follow(page.get_by_role("link", name="For another hand", exact=True))
    expect(page.get_by_text("by a data steward")).to_be_visible()
    at_each_page(page)
    follow(page.locator(".app-list__item a").first)
    expect(page.get_by_role("heading", name="Is that so?")).to_be_visible()
    at_each_page(page)
    follow(page.get_by_role("button", name="I have checked: they are one person"))
    expect(page.get_by_text("They are one person from now on.")).to_be_visible()
    at_each_page(page)
    follow(page.get_by_role("link", name="Back to the list"))
    follow(page.get_by_role("link", name="Joined", exact=True))
    expect(page.get_by_text("by you")).to_be_visible()
    at_each_page(page)


def undo(page: Page, at_each_page: AtEachPage) -> None:
    """When that was wrong, then they are two again, and it is remembered."""
    follow(page.locator(".app-list__item a").first)
    follow(page.get_by_role("button", name="Undo: they are two people"))
    expect(page.get_by_text("They are two people again.")).to_be_visible()
    at_each_page(page)


@pytest.mark.browser
@pytest.mark.enable_socket
class StewardJourney:
    """The journey as everyone must be able to make it."""

    def test_two_who_may_be_one_are_asked_about_joined_and_parted(
        self, browser: Browser, place: StewardPlace
    ) -> None:
        """On 320 pixels (WCAG 1.4.10), with script switched off."""
        widths: dict[str, int] = {}

        def measure(page: Page) -> None:
            widths[page.title()] = width(page)

        self._go(browser, place, measure, scripted=False, wide=320)

        assert set(widths.values()) == {320}, f"pages wider than the screen: {widths}"

    def test_every_page_of_it_is_accessible(self, browser: Browser, place: StewardPlace) -> None:
        """The twin: axe finds no fault on any page (WCAG 2.2 AA and best practice)."""
        faults: list[str] = []

        def ask(page: Page) -> None:
            faults.extend(f"{page.title()}: {fault}" for fault in accessibility_faults(page))

        self._go(browser, place, ask, scripted=True, wide=1200)

        assert not faults, "\n".join(faults)

    @staticmethod
    def _go(
        browser: Browser,
        place: StewardPlace,
        at_each_page: Callable[[Page], None],
        *,
        scripted: bool,
        wide: int,
    ) -> None:
        with a_page(browser, scripted=scripted, wide=wide) as opened:
            walk(opened, place, at_each_page)

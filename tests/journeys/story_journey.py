"""The story's journey, and its twin that asks axe about every page of it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.decision_journey import AtEachPage, JourneyPlace, sign_in
from tests.support.portal.browser import a_page, accessibility_faults, follow, width

WORDS = "He sleeps when it rains.\n\nPlease text first."


def walk(page: Page, place: JourneyPlace, at_each_page: AtEachPage) -> None:
    """Sign in, write down, see who may read it, correct, confirm, and keep it to fewer."""
    sign_in(page, place, lambda _page: None)
    write_it_down(page, place, at_each_page)
    correct_it(page, at_each_page)
    confirm_all(page, at_each_page)
    keep_it(page, at_each_page)


def write_it_down(page: Page, place: JourneyPlace, at_each_page: AtEachPage) -> None:
    """When a family says something, then it knows who will read it before it is saved."""
    page.goto(f"{place.family_url}/story")
    follow(page.get_by_role("button", name="Add to their story"))
    at_each_page(page)
    follow(page.get_by_role("button", name="Continue"))
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    at_each_page(page)
    page.fill("#told-by", "Nan")
    page.fill("#text", WORDS)
    page.get_by_text("The family wants fewer people to read this part").click()
    for agency in ("health-visiting", "schools"):
        page.check(f"input[name=keep-services][value={agency}]")
    follow(page.get_by_role("button", name="Continue"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Check who will be able to read it")
    expect(page.get_by_text("Health visiting and school, for early help")).to_be_visible()
    at_each_page(page)
    follow(page.get_by_role("button", name="Save"))
    expect(page.get_by_role("article", name="Nan")).to_contain_text("He sleeps when it rains.")
    at_each_page(page)


def correct_it(page: Page, at_each_page: AtEachPage) -> None:
    """When it was wrong, then the old words stay, struck through."""
    follow(page.get_by_role("article", name="Nan").get_by_role("link", name="Correct"))
    at_each_page(page)
    page.fill("#told-by", "Grandad")
    page.fill("#text", "He sleeps when it is quiet.")
    follow(page.get_by_role("button", name="Correct it"))
    expect(page.locator("s", has_text="He sleeps when it rains.")).to_be_visible()
    at_each_page(page)


def confirm_all(page: Page, at_each_page: AtEachPage) -> None:
    """When nothing has changed, then that is written down instead of asking again."""
    follow(page.get_by_role("button", name="Confirm that nothing has changed"))
    at_each_page(page)
    page.fill("#told-by", "Grandad")
    follow(page.get_by_role("button", name="Confirm that nothing has changed"))
    expect(page.locator(".govuk-inset-text")).to_contain_text("Nothing has changed: confirmed on")
    at_each_page(page)


def keep_it(page: Page, at_each_page: AtEachPage) -> None:
    """When the family keeps it to one service, then each entry of it says so."""
    correction = page.get_by_role("article", name="Grandad")
    follow(correction.get_by_role("link", name="Keep to fewer people"))
    at_each_page(page)
    page.uncheck("input[name=keep-services][value=schools]")
    follow(page.get_by_role("button", name="Keep it to these"))
    kept = page.get_by_role("article", name="Grandad")
    expect(kept).to_contain_text("The family keeps it to: Health visiting")
    expect(kept).not_to_contain_text("Health visiting and school")
    at_each_page(page)


@pytest.mark.browser
@pytest.mark.enable_socket
class StoryJourney:
    """The journey as everyone must be able to make it."""

    def test_what_is_told_once_is_written_corrected_confirmed_and_kept(
        self, browser: Browser, place: JourneyPlace
    ) -> None:
        """On 320 pixels (WCAG 1.4.10), with script switched off."""
        widths: dict[str, int] = {}

        def measure(page: Page) -> None:
            widths[page.title()] = width(page)

        self._go(browser, place, measure, scripted=False, wide=320)

        assert set(widths.values()) == {320}, f"pages wider than the screen: {widths}"

    def test_every_page_of_it_is_accessible(self, browser: Browser, place: JourneyPlace) -> None:
        """The twin: axe finds no fault on any page (WCAG 2.2 AA and best practice)."""
        faults: list[str] = []

        def look(page: Page) -> None:
            faults.extend(f"{page.title()}: {fault}" for fault in accessibility_faults(page))

        self._go(browser, place, look, scripted=True, wide=1200)

        assert not faults, "\n".join(faults)

    @staticmethod
    def _go(
        browser: Browser,
        place: JourneyPlace,
        at_each_page: Callable[[Page], None],
        *,
        scripted: bool,
        wide: int,
    ) -> None:
        with a_page(browser, scripted=scripted, wide=wide) as opened:
            walk(opened, place, at_each_page)

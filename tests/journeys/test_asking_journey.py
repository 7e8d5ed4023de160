"""A family that agrees is asked in eight presses, on a telephone and on a wide screen.

And asked no more than it likes when it takes that back.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journeys.decision_journey import JourneyPlace, sign_in
from tests.support.portal.browser import a_page, accessibility_faults, follow, width

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]
MOST_PRESSES = 8
MOST_DOWN = 1055  # a screen of a telephone and a quarter
_PHONE = 390


class Presses:
    """Counts what a practitioner presses, one after the other."""

    def __init__(self, page: Page, at_each_page: Callable[[Page], None]) -> None:
        self.page = page
        self.made = 0
        self._at_each_page = at_each_page

    def leads_on(self, what: Locator) -> None:
        """Press what leads to another page, and look at that."""
        self.made += 1
        follow(what)
        self._at_each_page(self.page)

    def ticks(self, what: Locator) -> None:
        """Press what stays on the page."""
        self.made += 1
        what.check()


def ask_the_family(presses: Presses) -> None:
    """Given the family's overview, when they agree to the usual, then it is recorded."""
    page = presses.page

    def on(name: str) -> Locator:
        return page.get_by_role("button", name=name)

    presses.leads_on(page.get_by_role("link", name="Record what the family decides"))
    presses.ticks(page.locator("input[name=decided-by]").first)
    presses.leads_on(on("Continue"))
    presses.leads_on(on("Continue"))
    presses.ticks(page.locator("input[name=usual][value=yes]"))
    presses.leads_on(on("Continue"))
    presses.leads_on(on("Continue"))
    presses.leads_on(on("Record what they decided"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Decision recorded")


def take_it_back(presses: Presses) -> None:
    """Given its receipt, when somebody takes it back, then who and how is asked and on record."""
    page = presses.page
    presses.leads_on(page.get_by_role("link", name="Back to the decision"))
    presses.leads_on(page.get_by_role("link", name="Withdraw it, if it is taken back"))
    page.select_option("select[name=decided-by]", "court")
    page.select_option("select[name=channel]", "written")
    button = page.get_by_role("button", name="Withdraw the decision").bounding_box()
    assert button is not None
    assert button["y"] <= MOST_DOWN, "the button is too far down"
    presses.leads_on(page.get_by_role("button", name="Withdraw the decision"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Decision withdrawn")
    presses.leads_on(page.get_by_role("link", name="Receipt to read and print"))
    expect(page.get_by_role("row", name="Taken back by")).to_contain_text("A court")


@pytest.mark.parametrize("wide", [_PHONE, 1280])
def test_a_family_that_agrees_takes_eight_presses_and_its_receipt_one_more(
    browser: Browser, fake_place: JourneyPlace, wide: int
) -> None:
    """With axe's word on each page as a telephone shows it; none is wider than the screen."""
    faults: list[str] = []

    def look(page: Page) -> None:
        assert width(page) == wide, page.title()
        if wide == _PHONE:
            faults.extend(f"{page.title()}: {fault}" for fault in accessibility_faults(page))

    with a_page(browser, wide=wide) as page:
        sign_in(page, fake_place, lambda _page: None)
        page.goto(fake_place.family_url)
        look(page)
        presses = Presses(page, look)

        ask_the_family(presses)
        asked = presses.made
        presses.leads_on(page.get_by_role("link", name="Receipt to read and print"))
        given = presses.made
        take_it_back(presses)

    assert asked <= MOST_PRESSES
    assert given == asked + 1
    assert not faults, "\n".join(faults)


def back_to_every_kind_of_field(page: Page, place: JourneyPlace) -> None:
    """Left without sending, words, dates, choices and ticks are there again.

    A name or number is not, where the browser is told to remember none on a shared machine.
    """
    for form, field, typed in (
        ("story/new", "textarea[name=text]", "Mornings"),
        ("consent/new", "input[name=until-year]", "2027"),
    ):
        page.goto(f"{place.family_url}/{form}")
        page.fill(field, typed)
        choice = page.locator("main input[type=radio], main input[type=checkbox]").first
        choice.check()
        page.goto(place.family_url)
        with page.expect_event("load"):
            page.go_back()
        expect(page.locator(field)).to_have_value(typed)
        expect(choice).to_be_checked()


def test_going_back_and_a_session_that_is_over_lose_nothing(
    browser: Browser, fake_place: JourneyPlace
) -> None:
    """The browser's own button shows what was answered; and so does whoever signs in again."""
    with a_page(browser, scripted=False, wide=320) as page:
        sign_in(page, fake_place, lambda _page: None)
        page.goto(f"{fake_place.family_url}/decide?step=who")
        page.fill("#decider-name", "Ada Wren")
        page.locator("input[name=decided-by]").first.check()
        follow(page.get_by_role("button", name="Continue"))
        with page.expect_event("load"):
            page.go_back()
        expect(page.locator("#decider-name")).to_have_value("Ada Wren")

        back_to_every_kind_of_field(page, fake_place)
        page.context.clear_cookies(name="tell-once")
        sign_in(page, fake_place, lambda _page: None)
        page.goto(f"{fake_place.family_url}/decide?step=how")

        expect(page.get_by_role("heading", level=1)).to_have_text("How did you speak with them?")
        assert width(page) == 320

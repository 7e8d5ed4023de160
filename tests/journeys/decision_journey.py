"""The main journey, in which axe is asked about every page, and its twin without script.

Subclass DecisionJourney and give the fixture `place`: anywhere a family shares with a
practitioner for their usual purpose.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.portal.browser import a_page, accessibility_faults, follow, width

_EVERYTHING = ("categories", "purposes")
_ANSWERS = {
    "response": "given",
    "basis": "consent",
    "recipients": "everyone",
    "sources": "every-source",
}


@dataclass(frozen=True, slots=True)
class JourneyPlace:
    """Where the journey goes: the portal's address, who signs in, whom they open.

    `told` is what the page says of an agreement that they record for everybody, themselves too.
    """

    portal_url: str
    practitioner_id: str
    person_id: str
    told: str = "Decision recorded"

    @property
    def family_url(self) -> str:
        """The family's overview."""
        return f"{self.portal_url}/families/{self.person_id}"


AtEachPage = Callable[[Page], None]


def walk(page: Page, place: JourneyPlace, at_each_page: AtEachPage) -> None:
    """Sign in, read, record a decision, see it, withdraw it, and be refused."""
    sign_in(page, place, at_each_page)
    read_the_family(page, place, at_each_page)
    reference = record_a_decision(page, place, at_each_page)
    withdraw(page, reference, at_each_page)
    be_refused(page, place, at_each_page)


def sign_in(page: Page, place: JourneyPlace, at_each_page: AtEachPage) -> None:
    """Given a practitioner who has signed in."""
    page.goto(f"{place.portal_url}/sign-in")
    at_each_page(page)
    page.check(f"input[name=person][value='{place.practitioner_id}']")
    follow(page.get_by_role("button", name="Sign in"))
    expect(page.get_by_role("heading", level=1)).to_have_text("My families")
    at_each_page(page)


def read_the_family(page: Page, place: JourneyPlace, at_each_page: AtEachPage) -> None:
    """When they open a family, then they see who works with it and how to ring them."""
    page.click(f"a[href='/families/{place.person_id}']")
    expect(page.get_by_role("heading", name="Who to ring")).to_be_visible()
    number_is_in_reach(page)
    assert page.locator("a[href^='tel:']").count() > 0, "there is a number to ring"
    at_each_page(page)
    for name in ("Their story", "Timeline", "People and support", "Who has looked", "Sharing"):
        follow(page.get_by_role("link", name=name, exact=True))
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        at_each_page(page)


_PHONE, _REACH = {"width": 390, "height": 844}, 600


def number_is_in_reach(page: Page) -> None:
    """Then on a telephone the other worker's number is one press away, in the first 600 pixels."""
    usual = page.viewport_size
    assert usual is not None
    page.set_viewport_size({"width": _PHONE["width"], "height": _PHONE["height"]})
    box = page.locator(".app-ring a[href^='tel:']").first.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= _REACH, f"the number is {box['y']:.0f} pixels down"
    page.set_viewport_size(usual)


def record_a_decision(page: Page, place: JourneyPlace, at_each_page: AtEachPage) -> str:
    """When they record a decision, then it is confirmed and listed; gives its reference."""
    follow(page.get_by_role("link", name="Record a decision on another ground"))
    follow(page.get_by_role("button", name="Record the decision"))
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    at_each_page(page)
    # A parent stands first: by name, or as a word where nobody is named.
    page.locator("input[name=decided-by]").first.check()
    for name, value in _ANSWERS.items():
        page.check(f"input[name={name}][value={value}]")
    for name in _EVERYTHING:
        for box in page.locator(f"input[name={name}]").all():
            box.check()
    follow(page.get_by_role("button", name="Record the decision"))
    panel = page.locator(".govuk-panel__body")
    expect(page.get_by_role("heading", level=1)).to_have_text(place.told)
    at_each_page(page)
    reference = panel.inner_text().removeprefix("Reference ").strip()
    follow(page.get_by_role("link", name="See every decision"))
    expect(
        page.get_by_role("heading", name=f"Decision {reference}: Agreed to share")
    ).to_be_visible()
    at_each_page(page)
    return reference


def withdraw(page: Page, reference: str, at_each_page: AtEachPage) -> None:
    """When the family withdraws it, then that is asked once and confirmed."""
    follow(page.get_by_role("link", name=f"Withdraw (Decision {reference}: Agreed to share)"))
    at_each_page(page)
    follow(page.get_by_role("button", name="Withdraw the decision"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Decision withdrawn")
    at_each_page(page)


def be_refused(page: Page, place: JourneyPlace, at_each_page: AtEachPage) -> None:
    """Then the very next page refuses."""
    response = page.goto(place.family_url)
    assert response is not None
    assert response.status == 403
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing is shared with you")
    at_each_page(page)


@pytest.mark.browser
@pytest.mark.enable_socket
class DecisionJourney:
    """The journey as everyone must be able to make it."""

    def test_a_withdrawal_is_in_force_for_the_very_next_page(
        self, browser: Browser, place: JourneyPlace
    ) -> None:
        """In a browser with script, without one word of complaint in its console.

        With its twin: axe finds no fault on any page (WCAG 2.2 AA and best practice).
        """
        complaints: list[str] = []
        faults: list[str] = []

        def look(page: Page) -> None:
            faults.extend(f"{page.title()}: {fault}" for fault in accessibility_faults(page))

        with a_page(browser) as page:
            page.on("console", lambda m: complaints.append(m.text))
            page.on("pageerror", lambda e: complaints.append(str(e)))
            walk(page, place, look)

        expected = ("status of 403", "status of 422")
        unexpected = [c for c in complaints if not any(e in c for e in expected)]
        assert not unexpected, "\n".join(unexpected)
        assert not faults, "\n".join(faults)

    def test_it_needs_no_script_and_no_wide_screen(
        self, browser: Browser, place: JourneyPlace
    ) -> None:
        """On 320 pixels (WCAG 1.4.10), with script switched off."""
        widths: dict[str, int] = {}

        def measure(page: Page) -> None:
            widths[page.title()] = width(page)

        with a_page(browser, scripted=False, wide=320) as opened:
            walk(opened, place, measure)

        assert set(widths.values()) == {320}, f"pages wider than the screen: {widths}"

"""The auditor's journey: each of eight questions is answered from Home in at most three clicks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from services.audit.asked import AuditQuestion
from services.portal.audit import addresses
from tests.support.each_case import each_case
from tests.support.fixtures.fixtures_demonstration import Demonstration
from tests.support.portal.browser import a_page, follow

pytestmark = [pytest.mark.postgres, pytest.mark.browser, pytest.mark.enable_socket]
_MOST_CLICKS = 3
_CHILD = "9990000018"
_TYPED = {
    "identifier": _CHILD,
    "date-of-birth-day": "14",
    "date-of-birth-month": "2",
    "date-of-birth-year": "2022",
}


@dataclass(slots=True)
class Auditor:
    """An auditor at Home, whose clicks are counted; what they type is none."""

    page: Page
    clicks: int = 0

    def press(self, what: Locator) -> None:
        """One click that leads to another page."""
        self.clicks += 1
        follow(what)

    def show(self) -> None:
        """Press Show."""
        self.press(self.page.get_by_role("main").get_by_role("button", name="Show"))

    def sees(self, text: str) -> None:
        """The answer is on the page."""
        expect(self.page.get_by_role("main").get_by_text(text).first).to_be_visible()


Ask = Callable[[Auditor], None]


def _who_looked(auditor: Auditor) -> None:
    auditor.page.get_by_label("The number").fill(_CHILD)
    auditor.show()
    auditor.sees("Amara Okafor")


def _could_see(auditor: Auditor) -> None:
    auditor.page.get_by_label("The number").fill(_CHILD)
    auditor.page.get_by_label("Staff number").fill("HV-0101")
    auditor.show()
    auditor.sees("Amara Okafor could see")


def _at_once(auditor: Auditor) -> None:
    """The page answers without being asked for more."""
    expect(auditor.page.get_by_text("was entered in the ledger as entry")).to_be_visible()


def _exports(auditor: Auditor) -> None:
    """The page of exports does not say by which entry the view of it is on record."""
    expect(auditor.page.get_by_role("heading", name="Exports")).to_be_visible()


ANSWERED_AT: Mapping[AuditQuestion, tuple[str, Ask]] = {
    AuditQuestion.LOOKS: (addresses.LOOKS, _who_looked),
    AuditQuestion.COULD_SEE: (addresses.COULD_SEE, _could_see),
    AuditQuestion.REFUSALS: (addresses.REFUSALS, _at_once),
    AuditQuestion.REVIEWS: (addresses.REVIEWS, _at_once),
    AuditQuestion.DECISIONS: (addresses.DECISIONS, _at_once),
    AuditQuestion.TIMINGS: (addresses.TIMINGS, _at_once),
    AuditQuestion.EXPORTS: (addresses.EXPORTS, _exports),
    AuditQuestion.UNUSUAL: (addresses.UNUSUAL, _at_once),
}


def _sign_in(page: Page, url: str, who: str) -> None:
    page.goto(f"{url}/sign-in")
    page.check(f"input[name=person][value='{who}']")
    follow(page.get_by_role("button", name="Sign in"))


def _look(page: Page, demonstration: Demonstration) -> None:
    """Given a health visitor who has looked at a child."""
    _sign_in(page, demonstration.url, demonstration.people["Amara Okafor"])
    page.goto(f"{demonstration.url}/find-a-family")
    page.check("input[name=scheme][value='nhs-number']")
    for name, typed in _TYPED.items():
        page.fill(f"input[name={name}]", typed)
    follow(page.get_by_role("button", name="Find the family"))
    follow(page.get_by_role("button", name="Sign out"))


def test_each_question_is_answered_from_home_in_three_clicks(
    browser: Browser, demonstration: Demonstration
) -> None:
    """Without script; that each page is one that is there, its heading and its entry say."""
    with a_page(browser, scripted=False) as page, each_case() as case:
        _look(page, demonstration)
        _sign_in(page, demonstration.url, demonstration.people["Helen Marsh"])
        for question in ANSWERED_AT:
            with case(question):
                _ask(page, demonstration.url, question)


def _ask(page: Page, url: str, question: AuditQuestion) -> None:
    page.goto(f"{url}{addresses.AUDIT}")
    auditor = Auditor(page)
    address, ask = ANSWERED_AT[question]
    auditor.press(page.get_by_role("link", name=question.label))
    ask(auditor)
    assert page.url.removeprefix(url).partition("?")[0] == address
    assert auditor.clicks <= _MOST_CLICKS

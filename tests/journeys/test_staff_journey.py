"""The journey of an administrator who adds somebody, and a lead who suspends them."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from services.work import Outside
from tests.support.builders import VISITOR
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import AGENCY, InProcess
from tests.support.people.office import Office, an_office
from tests.support.portal.browser import a_page, accessibility_faults, follow, served, width

pytestmark = [pytest.mark.postgres, pytest.mark.browser, pytest.mark.enable_socket]
_NARROW, _WIDE = 320, 1280


@pytest.fixture
def office(outside: Outside, clock: StandingClock) -> Iterator[Office]:
    """Give the office."""
    with InProcess.running(outside) as running:
        yield an_office(running, clock)


def sign_in(page: Page, url: str, who: str) -> None:
    """Given somebody who has signed in."""
    page.goto(f"{url}/sign-in")
    page.check(f"input[name=person][value='{who}']")
    follow(page.get_by_role("button", name="Sign in"))


def test_somebody_is_added_and_suspended(browser: Browser, office: Office) -> None:
    """On 320 pixels (WCAG 1.4.10), and axe finds no fault on any page.

    That it all goes without script is what tests/integration/accounts ask.
    """
    faults: list[str] = []

    def look(page: Page) -> None:
        faults.extend(f"{page.title()}: {fault}" for fault in accessibility_faults(page))
        page.set_viewport_size({"width": _NARROW, "height": 640})
        if width(page) != _NARROW:
            faults.append(f"{page.title()}: wider than the screen")
        page.set_viewport_size({"width": _WIDE, "height": 640})

    with served(office.portal()) as url, a_page(browser, wide=_WIDE) as page:
        sign_in(page, url, office.administrator)
        follow(page.get_by_role("link", name="Who works where"))
        look(page)
        follow(page.get_by_role("link", name="Add people by a list"))
        page.get_by_label("The list").fill(f"agency,name,job_title,role\n{AGENCY},A,B,owner")
        follow(page.get_by_role("button", name="Show what it comes to"))
        expect(page.get_by_text("Row 2, role")).to_be_visible()
        look(page)
        page.goto(f"{url}/staff/agencies/{AGENCY}/add")
        follow(page.get_by_role("button", name="Ask for it"))
        look(page)
        page.get_by_label("Name", exact=True).fill("Ines Okafor")
        page.get_by_label("Job title").fill("Nurse")
        page.get_by_label("Practitioner", exact=True).check()
        page.get_by_label("Direct care").check()
        follow(page.get_by_role("button", name="Ask for it"))
        expect(page.get_by_text("It is asked for").first).to_be_visible()
        look(page)
        page.goto(f"{url}/staff/people/{VISITOR}")
        page.get_by_label("Code").fill("0000")
        follow(page.get_by_role("button", name="Ask to join this sign-in"))
        expect(page.get_by_text("typing error").first).to_be_visible()
        look(page)
        follow(page.get_by_role("link", name="Change role, agency or reference"))
        look(page)
        follow(page.get_by_role("button", name="Sign out"))
        sign_in(page, url, office.lead)
        page.goto(f"{url}/staff/agencies/{AGENCY}/rota")
        follow(page.get_by_role("button", name="Put it on the rota"))
        expect(page.get_by_text("Select who stands in or learns").first).to_be_visible()
        look(page)
        page.goto(f"{url}/staff/people/{VISITOR}")
        follow(page.get_by_role("button", name="Suspend"))
        expect(page.get_by_text("Nothing opens for them any more")).to_be_visible()
        look(page)

    assert not faults, "\n".join(faults)

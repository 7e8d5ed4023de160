"""The pages of the auditor's workbench in a browser: no accessibility fault, no wide page."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from services.work import Outside
from tests.support.audit.workbench import CHILD_NUMBER, Workbench, a_workbench
from tests.support.clock import StandingClock
from tests.support.portal.browser import a_page, accessibility_faults, follow, served, width

pytestmark = [pytest.mark.postgres, pytest.mark.browser, pytest.mark.enable_socket]
_NARROW, _WIDE = 320, 1280
_PAGES = (
    "/audit",
    "/audit/looks",
    "/audit/looks?family={child}",
    "/audit/looks?family={child}&from=x",
    "/audit/access",
    "/audit/access?family={child}&worker={worker}",
    "/audit/access?kind=x&before=x&worker=x",
    "/audit/refusals",
    "/audit/could-see",
    "/audit/could-see?family={child}&worker={worker}",
    "/audit/explain/{look}",
)


@pytest.fixture
def workbench(outside: Outside, clock: StandingClock) -> Iterator[Workbench]:
    """Give a trust with looks and refusals."""
    with a_workbench(outside, clock) as found:
        yield found


def _addresses(workbench: Workbench) -> list[str]:
    look = workbench.look(workbench.child).entry_id
    named = {"child": workbench.child, "worker": workbench.worker, "look": look}
    return [page.format(**named) for page in _PAGES]


def test_axe_finds_no_fault_and_none_is_wide(browser: Browser, workbench: Workbench) -> None:
    """On 320 pixels too (WCAG 1.4.10); that it all goes without script the journey asks."""
    faults: list[str] = []

    def look(page: Page, address: str) -> None:
        faults.extend(f"{address}: {fault}" for fault in accessibility_faults(page))
        page.set_viewport_size({"width": _NARROW, "height": 640})
        if width(page) != _NARROW:
            faults.append(f"{address}: {width(page)} pixels wide")
        page.set_viewport_size({"width": _WIDE, "height": 640})

    with served(workbench.portal()) as url, a_page(browser, wide=_WIDE) as page:
        page.goto(f"{url}/sign-in")
        page.check(f"input[name=person][value='{workbench.auditor}']")
        follow(page.get_by_role("button", name="Sign in"))
        for address in _addresses(workbench):
            page.goto(f"{url}{address}")
            look(page, address)
        page.goto(f"{url}/audit/could-see")
        page.get_by_label("The number").fill(CHILD_NUMBER)
        follow(page.get_by_role("button", name="Show"))
        assert page.title().startswith("Error: ")
        look(page, "/audit/name-a-family, sent")

    assert not faults, "\n".join(faults)

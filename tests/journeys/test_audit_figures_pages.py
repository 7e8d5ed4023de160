"""Figures, integrity, proofs and exports, in a browser: no accessibility fault, no wide page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import Engine

from services.audit.integrity.alarms import watch_integrity
from services.audit.integrity.postgres_passes import LedgerPass, keep_pass
from services.platform.keys.vault import KeyVault
from tests.support.audit.office_world import an_audit_office, answers, looks
from tests.support.portal.browser import a_page, accessibility_faults, follow, served, width

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket, pytest.mark.postgres]
PAGES = (
    "/audit/figures",
    "/audit/timings",
    "/audit/integrity",
    "/audit/integrity/proof/0",
    "/audit/integrity/proof/unknown-row",
    "/audit/exports",
    "/audit/exports/new",
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the portal is, and who signs in."""

    url: str
    auditor: str
    manager: str


@pytest.fixture
def place(
    engine: Engine, vault: KeyVault, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    """An office with figures, where a row does not agree with its entry."""
    with an_audit_office(engine, vault, tmp_path_factory.mktemp("office")) as world:
        last = world.clock.now().replace(day=1, hour=12) - timedelta(days=12)
        world.append(
            *looks(9, by=world.visitor, at=last),
            *looks(2, by=world.teacher, at=last),
            *looks(30, by=world.visitor, at=last - timedelta(days=7)),
            *answers(12, "given", by=world.visitor, at=last),
            *answers(2, "refused", by=world.teacher, at=last),
        )
        now = world.clock.now()
        row = "row sharing-decision 7d910c4e1f20 state 2: is not as it was written"
        found = LedgerPass(now, now, 60, 1, 0, 1, (row,), "operator:tester")
        with engine.begin() as connection:
            keep_pass(connection, found)
        watch_integrity(world.running.relay, world.watched)
        with served(world.office.portal()) as url:
            yield Place(url, world.office.governance, world.manager)


def _sign_in(page: Page, place: Place, who: str) -> None:
    page.goto(f"{place.url}/sign-in")
    page.check(f"input[name=person][value='{who}']")
    follow(page.get_by_role("button", name="Sign in"))


def test_axe_finds_no_fault_on_any_of_them(browser: Browser, place: Place) -> None:
    """Nor where a form was sent wrong (WCAG 2.2 AA and best practice); nor on the managers'."""
    faults: list[str] = []
    with a_page(browser) as page:
        _sign_in(page, place, place.auditor)
        for address in PAGES:
            page.goto(f"{place.url}{address}")
            for details in page.locator("details").all():
                details.evaluate("one => { one.open = true }")
            faults.extend(f"{address}: {fault}" for fault in accessibility_faults(page))
        follow(page.get_by_role("button", name="Enter it and download"))
        assert page.title().startswith("Error: ")
        faults.extend(f"sent: {fault}" for fault in accessibility_faults(page))
    with a_page(browser) as page:
        _sign_in(page, place, place.manager)
        faults.extend(f"/figures: {fault}" for fault in accessibility_faults(page))

    assert not faults, "\n".join(faults)


def test_they_need_no_script_and_no_wide_screen(browser: Browser, place: Place) -> None:
    """On 320 pixels (WCAG 1.4.10), with script switched off; the form downloads a file."""
    widths: dict[str, int] = {}
    with a_page(browser, scripted=False, wide=320) as page:
        _sign_in(page, place, place.auditor)
        for address in PAGES:
            page.goto(f"{place.url}{address}")
            widths[address] = width(page)
        page.get_by_label("In which form").select_option("csv")
        page.get_by_label("Why", exact=True).select_option("oversight")
        page.get_by_label("Why, in your words").fill("monthly check")
        with page.expect_download() as download:
            page.get_by_role("button", name="Enter it and download").click()
        assert download.value.suggested_filename.endswith(".csv")
        assert download.value.path().read_text().startswith("index,entry_id,")
        page.goto(f"{place.url}/audit/exports")
        assert page.get_by_text("All of it left").count() == 1
    with a_page(browser, scripted=False, wide=320) as page:
        _sign_in(page, place, place.manager)
        widths["/figures"] = width(page)

    assert set(widths.values()) == {320}, f"pages wider than the screen: {widths}"

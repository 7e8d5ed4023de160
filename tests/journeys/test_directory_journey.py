"""A parent finds a group for her child on a telephone, without script, and flags a mistake."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from sqlalchemy import Engine

from schemas.vocabulary import Source
from services.cli.demonstration import FOLDER
from services.cli.intake.directory.services_demonstration import load_services
from services.interfaces.directory.serving.app import create_directory_pages
from services.interfaces.directory.serving.frame import DirectorySettings
from services.people.practitioners.postgres_directory import Agency
from services.work import Outside, unit_of_work
from tests.support.clock import StandingClock
from tests.support.portal.browser import a_page, accessibility_faults, served, width

pytestmark = [pytest.mark.postgres, pytest.mark.browser, pytest.mark.enable_socket]


@pytest.fixture
def url(engine: Engine, outside: Outside, clock: StandingClock) -> Iterator[str]:
    with unit_of_work(outside) as work:
        work.directory.save_agency(
            Agency("NFH01", "Northfield Family Hub", Source.FAMILY_HUB, None)
        )
        load_services(FOLDER, work)
    settings = DirectorySettings("Exbury Council", "01632 960 100", "https://x.example", "", True)
    with served(create_directory_pages(engine, clock, settings)) as at:
        yield at


def test_a_parent_finds_a_group(url: str, browser: Browser) -> None:
    """Given a toddler, when she asks near her postcode, then the nearest open group comes first."""
    with a_page(browser, scripted=False, wide=390) as page:
        page.goto(url)
        page.get_by_label("Help with").select_option("Talking and play")
        page.get_by_label("Child’s age").fill("1 year 7 months")
        page.get_by_label("Postcode").fill("ZZ99 3")
        page.get_by_text("Distance, day, language, step-free").click()
        page.get_by_label("Within").select_option("2 miles")
        page.get_by_role("button", name="Show").click()

        assert page.get_by_role("heading", name="9 services for talking and play").is_visible()
        assert "ZZ99" not in page.url
        assert page.context.cookies() == []
        page.get_by_role("link", name="Sing and play").click()
        assert page.get_by_role("heading", name="Sing and play", level=1).is_visible()
        page.get_by_role("button", name="The days or times are wrong").click()
        assert page.get_by_role("heading", name="Thank you").is_visible()


def test_its_pages_are_accessible(url: str, browser: Browser) -> None:
    """The form, a list with its picture, an error, a service: none scrolls sideways at 320 px."""
    with a_page(browser, wide=390) as page:
        page.goto(url)
        found = accessibility_faults(page)
        page.get_by_label("Postcode").fill("QQ1")
        page.get_by_role("button", name="Show").click()
        found += accessibility_faults(page)
        page.get_by_label("Postcode").fill("ZZ99 3")
        page.get_by_role("button", name="Show").click()
        page.get_by_role("link", name="Sing and play").wait_for()
        found += accessibility_faults(page)
        page.set_viewport_size({"width": 320, "height": 640})
        narrow = [width(page)]
        page.get_by_role("link", name="Sing and play").click()
        found += accessibility_faults(page)
        narrow.append(width(page))

    assert found == []
    assert narrow == [320, 320]

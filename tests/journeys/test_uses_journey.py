"""The page of the uses of one's name, as a browser shows it, and its twin that asks axe."""

from dataclasses import replace

import pytest
from playwright.sync_api import Browser, expect

from services.portal.app import create_app
from services.portal.frame.settings import PortalSettings
from tests.support.fakes.fake_uses import A_USE
from tests.support.portal.browser import a_page, accessibility_faults, follow, served, width
from tests.support.portal.portal_world import a_fake_world

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]
_NARROW = 320


def test_somebody_says_of_a_use_of_their_name_that_it_was_not_them(browser: Browser) -> None:
    """Without script, on 320 pixels (WCAG 1.4.10); axe finds no fault before it or after."""
    world = a_fake_world()
    other = replace(A_USE, id="d2" * 16, shown=0, refused=0)
    world.services.uses.uses[world.practitioner.id] = [A_USE, other]
    settings = PortalSettings("Exbury Council", "demonstration", cookie_secure=False)
    faults: list[str] = []

    with (
        served(create_app(world.services, settings)) as url,
        a_page(browser, wide=_NARROW) as page,
    ):
        page.goto(f"{url}/sign-in")
        page.check(f"input[name=person][value='{world.practitioner.id}']")
        follow(page.get_by_role("button", name="Sign in"))
        page.goto(f"{url}/where-you-are-signed-in")
        follow(page.get_by_role("link", name="Uses of your name"))
        expect(page.get_by_role("heading", level=1)).to_have_text("Uses of your name")
        faults += accessibility_faults(page)
        follow(page.get_by_role("button", name="This was not me").first)
        expect(page.get_by_text("You said that this was not you")).to_be_visible()
        faults += accessibility_faults(page)
        wide = width(page)

    assert faults == []
    assert wide == _NARROW

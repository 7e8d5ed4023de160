"""Signing in at a real server of identities, Canaille: password, one-time code, and back to us."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.own_venv import CANAILLE
from services.people.signing_in.client import OidcClient
from services.work import Outside
from tests.support.canaille.running import (
    KIND,
    PASSWORD,
    USER,
    Canaille,
    a_canaille,
    one_time_code,
)
from tests.support.people.real_door import RealDoor, a_real_door, address_of
from tests.support.portal.browser import a_page, a_port, follow

_MISSING = CANAILLE.what_is_missing()
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.browser,
    pytest.mark.enable_socket,
    pytest.mark.skipif(_MISSING is not None, reason=f"no Canaille: {_MISSING}"),
]
Place = tuple[RealDoor, Canaille]


@pytest.fixture
def place(outside: Outside, tmp_path: Path) -> Iterator[Place]:
    """Serve the portal as in production, and Canaille that knows it."""
    with ExitStack() as open_:
        listener = a_port()
        here = address_of(listener)
        canaille = open_.enter_context(a_canaille(tmp_path, here))
        client = OidcClient(canaille.providers(), public_url=here, is_demonstration=True)
        open_.callback(client.close)
        yield open_.enter_context(a_real_door(outside, client, listener)), canaille


def begin(page: Page, door: RealDoor) -> None:
    """Given somebody who wants to sign in with their organisation's account."""
    page.goto(f"{door.url}/find-a-family")
    follow(page.get_by_role("button", name="Your organisation's account"))


def say_who_they_are(page: Page, canaille: Canaille) -> None:
    """When they say there who they are."""
    page.wait_for_url(f"{canaille.issuer}/**")
    fill_in(page, "login", USER)


def fill_in(page: Page, field: str, typed: str) -> None:
    """And fill in what is asked."""
    page.locator(f"input[name={field}]").fill(typed)
    follow(page.locator("button[type=submit]"))


def test_somebody_signs_in_with_password_and_code(browser: Browser, place: Place) -> None:
    """Unknown here at first; once two have let them in, they come to where they wanted to go.

    Without script: their provider's own is not ours to ask for.
    """
    door, canaille = place
    with a_page(browser, scripted=False) as page:
        begin(page, door)
        say_who_they_are(page, canaille)
        for password in ("wrong", PASSWORD):
            fill_in(page, "password", password)
        fill_in(page, "otp", one_time_code())
        expect(page.get_by_role("heading", level=1)).to_have_text("You cannot work here yet")
        assert page.url.startswith(f"{door.url}/sign-in/back/{KIND.value}?")

        door.join(KIND, canaille.issuer)
        door.accept_conditions()
        begin(page, door)  # their provider knows them still

        expect(page.get_by_role("heading", level=1)).to_have_text("Find a family")
        follow(page.get_by_role("button", name="Sign out"))
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
        begin(page, door)
        expect(page.locator("input[name=login]")).to_be_visible()  # it no longer does

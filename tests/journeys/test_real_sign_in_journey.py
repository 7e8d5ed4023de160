"""Signing in at a real server of identities, Canaille: password, one-time code, and back to us."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text

from deploy.own_venv import CANAILLE
from services.people.practitioners.sessions import SessionLimits
from services.people.signing_in.accounts import SignIn, next_account
from services.people.signing_in.client import OidcClient
from services.platform.clock import SystemClock
from services.portal.app import create_app
from services.portal.frame.settings import PortalSettings
from services.portal.services import PortalOnDatabase
from services.work import Outside, unit_of_work
from tests.support.builders import VISITOR
from tests.support.canaille.running import KIND, PASSWORD, USER, a_canaille, one_time_code
from tests.support.consents.issuing import AN_ISSUER
from tests.support.fakes.in_process import InProcess
from tests.support.portal.browser import a_page, a_port, served
from tests.support.signing_in import id_claims

_MISSING = CANAILLE.what_is_missing()
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.browser,
    pytest.mark.enable_socket,
    pytest.mark.skipif(_MISSING is not None, reason=f"no Canaille: {_MISSING}"),
]
_LIMITS = SessionLimits(idle=timedelta(minutes=30), whole=timedelta(hours=10))


@dataclass(frozen=True, slots=True)
class Place:
    """Where the portal is, who signs in where, and the database behind it."""

    url: str
    issuer: str
    running: InProcess

    def join(self) -> None:
        """Let Vera's sign-in open the visitor's account, as if both hands had been there."""
        with unit_of_work(self.running.portal) as work:
            accounts = work.sign_in_accounts
            digest = accounts.digest(self.issuer, str(id_claims(KIND)["oid"]))
            sign_in = SignIn(KIND.value, digest)
            hands = {"asked_by": "operator:one", "warranted_by": "operator:other"}
            before = accounts.newest(VISITOR, digest)
            accounts.add(next_account(before, VISITOR, sign_in, **hands, at=work.now))
        with self.running.outside.engine.begin() as connection:
            accepted = text("INSERT INTO conditions_accepted VALUES (:who, '2026-11', now())")
            connection.execute(accepted, {"who": VISITOR})


@pytest.fixture
def place(outside: Outside, tmp_path: Path) -> Iterator[Place]:
    """Serve the portal as in production, and Canaille that knows it."""
    with ExitStack() as open_:
        listener = a_port()
        here = _address_of(listener)
        canaille = open_.enter_context(a_canaille(tmp_path, here))
        client = OidcClient(canaille.providers(), public_url=here, is_demonstration=True)
        open_.callback(client.close)
        # those who sign in are known by the clock of this machine, there and here
        now = replace(outside, clock=SystemClock())
        running = open_.enter_context(InProcess.running(now))
        portal = PortalOnDatabase(
            running.portal, demonstration=False, receipts=AN_ISSUER, sign_in=client, limits=_LIMITS
        )
        settings = PortalSettings("Exbury Council", cookie_secure=False)
        open_.enter_context(served(create_app(portal, settings), listener))
        yield Place(here, canaille.issuer, running)


def _address_of(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def begin(page: Page, place: Place) -> None:
    """Given somebody who wants to sign in with their organisation's account."""
    page.goto(f"{place.url}/find-a-family")
    page.get_by_role("button", name="Your organisation's account").click()


def say_who_they_are(page: Page, place: Place) -> None:
    """When they say there who they are."""
    page.wait_for_url(f"{place.issuer}/**")
    fill_in(page, "login", USER)


def fill_in(page: Page, field: str, typed: str) -> None:
    """And fill in what is asked."""
    page.locator(f"input[name={field}]").fill(typed)
    page.locator("button[type=submit]").click()


def test_somebody_signs_in_with_password_and_code(browser: Browser, place: Place) -> None:
    """Unknown here at first; once two have let them in, they come to where they wanted to go.

    Without script: their provider's own is not ours to ask for.
    """
    with a_page(browser, scripted=False) as page:
        begin(page, place)
        say_who_they_are(page, place)
        for password in ("wrong", PASSWORD):
            fill_in(page, "password", password)
        fill_in(page, "otp", one_time_code())
        expect(page.get_by_role("heading", level=1)).to_have_text("You cannot work here yet")
        assert page.url.startswith(f"{place.url}/sign-in/back/{KIND.value}?")

        place.join()
        begin(page, place)  # their provider knows them still

        expect(page.get_by_role("heading", level=1)).to_have_text("Find a family")
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
        begin(page, place)
        expect(page.locator("input[name=login]")).to_be_visible()  # it no longer does

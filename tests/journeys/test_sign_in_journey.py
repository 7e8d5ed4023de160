"""The journey of signing in by a provider, choosing an account, and showing anew who one is.

The provider is a page at another name of this machine: another site, so that what browsers hold a
form and a cookie to is tried as it is in earnest.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.people.practitioners.memberships import Membership
from services.people.signing_in.ports import Begun, SignedInThere
from services.people.signing_in.tokens import SignedOut
from services.people.staffing.suspending import suspend
from services.work import Outside, unit_of_work
from tests.support.builders import TEACHER, VISITOR
from tests.support.clock import StandingClock
from tests.support.fakes.fake_sign_in_client import FakeSignInClient
from tests.support.people.front_door import (
    CARD,
    TEACHING,
    VISITING,
    FrontDoor,
    a_front_door,
)
from tests.support.portal.browser import a_page, accessibility_faults, follow, served, width

pytestmark = [pytest.mark.postgres, pytest.mark.browser, pytest.mark.enable_socket]
_NARROW, _WIDE = 320, 1280
_MINUTE = timedelta(minutes=1)
AtEachPage = Callable[[Page], None]
WORDS = "Not home since noon."


class _Elsewhere(FakeSignInClient):
    """The fake providers, with their page at an address that a browser can go to."""

    url = ""

    def address_to_begin(self, begun: Begun) -> str:  # type: ignore[override]
        _, _, query = str(super().address_to_begin(begun)).partition("?")
        return f"{self.url}/authorize?{query}"

    def address_to_sign_out(self, provider: str, id_token: str) -> str | None:
        _, _, query = str(super().address_to_sign_out(provider, id_token)).partition("?")
        return f"{self.url}/sign-out?{query}"


@dataclass(slots=True)
class Place:
    """A portal and the provider that sends everybody back to it as `who`."""

    door: FrontDoor
    url: str
    who: SignedInThere


@pytest.fixture
def place(outside: Outside, clock: StandingClock, tmp_path: Path) -> Iterator[Place]:
    """Give a portal to which one sign-in has two accounts, and its provider."""
    with a_front_door(outside, clock, tmp_path) as made:
        made.client.__class__ = _Elsewhere
        settings = replace(made.settings, cookie_secure=False)
        door = replace(made, settings=settings)
        for who in (VISITOR, TEACHER):
            door.join(who)
        found = Place(door, "", door.somebody(VISITING, TEACHING))
        with served(door.app()) as url, served(_provider(found)) as there:
            found.url = url
            # Another site, not just another port, to whoever asks what SameSite means.
            door.client.url = there.replace("127.0.0.1", "localhost")  # type: ignore[attr-defined]
            yield found


def _provider(place: Place) -> FastAPI:
    """Another site: it asks nothing, and sends on by its own redirects, as providers do."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/authorize")
    def authorize(request: Request) -> Response:
        return RedirectResponse(f"/federated?{request.url.query}", 302)

    @app.get("/federated")
    def federated(request: Request) -> Response:
        now = place.door.clock.now()
        who = replace(place.who, signed_in_at=now)
        code = place.door.client.let_in(str(request.url), who)
        back = urlencode({"code": code, "state": request.query_params["state"]})
        return RedirectResponse(f"{place.url}/sign-in/back/{CARD}?{back}", 302)

    @app.get("/sign-out")
    def sign_out() -> Response:
        return RedirectResponse(f"{place.url}/sign-in", 302)

    return app


def heading(page: Page, words: str, at_each_page: AtEachPage) -> None:
    """Then this page is open."""
    expect(page.get_by_role("heading", level=1)).to_have_text(words)
    at_each_page(page)


def walk(page: Page, place: Place, at_each_page: AtEachPage) -> None:
    """Sign in, choose, accept, change, open an emergency, leave, be signed out."""
    # Given somebody with two accounts, when they sign in they choose where they work now.
    page.goto(f"{place.url}/emergency")
    heading(page, "Sign in", at_each_page)
    follow(page.get_by_role("button", name="Your organisation's account").first)
    heading(page, "Where do you work now?", at_each_page)
    page.get_by_label("Trust").check()
    follow(page.get_by_role("button", name="Go on"))
    # Then the conditions come first, and the page that they wanted after them.
    heading(page, "Conditions of use", at_each_page)
    follow(page.get_by_role("button", name="Accept and go on"))
    heading(page, "Is somebody in serious danger?", at_each_page)
    # When they typed for longer than five minutes, then they show who they are, and send it again.
    fill_in(page)
    place.door.clock.pass_by(6 * _MINUTE)
    follow(page.get_by_role("button", name="Tell them"))
    heading(page, "Show that it is you", at_each_page)
    follow(page.get_by_role("button", name="Sign in again"))
    heading(page, "Is somebody in serious danger?", at_each_page)
    expect(page.get_by_label("What you know")).to_have_value(WORDS)
    # When nobody uses it for half an hour, then what was typed is kept.
    place.door.clock.pass_by(31 * _MINUTE)
    follow(page.get_by_role("button", name="Tell them"))
    heading(page, "Your session is over", at_each_page)
    follow(page.get_by_role("button", name="Sign in"))
    follow(page.get_by_role("button", name="Your organisation's account").first)
    page.get_by_label("Trust").check()
    follow(page.get_by_role("button", name="Go on"))
    expect(page.get_by_label("What you know")).to_have_value(WORDS)
    follow(page.get_by_role("button", name="Tell them"))
    heading(page, "You cannot see this page", at_each_page)
    # When they change account, then nothing else is asked but the conditions.
    follow(page.get_by_role("link", name="Change account"))
    heading(page, "Change account", at_each_page)
    page.get_by_label("School").check()
    follow(page.get_by_role("button", name="Change account"))
    heading(page, "Conditions of use", at_each_page)
    follow(page.get_by_role("button", name="Accept and go on"))
    heading(page, "My families", at_each_page)
    follow(page.get_by_role("link", name="where you are signed in"))
    heading(page, "Where you are signed in", at_each_page)
    # When they sign out, then there too.
    follow(page.get_by_role("button", name="Sign out"))
    heading(page, "Sign in", at_each_page)


def fill_in(page: Page) -> None:
    """Write an emergency about somebody whom nobody knows."""
    page.check("input[name=reason][value=child-missing]")
    page.check("input[name=why][value=not-reached]")
    page.get_by_label("What you know").fill(WORDS)
    page.check("input[name=scheme][value=nhs-number]")
    page.fill("#identifier", "9990000042")
    for part, value in (("day", "3"), ("month", "5"), ("year", "2024")):
        page.fill(f"#date-of-birth-{part}", value)


def test_one_signs_in_changes_shows_who_one_is_and_goes(browser: Browser, place: Place) -> None:
    """Through another origin's redirects, without script; its twin has it."""
    with a_page(browser, scripted=False) as page:
        walk(page, place, lambda _: None)


def test_axe_finds_no_fault_on_the_way(browser: Browser, place: Place) -> None:
    """On 320 pixels too (WCAG 1.4.10)."""
    faults: list[str] = []

    def ask(page: Page) -> None:
        faults.extend(f"{page.title()}: {fault}" for fault in accessibility_faults(page))
        page.set_viewport_size({"width": _NARROW, "height": 640})
        if width(page) != _NARROW:
            faults.append(f"{page.title()}: wider than the screen")
        page.set_viewport_size({"width": _WIDE, "height": 640})

    with a_page(browser, wide=_WIDE) as page:
        walk(page, place, ask)
        place.who = replace(place.who, subject="nobody whom we know")
        follow(page.get_by_role("button", name="Your organisation's account").first)
        heading(page, "You cannot work here yet", ask)
        page.goto(f"{place.url}/sign-in/back/{CARD}?code=x&state=y")
        heading(page, "You are not signed in", ask)

    assert not faults, "\n".join(faults)


def test_who_is_suspended_while_signed_in_is_out(browser: Browser, place: Place) -> None:
    """At the next click; signing in again says that nothing is open, and whom to ask."""
    place.who = place.door.somebody(VISITING)
    place.door.accept_conditions(VISITOR)
    with a_page(browser) as page:
        page.goto(f"{place.url}/sign-in")
        follow(page.get_by_role("button", name="Your organisation's account").first)
        heading(page, "My families", lambda _: None)
        with unit_of_work(place.door.running.outside) as work:
            suspended = suspend(VISITOR, by="operator:one", staffing=work.staffing())
        follow(page.get_by_role("link", name="Find a family", exact=True))
        heading(page, "Sign in", lambda _: None)
        follow(page.get_by_role("button", name="Your organisation's account").first)

        heading(page, "You cannot work here yet", lambda _: None)
    assert isinstance(suspended, Membership)


def test_who_signs_out_at_the_provider_is_out_here(browser: Browser, place: Place) -> None:
    """At the next click, in the same window."""
    place.who = place.door.somebody(VISITING)
    place.door.accept_conditions(VISITOR)
    with a_page(browser) as page:
        page.goto(f"{place.url}/sign-in")
        follow(page.get_by_role("button", name="Your organisation's account").first)
        heading(page, "My families", lambda _: None)
        now = place.door.clock.now()
        told = SignedOut(place.who.issuer, "555", None, "once", now, now + 10 * _MINUTE)
        token = place.door.client.signed_out(CARD, told)
        answer = page.request.post(
            f"{place.url}/sign-in/logout/{CARD}", form={"logout_token": token}
        )
        follow(page.get_by_role("link", name="Find a family", exact=True))

        heading(page, "Sign in", lambda _: None)
    assert answer.status == 200

"""Every page that a link leads to, in every way in which somebody may have it.

In the demonstration, as everybody who can sign in there: whoever follows links comes to each page
of theirs once. deploy/tell-once test --pages walks all of them, otherwise it is the first few.
Pages that only a form leads to are in the journeys, which ask the same of them one by one.
"""

import os
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from urllib.parse import urldefrag, urlsplit

import pytest
from fastapi.routing import iter_route_contexts
from playwright.sync_api import Browser, Error, Page
from starlette.routing import compile_path

from services.portal.app import create_app
from services.portal.frame.settings import PortalSettings
from tests.journeys.decision_journey import JourneyPlace
from tests.support.fixtures.fixtures_demonstration import Demonstration
from tests.support.portal.every_way import (
    faults_every_way,
    faults_without_script,
    signed_in,
    words_of,
)
from tests.support.portal.portal_world import a_fake_world

pytestmark = [pytest.mark.postgres, pytest.mark.browser, pytest.mark.enable_socket]

_MOST = int(os.environ.get("TELL_ONCE_PAGES_WALKED", "3"))
_ALL = 1000
_HOMES = {"/", "/audit", "/who-may-be-one", "/staff", "/orders", "/families/{person}/timeline"}
"""Where each kind of work begins: a walk that does not come there has lost its way."""
# They tell two windows of one person apart, or have a number of their own each time.
_DIFFERS_BY_WINDOW = frozenset(
    {
        "/where-you-are-signed-in",
        "/who-is-signed-in",
        "/families/{person}/consent/{decision}/receipt",
        "/audit/integrity",
        "/audit/integrity/proof/{entry}",
    }
)


@dataclass(frozen=True, slots=True)
class Place:
    """Whose pages are walked, and where each of them begins."""

    url: str
    people: list[str]
    begins: tuple[str, ...]


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Place:
    """The demonstration and all who sign in there; for a few pages a family in memory."""
    if _MOST < _ALL:
        fake: JourneyPlace = request.getfixturevalue("fake_place")
        pages = ("", "/timeline", "/consent")
        begins = tuple(f"{fake.family_url}{page}" for page in pages)
        return Place(fake.portal_url, [fake.practitioner_id], begins)
    demonstration: Demonstration = request.getfixturevalue("demonstration")
    url = demonstration.url
    return Place(url, list(demonstration.people.values()), (f"{url}/",))


@cache
def _routes() -> dict[str, re.Pattern[str]]:
    """Every page that there is, by how it is addressed."""
    world = a_fake_world()
    app = create_app(world.services, PortalSettings("Exbury Council", "demonstration"))
    found = [r for r in iter_route_contexts(app.routes) if "GET" in (r.methods or ())]
    return {str(r.path): compile_path(str(r.path))[0] for r in found}


def route_of(address: str) -> str:
    """Which page it is, whosever it is; the first that answers, as in the application."""
    path = urlsplit(address).path
    return next(route for route, pattern in _routes().items() if pattern.match(path))


def links_of(page: Page, url: str) -> Iterator[str]:
    """Where its links lead, of those that are pages of ours."""
    found = page.locator("a[href]").evaluate_all(
        "all => all.filter(a => !a.hasAttribute('download')).map(a => a.href)"
    )
    for address in found:
        if address.startswith(url):
            yield urldefrag(address).url


def test_every_page_is_whole_in_every_way(browser: Browser, place: Place) -> None:
    """320 pixels, without script, in forced colours, on paper; axe has no word on any of them."""
    seen: set[str] = set()
    faults: list[str] = []
    for who in place.people:
        faults += _walked(browser, place, who, seen)

    assert not faults, "\n".join(faults)
    if _MOST >= _ALL:
        assert seen >= _HOMES
        print("no link leads to:", *sorted(_routes().keys() - seen), sep="\n  ")  # noqa: T201


def _walked(browser: Browser, place: Place, who: str, seen: set[str]) -> Iterator[str]:
    url = place.url
    with (
        closing(signed_in(browser, url, who, scripted=True)) as with_script,
        closing(signed_in(browser, url, who, scripted=False)) as without,
    ):
        page, bare = with_script.pages[0], without.pages[0]
        waiting, been = list(place.begins), set[str]()
        while waiting and len(seen) < _MOST:
            address = waiting.pop(0)
            route = route_of(address)
            if route in been:
                continue
            been.add(route)
            if not _is_page(page, address):
                continue
            waiting += links_of(page, url)
            if route not in seen:  # who came here first was asked for everybody
                seen.add(route)
                yield from (f"{route}: {fault}" for fault in _faults(page, bare))


def _is_page(page: Page, address: str) -> bool:
    """Go there; a file is not one, and does not open."""
    try:
        answer = page.goto(address)
    except Error as error:
        if "Download is starting" not in error.message:
            raise
        return False
    assert answer is not None
    return answer.headers["content-type"].startswith("text/html")


def _faults(page: Page, bare: Page) -> Iterator[str]:
    words = words_of(page)
    yield from faults_every_way(page)
    bare.goto(page.url)
    is_alike = route_of(page.url) not in _DIFFERS_BY_WINDOW
    yield from faults_without_script(bare, words if is_alike else words_of(bare))

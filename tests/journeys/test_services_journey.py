"""The journey of a worker with a mother: they find a service, ask it, hear back, and stop it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from services.interfaces.connections.life import ConnectionChange
from services.portal.app import create_app
from services.portal.frame.settings import PortalSettings
from services.portal.services import PortalOnDatabase
from services.work import Outside, unit_of_work
from tests.support.builders import VISITOR
from tests.support.clock import StandingClock
from tests.support.consents.issuing import AN_ISSUER
from tests.support.people.connecting_world import ConnectingWorld
from tests.support.people.presence_world import PresenceWorld, presences_running
from tests.support.portal.browser import a_page, accessibility_faults, follow, served, width

pytestmark = [pytest.mark.postgres, pytest.mark.browser, pytest.mark.enable_socket]
_PHONE, _NARROW = 390, 320


@pytest.fixture
def world(outside: Outside, clock: StandingClock) -> Iterator[ConnectingWorld]:
    """Give a mother who is with the worker, and a service to ask."""
    with presences_running(outside) as running:
        found = ConnectingWorld.of(PresenceWorld.among(running, clock))
        found.mother_is_here()
        yield found


def the_request(world: ConnectingWorld) -> str:
    with unit_of_work(world.world.running.portal) as work:
        return world.connecting(work).rows.about([world.world.mother])[0].id


def test_worker_asks_a_service_with_a_mother(browser: Browser, world: ConnectingWorld) -> None:
    """At 390 pixels and at 320 (WCAG 1.4.10), without a fault that axe finds."""
    faults: list[str] = []

    def ask(page: Page, heading: str) -> None:
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        faults.extend(f"{heading}: {fault}" for fault in accessibility_faults(page))
        page.set_viewport_size({"width": _NARROW, "height": 640})
        if width(page) != _NARROW:
            faults.append(f"{heading}: wider than the screen")
        page.set_viewport_size({"width": _PHONE, "height": 844})

    services = PortalOnDatabase(world.world.running.portal, demonstration=True, receipts=AN_ISSUER)
    settings = PortalSettings("Exbury Council", "demonstration", cookie_secure=False)
    secret = services.sign_in(VISITOR)
    assert secret is not None
    with served(create_app(services, settings)) as url, a_page(browser, wide=_PHONE) as page:
        page.context.add_cookies([{"name": "tell-once", "value": secret, "url": url}])
        page.goto(f"{url}/families/{world.world.mother}/services")
        ask(page, "Services asked")
        follow(page.get_by_role("button", name="Find a service"))
        ask(page, "Find a service")
        page.goto(f"{url}/ask-a-service/{world.service}")
        ask(page, "For which family do you ask Feeding friends?")
        page.goto(f"{url}/families/{world.world.mother}/services/ask/{world.service}")
        ask(page, "Ask Feeding friends")
        follow(page.get_by_role("button", name="Read it aloud together"))
        ask(page, "Ask Feeding friends")
        expect(page.get_by_text("There is a problem")).to_be_visible()
        page.locator("input[name=whom]").first.check()
        page.get_by_label("Name of the one whom they would ring").fill("Eva")
        page.get_by_label("Telephone number").fill("07700 900417")
        page.get_by_label("What they want help with, in their words").fill("Mornings are hard.")
        page.get_by_label("They and I, nobody else").check()
        follow(page.get_by_role("button", name="Read it aloud together"))
        ask(page, "Read this aloud together")
        follow(page.get_by_role("button", name="They agree: send"))
        ask(page, "Feeding friends")
        expect(page.get_by_text("Waits for an answer")).to_be_visible()
        world.answer(the_request(world), ConnectionChange.ACCEPT)
        page.reload()
        expect(page.get_by_text("Said yes", exact=True)).to_be_visible()
        follow(page.get_by_role("button", name="Stop this for the family"))
        ask(page, "Feeding friends")
        expect(page.get_by_text("Stopped by the family", exact=True)).to_be_visible()
        assert world.shown(the_request(world)) is None
        page.goto(f"{url}/services-asked")
        ask(page, "Services you asked")

    assert not faults, "\n".join(faults)

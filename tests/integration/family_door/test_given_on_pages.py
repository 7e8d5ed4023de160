"""A worker gives somebody a page of their own, and turns it off: one answer, whatever is held."""

import pytest

from consent.ledger.events import LedgerEvent
from services.portal.app import create_app
from services.portal.frame.settings import PortalSettings
from services.portal.services import PortalOnDatabase
from tests.support.builders import VISITOR
from tests.support.consents.issuing import AN_ISSUER
from tests.support.people.door_world import MOTHERS_DAY, DoorWorld
from tests.support.portal.pages import PageClient

pytestmark = pytest.mark.postgres
AT = "https://families.exbury.example"
SAFE = {"shared": "no", "send": "yes", "made": "no"}


def a_worker(door: DoorWorld, family_page_at: str = AT) -> PageClient:
    """The browser of who meets the mother."""
    services = PortalOnDatabase(door.world.running.portal, demonstration=True, receipts=AN_ISSUER)
    settings = PortalSettings("Exbury", "demonstration", family_page_at=family_page_at)
    client = PageClient(create_app(services, settings), "https://testserver")
    client.sign_in(VISITOR)
    return client


def test_worker_asks_what_is_safe_gives_the_page_and_turns_it_off(door: DoorWorld):
    """She signs in while they are together; the worker never sees by which number."""
    client, ways = a_worker(door), f"/here/{door.confirmed()}"
    link = client.get(ways).links["Give them a page of their own, or turn it off"]

    missing = client.send(link, link, {})
    unsafe = client.send(link, link, {**SAFE, "made": "not-sure"}, status=200)
    given = client.send(link, link, SAFE, status=200)
    mother = door.client()
    door.sign_in_at(mother, door.world.mobile.value, MOTHERS_DAY)
    off = client.send(link, link, {"act": "off"}, status=200)

    assert len(missing.errors) == 3
    assert unsafe.heading == "No page for now"
    assert given.heading == "They can sign in now"
    assert AT in given.text
    digits = door.world.mobile.value[-6:]
    assert not [p for p in (given, off, unsafe) if digits in p.response.text]
    assert off.heading == "Their page is off"
    assert mother.http.get("/home").status_code == 303
    refused = door.entries(LedgerEvent.FAMILY_ACCESS_REFUSED)
    assert [e.fields["because"] for e in refused] == ["is-not-safe"]


def test_nothing_held_to_sign_in_with_is_told_as_if_there_were(door: DoorWorld):
    """The same words for a protected person, and for a number that both parents share."""
    client = a_worker(door)
    pages = []
    for spoil in (lambda: None, lambda: door.world.running.restrict(door.world.mother)):
        link = f"/here/{door.confirmed()}/own-page"
        spoil()
        pages.append(client.send(link, link, SAFE, status=200).text)

    assert pages[0] == pages[1]


def test_where_families_have_no_pages_nobody_is_offered_one(door: DoorWorld):
    """Nor before somebody else said that it is them."""
    off, on = a_worker(door, ""), a_worker(door)
    presence, unconfirmed = door.confirmed(), door.world.begin().id

    assert "page of their own" not in off.get(f"/here/{presence}").text
    closed = [
        client.http.get(f"/here/{visit}/own-page")
        for client, visit in ((off, presence), (on, unconfirmed), (on, "f" * 32))
    ]
    assert len({(page.status_code, page.headers.get("location")) for page in closed}) == 1
    assert not [page for page in closed if "safe to send" in page.text]

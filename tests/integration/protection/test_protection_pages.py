"""The page of protection: a school and a health visitor by browser, governance beside them."""

from collections.abc import Callable

import pytest
from sqlalchemy import text

from consent.decisions.restrictions import Change
from consent.ledger.events import LedgerEvent
from consent.model import RestrictionScope
from schemas.identifiers import PersonId, PractitionerId
from services.decisions.protection.changing import KIND
from services.decisions.protection.excluding import MANY
from services.portal.app import create_app
from services.portal.frame.settings import PortalSettings
from services.portal.services import PortalOnDatabase
from tests.support.builders import TEACHER, VISITOR
from tests.support.consents.issuing import AN_ISSUER
from tests.support.people.joined import ERASE
from tests.support.people.protecting import (
    GOVERNANCE,
    HOLDERS,
    NAMES,
    STRANGER,
    WORKER,
    Protecting,
)
from tests.support.portal.pages import PageClient

pytestmark = pytest.mark.postgres
Browser = Callable[[PractitionerId], PageClient]


@pytest.fixture
def browser(protecting: Protecting) -> Browser:
    """Sign somebody in."""
    portal = protecting.running.portal
    services = PortalOnDatabase(portal, demonstration=True, receipts=AN_ISSUER)
    app = create_app(services, PortalSettings("Exbury Council", "demonstration"))

    def signed_in(who: PractitionerId) -> PageClient:
        client = PageClient(app, "https://testserver")
        client.sign_in(who)
        return client

    return signed_in


def _page(child: PersonId) -> str:
    return f"/families/{child}/protection"


def test_who_works_with_a_child_protects_it_and_sees_that_it_waits(
    protecting: Protecting, browser: Browser
):
    """At once; and the page of consent leads there."""
    child, visitor = protecting.child, browser(VISITOR)
    here = _page(child)

    links = visitor.get(f"/families/{child}/consent").links
    page = visitor.send_and_follow(here, f"{here}/place", {"scope": "location"})

    stands = protecting.stands()
    assert links["Protect this person, or where they are"] == here
    assert stands is not None
    assert (stands.allowed, stands.scope) == (HOLDERS, RestrictionScope.LOCATION)
    assert "It waits for two people" in page.text


def test_what_is_not_chosen_is_said(protecting: Protecting, browser: Browser):
    """And nothing is placed."""
    here = _page(protecting.child)

    page = browser(VISITOR).send(here, f"{here}/place", {})

    assert page.errors == ["Select what to protect"]
    assert protecting.stands() is None


def test_it_is_lifted_once_asked_safely_and_confirmed_by_governance(
    protecting: Protecting, browser: Browser
):
    """A colleague of another agency is not the hand that it takes."""
    placed, here = protecting.placed(), _page(protecting.child)
    visitor, ask = browser(VISITOR), f"{here}/ask"
    lift = {"restriction": placed.id, "change": "lift"}

    not_asked = visitor.send(here, ask, lift)
    visitor.send_and_follow(here, ask, {**lift, "asked-safely": "yes"})
    with protecting.work() as work:
        (order,) = work.orders.of_kinds(KIND)
    told = browser(TEACHER).get(here)
    by_teacher = browser(TEACHER).send(
        here, f"{here}/answer", {"order": order.id, "answer": "confirm"}
    )
    protecting.confirm(order, GOVERNANCE)

    assert not_asked.errors == [
        "Ask the protected person first, where nobody can listen or press them"
    ]
    assert "Somebody has asked to lift it" in told.text
    assert by_teacher.errors == ["It takes information governance and somebody of another agency"]
    assert protecting.stands() is None


def test_what_governance_asked_for_is_confirmed_on_the_page(
    protecting: Protecting, browser: Browser
):
    """By somebody of another agency whom it lets in; then it lasts."""
    placed, here = protecting.placed(), _page(protecting.child)
    order = protecting.ask(placed, GOVERNANCE, Change(HOLDERS, placed.scope))

    page = browser(TEACHER).send_and_follow(
        here, f"{here}/answer", {"order": getattr(order, "id", ""), "answer": "confirm"}
    )

    stands = protecting.stands()
    assert stands is not None
    assert not stands.is_provisional
    assert "It waits for two people" not in page.text


def test_a_stranger_finds_no_page(protecting: Protecting, browser: Browser):
    """Whether or not anything protects the child."""
    before = browser(STRANGER).get(_page(protecting.child), status=403)
    protecting.placed()

    assert browser(STRANGER).get(_page(protecting.child), status=403).heading == before.heading


def test_governance_confirms_a_restriction_and_an_end_on_the_page_of_what_waits(
    protecting: Protecting, browser: Browser
):
    """Whom it lets in, by name, and whom the family named; a lead of nobody's finds neither."""
    placed = protecting.placed()
    lasting = protecting.ask(placed, VISITOR, Change(HOLDERS, placed.scope))
    governance = browser(GOVERNANCE)
    here = f"/orders/{getattr(lasting, 'id', '')}"

    asked = governance.get(here)
    told = governance.send_and_follow(here, here, {"answer": "confirm"})
    protecting.name(WORKER)
    (named,) = protecting.exclusions()
    end = protecting.ask_end(named, VISITOR)
    there = f"/orders/{getattr(end, 'id', '')}"
    ending = governance.get(there)
    refused = governance.send(there, there, {"answer": "confirm"})

    assert all(NAMES[one] in asked.text for one in HOLDERS)
    assert "Let a restriction last" in asked.heading
    assert "Confirmed by Gil Marsh" in told.text
    stands = protecting.stands()
    assert stands is not None
    assert not stands.is_provisional
    assert NAMES[WORKER] in ending.text
    looks = protecting.running.ledger(LedgerEvent.RESTRICTIONS_LISTED)
    assert [look.actor for look in looks] == [f"practitioner:{GOVERNANCE}"] * 3
    assert refused.errors == ["Somebody who is not of the worker’s agency has to confirm it"]
    assert len(protecting.exclusions()) == 1


def test_an_end_is_confirmed_by_somebody_who_is_there(protecting: Protecting, browser: Browser):
    """A browser that was left open lets no worker in whom a family shut out."""
    protecting.name(WORKER)
    (named,) = protecting.exclusions()
    there = f"/orders/{getattr(protecting.ask_end(named, VISITOR), 'id', '')}"
    governance = browser(GOVERNANCE)
    with protecting.running.outside.engine.begin() as connection:
        connection.execute(
            text("UPDATE session SET authenticated_at = authenticated_at - interval '6 minutes'")
        )

    asked = governance.send(there, there, {"answer": "confirm"}, 403)

    assert asked.heading == "Show that it is you"
    assert len(protecting.exclusions()) == 1


def test_a_fourth_name_waits_on_the_page_until_there_is_nobody_whom_it_is_about(
    protecting: Protecting, browser: Browser
):
    """Whoever was erased meanwhile is in nobody's list, and breaks none."""
    for name in ("One Here", "Two Here", "Three Here", NAMES[WORKER]):
        protecting.name(name, STRANGER)
    with protecting.work() as work:
        (order,) = work.orders.of_kinds(MANY)
    governance, here = browser(GOVERNANCE), f"/orders/{order.id}"

    page, listed = governance.get(here), governance.get("/orders")
    with protecting.running.outside.engine.begin() as connection:
        connection.execute(text(ERASE), {"person": protecting.child})
    after = governance.get("/orders")
    gone = governance.get(here, status=404)

    assert NAMES[WORKER] in page.text
    assert any(link.startswith("A worker whom a family named") for link in listed.links)
    assert "Nothing waits" in after.text
    assert gone.heading == "Page not found"

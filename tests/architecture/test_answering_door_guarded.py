"""No page of those who answer without a guard, no form of theirs without a check."""

from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts

from services.interfaces.answering.door.app import create_answering_app
from services.interfaces.answering.door.frame import anybody, came_in, checked_answer
from services.interfaces.answering.door.services import AnsweringOnDatabase
from services.interfaces.answering.links.ports import AnsweringPlace
from tests.architecture.test_family_door_guarded import the_door
from tests.architecture.test_routes_guarded import the_portal

OPEN = {
    *("/answer/{link}", "/answer/{link}/code", "/still-right/{link}"),
    *("/code", "/assets/{digest}/{name}"),
}
FEWEST_ROUTES = 16


def the_answering() -> FastAPI:
    services = AnsweringOnDatabase.__new__(AnsweringOnDatabase)
    return create_answering_app(services, AnsweringPlace("Exbury Family Hub", "https://a.example"))


def contexts(app: FastAPI) -> list[RouteContext]:
    """Every route of ours, also those of included routers."""
    return list(iter_route_contexts(app.routes))


def calls(context: RouteContext) -> Iterator[object]:
    """Everything a route depends on, however deep."""
    dependant = getattr(context, "dependant", None)
    waiting = list(dependant.dependencies) if isinstance(dependant, Dependant) else []
    while waiting:
        one = waiting.pop()
        waiting += one.dependencies
        yield one.call


def test_every_page_but_the_first_ones_is_for_who_came_in():
    """What is open tells nothing of any request."""
    found = contexts(the_answering())

    assert len(found) >= FEWEST_ROUTES
    assert {c.path for c in found if came_in not in calls(c)} == OPEN
    assert all(anybody in calls(c) for c in found if c.path in OPEN)


def test_every_form_of_who_came_in_is_checked():
    """Each POST but those by which one comes in."""
    posts = [c for c in contexts(the_answering()) if "POST" in (c.methods or ())]

    unchecked = {c.path for c in posts if checked_answer not in calls(c)}
    assert unchecked == {"/answer/{link}/code", "/code"}


def test_no_other_door_opens_with_the_same_secret():
    """Other cookies than the portal's and the family's."""
    answering, door = the_answering().state.answering_pages, the_door().state.family_pages
    portal = the_portal().state.portal
    theirs = {door.session.name, door.browser.name, portal.cookie.name, portal.browser.name}

    assert theirs.isdisjoint({answering.session.name, answering.browser.name})


def test_a_family_and_what_it_needs_are_in_no_address():
    """Short words, and a link that is random."""
    words = {word for c in contexts(the_answering()) for word in (c.path or "").split("/")}

    assert not words & {"family", "child", "person", "need", "connection", "connections"}

"""No page of the family's own door without a guard, no form of theirs without a check."""

from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts

from services.interfaces.family_door.app import create_family_app
from services.interfaces.family_door.frame import (
    FamilyDoorSettings,
    checked_form,
    open_to_all,
    signed_in,
)
from services.interfaces.family_door.services import FamilyDoorOnDatabase
from tests.architecture.test_routes_guarded import the_portal

BY_PROVIDER = {"/sign-in/{provider}", "/back/{provider}", "/signed-out/{provider}"}
FIRST = {"/", "/sign-in", "/code", "/leave", "/safety", "/language", "/assets/{digest}/{name}"}
OPEN = FIRST | BY_PROVIDER
DATA = {"/families/me/looks", "/families/me/looks/period"}
"""Of oneself alone: no address of anybody's records, which are the portal's."""
FEWEST_ROUTES = 40


def the_door() -> FastAPI:
    services = FamilyDoorOnDatabase.__new__(FamilyDoorOnDatabase)
    return create_family_app(services, FamilyDoorSettings("Exbury Family Hub"))


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


def test_every_page_but_the_first_ones_is_for_who_is_signed_in():
    """What is open tells nothing of anybody."""
    found = contexts(the_door())
    opened = {c.path for c in found if signed_in not in calls(c)}

    assert len(found) >= FEWEST_ROUTES
    assert opened == OPEN
    assert all(open_to_all in calls(c) for c in found if c.path in OPEN)


def test_every_form_of_who_is_signed_in_is_checked():
    """Each POST but those by which one comes in, and the choice of a language."""
    posts = [c for c in contexts(the_door()) if "POST" in (c.methods or ())]

    coming_in = {"/sign-in", "/code", "/sign-in/{provider}", "/signed-out/{provider}", "/language"}
    assert {c.path for c in posts if checked_form not in calls(c)} == coming_in


def test_neither_door_opens_the_other_s_pages():
    """One secret is worth nothing at the other: other cookies, and no page in common but these."""
    theirs = {c.path for c in contexts(the_door())}
    portals = {c.path for c in contexts(the_portal())}
    door, portal = the_door().state.family_pages, the_portal().state.portal

    assert theirs & portals <= {"/", "/sign-in", "/sign-out", "/assets/{digest}/{name}"}
    assert door.session.name not in {portal.cookie.name, portal.browser.name}
    assert {path for path in theirs if (path or "").startswith("/families")} == DATA


def test_addresses_tell_nothing():
    """Short words and opaque ids; nobody's name, nor what the pages are about."""
    for context in contexts(the_door()):
        path = context.path or ""
        assert path == path.lower()
        assert not {"family", "child", "consent", "abuse", "safe-from"} & set(path.split("/"))

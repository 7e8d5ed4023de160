"""No page without a permission, no form without a check."""

from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRouter, RouteContext, iter_route_contexts

from services.people.practitioners.permissions import Permission
from services.portal.app import create_app
from services.portal.frame.guard import FormCheck, FreshSignIn, Guard, guarded_router
from services.portal.frame.settings import PortalSettings
from tests.support.fakes.fake_portal_services import FakePortalServices

FEWEST_ROUTES = 40
WITHOUT_SESSION = {
    "/sign-in",
    "/sign-in/begin",
    "/sign-in/back/{provider}",
    "/sign-in/account",
    "/sign-in/logout/{provider}",
    "/assets/{digest}/{name}",
}
# Nobody is signed in yet: what comes back is bound to the browser, the choice has a token of the
# browser's own, and a provider's server has signed what it says.
WITHOUT_FORM_CHECK = {
    "/sign-in",
    "/sign-in/begin",
    "/sign-in/account",
    "/sign-in/logout/{provider}",
}
# What opens before the conditions of use are accepted.
FRESH = {
    "/audit/exports/new",
    "/emergency",
    "/colleagues/emergency/{asked}",
    *(f"/families/{{person}}/protection/{act}" for act in ("place", "ask", "answer")),
    "/families/{person}/own-pages",
}
BEFORE_CONDITIONS = {"/sign-out", "/conditions-of-use", "/sign-in-again"}


def the_portal() -> FastAPI:
    return create_app(FakePortalServices(), PortalSettings("Exbury Council", "demonstration"))


def contexts(app: FastAPI) -> Iterator[RouteContext]:
    """Every route, also those of included routers, which app.routes hides."""
    return iter_route_contexts(app.routes)


def calls(context: RouteContext) -> list[object]:
    """Everything the route depends on directly, in the order it is asked."""
    dependant = getattr(context, "dependant", None)
    return [d.call for d in dependant.dependencies] if isinstance(dependant, Dependant) else []


def permission_of(context: RouteContext) -> Permission | None:
    """What the first dependency guards with; nothing may be asked before the guard."""
    first = next(iter(calls(context)), None)
    return first.permission if isinstance(first, Guard) else None


def unguarded(app: FastAPI) -> list[str]:
    return [f"{sorted(c.methods or ())} {c.path}" for c in contexts(app) if not permission_of(c)]


def test_every_route_names_its_permission() -> None:
    """Make the router with guarded_router(Permission…), not with APIRouter()."""
    assert unguarded(the_portal()) == []


def test_the_walk_sees_every_route() -> None:
    """A walk that finds too few would pass on anything."""
    assert len(list(contexts(the_portal()))) >= FEWEST_ROUTES


def test_the_walk_catches_a_bare_route() -> None:
    """On the application, on an included router, and behind another dependency."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    bare, guarded = APIRouter(), guarded_router(Permission.SIGNED_IN)
    for router in (bare, guarded):
        router.add_api_route(f"/{'bare' if router is bare else 'guarded'}", lambda: None)
        app.include_router(router)
    app.add_api_route("/direct", lambda: None)
    app.mount("/mounted", FastAPI())

    assert unguarded(app) == ["['GET'] /bare", "['GET'] /direct", "[] /mounted"]


def test_only_sign_in_and_assets_are_open() -> None:
    """Whatever else is open to anyone is a mistake."""
    opened = {c.path for c in contexts(the_portal()) if permission_of(c) is Permission.ANYONE}

    assert opened == WITHOUT_SESSION


def test_every_form_of_a_signed_in_person_is_checked() -> None:
    """Each POST but sign-in depends on a FormCheck."""
    posts = [c for c in contexts(the_portal()) if "POST" in (c.methods or ())]

    unchecked = [c.path for c in posts if not any(isinstance(call, FormCheck) for call in calls(c))]

    assert len(posts) >= 12
    assert set(unchecked) == WITHOUT_FORM_CHECK


def test_nothing_else_opens_before_the_conditions_of_use() -> None:
    """Signing out, reading and accepting them, and showing who one is."""
    guards = [(c.path, next(iter(calls(c)), None)) for c in contexts(the_portal())]

    opened = {
        path for path, guard in guards if isinstance(guard, Guard) and guard.is_before_conditions
    }

    assert opened == BEFORE_CONDITIONS


def test_what_asks_for_a_fresh_sign_in() -> None:
    """Emergency and protection ask for it, after the form is known to be this session's own."""
    asked = {
        c.path: [type(call) for call in calls(c)]
        for c in contexts(the_portal())
        if any(isinstance(call, FreshSignIn) for call in calls(c))
    }

    assert set(asked) == FRESH
    for order in asked.values():
        assert order.index(FormCheck) < order.index(FreshSignIn)


def test_every_family_page_asks_for_the_right_to_open_records() -> None:
    """Being signed in is not enough for anything under /families."""
    family = [c for c in contexts(the_portal()) if (c.path or "").startswith("/families")]

    assert {permission_of(c) for c in family} == {Permission.FAMILY_RECORDS}


def test_every_page_about_who_is_who_asks_for_a_data_steward() -> None:
    """Being signed in, or working with families, is not enough."""
    pages = [c for c in contexts(the_portal()) if (c.path or "").startswith("/who-may-be-one")]

    assert len(pages) >= 7
    assert {permission_of(c) for c in pages} == {Permission.WHO_IS_WHO}


def test_addresses_are_lower_case_and_kebab() -> None:
    """As people read them to each other."""
    for context in contexts(the_portal()):
        path = context.path or ""
        assert path == path.lower()
        assert "_" not in path

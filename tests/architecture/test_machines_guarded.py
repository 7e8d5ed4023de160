"""No interface for machines without a scope, and none that pages' middleware can see."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts
from starlette.testclient import TestClient

from services.interfaces.families.app import FAMILY_PATH, create_families_app
from services.interfaces.partners.app import create_partners_app
from services.interfaces.partners.calling import (
    BodyUpTo,
    GuardedWhereItReads,
    ScopeGuard,
    get_work,
    scoped_router,
)
from services.interfaces.partners.edge import PartnerSettings
from services.interfaces.partners.errors import NotAuthenticatedError
from services.interfaces.partners.ports import Scope
from services.platform.web import ByPath
from services.portal.app import create_app
from services.portal.frame.settings import PortalSettings
from tests.support.fakes.fake_partner_work import FakePartners
from tests.support.fakes.fake_portal_services import FakePortalServices
from tests.support.partners import PUBLIC_URL

OPEN = {
    "/oauth/token",
    "/.well-known/oauth-authorization-server",
    "/partners/v1/openapi.json",
}
FEWEST_ROUTES = 5


def the_interfaces() -> FastAPI:
    return create_partners_app(FakePartners().open_work, PartnerSettings(PUBLIC_URL))


def the_families() -> FastAPI:
    nobody: Any = _LetsNobodyIn()
    return create_families_app(nobody)


class _LetsNobodyIn:
    """Families of which none is read: whoever asks has no token that holds."""

    def read(self, *_: object) -> None:
        raise NotAuthenticatedError("nobody")


def calls(context: RouteContext) -> list[object]:
    """Everything the route depends on directly, in the order it is asked."""
    dependant = getattr(context, "dependant", None)
    return [d.call for d in dependant.dependencies] if isinstance(dependant, Dependant) else []


def every_call(context: RouteContext) -> Iterator[object]:
    """The same however deep, in the order it is asked."""
    waiting = [getattr(context, "dependant", None)]
    while waiting:
        dependant = waiting.pop(0)
        if isinstance(dependant, Dependant):
            yield from every_call_of(dependant)


def every_call_of(dependant: Dependant) -> Iterator[object]:
    for inner in dependant.dependencies:
        yield from every_call_of(inner)
        yield inner.call


def unguarded(app: FastAPI) -> set[str]:
    """The paths of routes whose first dependency is no guard."""
    return {
        str(context.path)
        for context in iter_route_contexts(app.routes)
        if not isinstance(next(iter(calls(context)), None), ScopeGuard)
    }


def test_every_route_asks_for_a_scope_before_anything_else():
    """Make the router with scoped_router(Scope…), not with APIRouter()."""
    assert unguarded(the_interfaces()) == OPEN
    assert len(list(iter_route_contexts(the_interfaces().routes))) >= FEWEST_ROUTES
    assert unguarded(the_families()) == set()
    assert len(list(iter_route_contexts(the_families().routes))) >= 1


def test_nothing_but_reading_a_family_lets_its_caller_in_where_it_reads():
    """Such a guard asks for nothing by itself: whoever adds a route tests that it asks."""
    apps = (the_interfaces(), the_families())
    contexts = [context for app in apps for context in iter_route_contexts(app.routes)]

    later = {context.path for context in contexts if _is_later(context)}

    assert later == {FAMILY_PATH}


def _is_later(context: RouteContext) -> bool:
    return any(isinstance(call, GuardedWhereItReads) for call in every_call(context))


def test_the_walk_catches_a_bare_route():
    """On the application, on an included router, and behind another dependency."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    bare, guarded = APIRouter(), scoped_router(Scope.DISPOSITIONS_READ)
    for router in (bare, guarded):
        router.add_api_route(f"/{'bare' if router is bare else 'guarded'}", lambda: None)
        app.include_router(router)

    assert unguarded(app) == {"/bare"}


def test_no_transaction_waits_for_a_body():
    """The body is read before the transaction opens: name it first."""
    for context in iter_route_contexts(the_interfaces().routes):
        order = list(every_call(context))
        bodies = [n for n, call in enumerate(order) if isinstance(call, BodyUpTo)]
        works = [n for n, call in enumerate(order) if call is get_work]

        assert all(body < work for body in bodies for work in works), context.path


@pytest.fixture
def both() -> TestClient:
    """Give pages and machines on one port."""
    pages = create_app(FakePortalServices(), PortalSettings("Exbury Council", "demonstration"))
    partners = the_interfaces()
    app = ByPath({"/oauth/": partners, "/partners/": partners}, others=pages)
    return TestClient(app, follow_redirects=False, raise_server_exceptions=False)


def test_pages_and_machines_answer_in_their_own_ways(both: TestClient):
    """A machine is never sent to sign in, and a person never sees a problem in JSON."""
    machine, page = both.get("/partners/v1/dispositions"), both.get("/")
    lost_machine, lost_page = both.get("/partners/nothing"), both.get("/nothing")

    assert (machine.status_code, page.status_code) == (401, 303)
    assert machine.headers["content-type"] == "application/problem+json"
    assert "content-security-policy" not in machine.headers
    assert "content-security-policy" in page.headers
    assert lost_machine.headers["content-type"] == "application/problem+json"
    assert lost_page.headers["content-type"].startswith("text/html")


def test_a_form_of_another_site_is_the_pages_business_alone(both: TestClient):
    """A partner's sender has no browser to be misled."""
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"}

    machine = both.post("/oauth/token", data={"grant_type": "x"}, headers=headers)
    page = both.post("/sign-in", data={"person": "x"}, headers=headers)

    assert machine.json()["error"] == "unsupported_grant_type"
    assert page.status_code == 403

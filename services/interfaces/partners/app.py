"""The interfaces for partner systems as an application of its own."""

from fastapi import FastAPI
from starlette.middleware import Middleware

from services.interfaces.partners.described import routes as described
from services.interfaces.partners.edge import (
    AnswerHeaders,
    Machine,
    PartnerSettings,
    last_resort,
    text_only,
)
from services.interfaces.partners.oauth import routes as oauth
from services.interfaces.partners.ports import OpenWork
from services.interfaces.partners.problem_details import add_problems
from services.interfaces.partners.push import routes as push
from services.interfaces.partners.push import routes_checks, routes_lists
from services.interfaces.partners.push.answers import routes as answers
from services.interfaces.partners.push.answers.answering import SystemRequests
from services.people.signing_in.demonstration import ReadBrought, read_none
from services.platform.ticks import RefusalsAtTick

_ROUTERS = (
    described.router,
    oauth.router,
    push.events_router,
    push.children_router,
    routes_checks.checks_router,
    routes_lists.router,
    answers.router,
)


def create_partners_app(
    open_work: OpenWork,
    settings: PartnerSettings,
    read_brought: ReadBrought = read_none,
    requests: SystemRequests | None = None,
) -> FastAPI:
    """Make the interfaces over what opens transactions and what reads practitioners' tokens.

    `requests` is what requests to services in the community are reached by, if they are served.
    """
    app = FastAPI(
        title="Tell Once for partner systems",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        middleware=[
            Middleware(RefusalsAtTick),
            Middleware(AnswerHeaders),
            last_resort(),
            text_only(),
        ],
    )
    app.state.machine = Machine(open_work, settings, read_brought, requests)
    for router in _ROUTERS:
        app.include_router(router)
    add_problems(app)
    return app

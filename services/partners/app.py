"""The interfaces for partner systems as an application of its own."""

from fastapi import FastAPI
from starlette.middleware import Middleware

from services.partners.answer_headers import AnswerHeaders
from services.partners.last_resort import last_resort
from services.partners.machine import Machine
from services.partners.ports import OpenWork
from services.partners.problem_details import add_problems
from services.partners.routes import (
    authorization_server,
    dispositions,
    push_children,
    push_events,
    resend,
    token,
)
from services.partners.settings import PartnerSettings

_ROUTES = (authorization_server, token, push_events, push_children, dispositions, resend)


def create_partners_app(open_work: OpenWork, settings: PartnerSettings) -> FastAPI:
    """Make the interfaces over whatever opens transactions."""
    app = FastAPI(
        title="Tell Once for partner systems",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        middleware=[Middleware(AnswerHeaders), last_resort()],
    )
    app.state.machine = Machine(open_work, settings)
    for route in _ROUTES:
        app.include_router(route.router)
    add_problems(app)
    return app

"""Families for partners' own screens, as an application of its own."""

from fastapi import FastAPI
from starlette.middleware import Middleware

from services.families.ports import OpenFamilies
from services.families.routes import family
from services.partners.answer_headers import AnswerHeaders
from services.partners.last_resort import last_resort
from services.partners.machine import Machine
from services.partners.ports import OpenWork
from services.partners.problem_details import add_problems
from services.partners.settings import PartnerSettings


def create_families_app(
    open_families: OpenFamilies, *, open_work: OpenWork, settings: PartnerSettings
) -> FastAPI:
    """Make the interface: `open_work` lets callers in, `open_families` reads for them."""
    app = FastAPI(
        title="Tell Once families",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        middleware=[Middleware(AnswerHeaders), last_resort()],
    )
    app.state.machine = Machine(open_work, settings)
    app.state.open_families = open_families
    app.include_router(family.router)
    add_problems(app)
    return app

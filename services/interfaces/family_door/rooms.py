"""The routes of the door's rooms; and of choosing a language, without script.

A language is kept by this browser until it is closed, and by nobody else.
"""

import re

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.interfaces.family_door import pages
from services.interfaces.family_door.agreeing import pages as pages_asked
from services.interfaces.family_door.agreeing import pages_change, pages_new
from services.interfaces.family_door.frame import FamilyForm, open_router, pages_of, to
from services.interfaces.family_door.getting_in import (
    pages_back,
    pages_contact,
    pages_in,
    pages_let_see,
)
from services.interfaces.family_door.keeping import pages_copy, pages_reach
from services.interfaces.family_door.languages.speaking import COOKIE
from services.interfaces.family_door.looking import data
from services.interfaces.family_door.looking import pages as pages_looked
from services.interfaces.family_door.telling import pages_right, pages_story
from services.portal.decisions.receipts.languages import Language

router = open_router()
_OURS = re.compile(r"^(/[a-z0-9-]{1,80}){0,5}/?$")


@router.post("/language")
def choose_language(request: Request, form: FamilyForm) -> Response:
    """Go on in that language, on the same page; in English, where it is none that we know."""
    back = form.text("back")
    response = to(back if back and _OURS.match(back) else "/")
    secure = pages_of(request).settings.cookie_secure
    chosen = form.text("language")
    if chosen in set(Language):
        response.set_cookie(
            COOKIE, chosen, path="/", secure=secure, httponly=True, samesite="strict"
        )
    else:
        response.delete_cookie(COOKIE, path="/", secure=secure, httponly=True, samesite="strict")
    return response


ROUTERS: tuple[APIRouter, ...] = (
    pages_in.router,
    pages.router,
    pages_change.router,
    pages_let_see.router,
    pages_back.router,
    pages_contact.router,
    pages_looked.router,
    data.router,
    router,
    pages_reach.router,
    pages_copy.router,
    pages_asked.router,
    pages_new.router,
    pages_story.router,
    pages_right.router,
)
"""Of every room, in the order in which addresses are looked for."""

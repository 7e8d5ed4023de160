"""A copy of what is held: asked for, where it stands, and taken when it is ready."""

from typing import Annotated

from fastapi import Path
from starlette.responses import Response

from schemas.identifiers import PersonId
from services.interfaces.family_door.frame import (
    CheckedForm,
    FamilyVisit,
    FamilyVisitor,
    own_router,
    to,
)
from services.interfaces.family_door.keeping.services import FamilyKeeping
from services.interfaces.family_door.keeping.words import (
    PICK_ONE,
    WRONG,
    copy_lines,
    copy_of,
)

router = own_router()
_CopyInPath = Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{1,100}$")]
_NAME = "page.html"
"""Says nothing of what is in it: it lies among everything that this telephone took."""


@router.get("/copy")
def show_copies(visit: FamilyVisitor) -> Response:
    """Of whom they may ask for one, and how those stand that they asked for."""
    return _show(visit, {})


@router.post("/copy")
def choose_copy(visit: FamilyVisitor, form: CheckedForm) -> Response:
    """A new code is asked for before anything is."""
    about = form.text("about")
    if about not in {one.person for one in copy_of(_keeping(visit).copies(visit.session))}:
        return _show(visit, {"about": PICK_ONE})
    visit.services.ask_to_decide(visit.session)
    return visit.show("copy_code.html", about=about, at="/copy/ask")


@router.post("/copy/ask")
def ask_for_copy(visit: FamilyVisitor, form: CheckedForm) -> Response:
    """Ask for it, by the code."""
    about = form.text("about")
    if _keeping(visit).ask_for_copy(visit.session, PersonId(about), form.text("code")):
        return to("/copy")
    errors = {"code": WRONG}
    offered = {one.person for one in copy_of(_keeping(visit).copies(visit.session))}
    again = about if about in offered else ""
    return visit.show("copy_code.html", 422, about=again, at="/copy/ask", errors=errors)


@router.post("/copy/{copy}")
def begin_taking(visit: FamilyVisitor, form: CheckedForm, copy: _CopyInPath) -> Response:
    """A new code is asked for before it is given."""
    del form
    visit.services.ask_to_decide(visit.session)
    return visit.show("copy_code.html", about="", at=f"/copy/{copy}/take")


@router.post("/copy/{copy}/take")
def take_copy(visit: FamilyVisitor, form: CheckedForm, copy: _CopyInPath) -> Response:
    """Give it as a file, by the code: no browser shows it as a page of ours."""
    taken = _keeping(visit).take_copy(visit.session, copy, form.text("code"))
    if taken is None:
        errors = {"code": WRONG}
        at = f"/copy/{copy}/take"
        return visit.show("copy_code.html", 422, about="", at=at, errors=errors)
    headers = {"Content-Disposition": f'attachment; filename="{_NAME}"'}
    return Response(taken, media_type="text/html; charset=utf-8", headers=headers)


def _show(visit: FamilyVisit, errors: dict[str, str]) -> Response:
    found = _keeping(visit).copies(visit.session)
    status = 422 if errors else 200
    return visit.show(
        "copy.html", status, people=copy_of(found), copies=copy_lines(found), errors=errors
    )


def _keeping(visit: FamilyVisit) -> FamilyKeeping:
    return FamilyKeeping(visit.services.outside)

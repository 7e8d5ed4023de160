"""The directory's pages: look for a service, see one, say that one is wrong.

What is looked for comes in a form's body. So it is in no address, and no proxy, history or other
site's log has it; here it is neither logged nor kept.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.interfaces.directory.entries.postgres_flags import Mistake, flag
from services.interfaces.directory.search import postgres as search
from services.interfaces.directory.search.asked import ServicesAsked
from services.interfaces.directory.search.postgres_postcodes import PostcodesInDatabase
from services.interfaces.directory.serving.detail import detail_of
from services.interfaces.directory.serving.form import Sought, read_sought
from services.interfaces.directory.serving.frame import Frame, frame_of
from services.interfaces.directory.serving.map_picture import Pin, map_picture
from services.interfaces.directory.serving.shown import ShownLine, lines_of
from services.interfaces.directory.serving.words import heading
from services.platform.database.direct import DirectConnection, direct_pool
from services.platform.database.engine import database_failures
from services.platform.processes.threads import reading
from services.portal.frame.errors import ForgedFormError
from services.portal.frame.forms import FormErrors, Submitted, read_choice, read_form
from services.portal.frame.session import is_cross_site

FIND, ABOUT = "/find", "/about"
_YEAR: Final = 31_536_000
router = APIRouter()
Form = Annotated[Submitted, Depends(read_form)]


@router.get("/")
async def begin(request: Request) -> Response:
    """Ask what somebody looks for."""
    return _find_page(frame_of(request), request, Submitted(), FormErrors())


@router.get(FIND)
async def begin_again(request: Request) -> Response:
    """Lead whoever opens the address of a list to the form: the list is in no address."""
    del request
    return RedirectResponse("/", 303)


@router.post(FIND)
@reading
def show_found(request: Request, form: Form) -> Response:
    """List what there is, and draw where it is."""
    frame, errors = frame_of(request), FormErrors()
    with direct_pool(frame.engine).alone() as connection:
        sought = read_sought(form, errors, PostcodesInDatabase(connection))
        listed = None if errors else _listed(frame, connection, sought)
    return _find_page(frame, request, form, errors, listed)


@router.get("/services/{service}")
@reading
def show_service(request: Request, service: UUID) -> Response:
    """Show all there is about one."""
    frame = frame_of(request)
    found = _existing(frame, service)
    words = {"service": detail_of(found, frame.today), "mistakes": list(Mistake)}
    return frame.page(request, "service.html", words)


@router.post("/services/{service}/mistake")
@reading
def say_mistake(request: Request, service: UUID, form: Form) -> Response:
    """Note that an entry is wrong, by one press."""
    if is_cross_site(request):
        raise ForgedFormError("another site's page may not say that an entry is wrong")
    frame, errors = frame_of(request), FormErrors()
    mistake = read_choice(form, errors, "mistake", Mistake, "Select what is wrong")
    if mistake is None:
        raise HTTPException(400)
    with database_failures(), frame.engine.begin() as connection:
        if not flag(connection, str(service), mistake, frame.today):
            raise HTTPException(404)
    name = _existing(frame, service).document["name"]
    return frame.page(request, "thanks.html", {"name": name, "id": service})


@router.get(ABOUT)
async def about(request: Request) -> Response:
    """Say where entries come from, and how one is added or corrected."""
    return frame_of(request).page(request, "about.html", {})


@router.get("/assets/{digest}/{name}")
async def read_asset(request: Request, digest: str, name: str) -> Response:
    """Give a style or picture file, to be kept for a year."""
    asset = frame_of(request).assets.find(digest, name)
    if asset is None:
        raise HTTPException(404)
    kept = f"public, max-age={_YEAR}, immutable"
    headers = {"Cache-Control": kept, "Vary": "Accept-Encoding"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(asset.content, media_type=asset.media_type, headers=headers)
    headers["Content-Encoding"] = "gzip"
    return Response(asset.compressed, media_type=asset.media_type, headers=headers)


def _existing(frame: Frame, service: UUID) -> search.FoundService:
    with database_failures(), frame.engine.connect() as connection:
        found = search.entry(connection, str(service))
    if found is None:
        raise HTTPException(404)
    return found


def _find_page(
    frame: Frame,
    request: Request,
    form: Submitted,
    errors: FormErrors,
    listed: Mapping[str, object] | None = None,
) -> Response:
    words = {"form": form, "errors": errors, "choices": frame.choices, **(listed or {})}
    return frame.page(request, "find.html", words, 422 if errors else 200)


def _listed(frame: Frame, connection: DirectConnection, sought: Sought) -> dict[str, object]:
    """Look for it; what an entry says is read only where it was not written out before."""
    asked = sought.asked
    found = search.find_places(connection, asked)
    shown = frame.shown.of(
        found.places, frame.today, lambda ids: search.entries_by_version(connection, ids)
    )
    places = [place for place in found.places if place.version in shown]
    first = (asked.page - 1) * asked.per_page + 1
    lines = lines_of(places, shown, first=first)
    return {
        "heading": heading(found.total, asked, sought.near),
        "lines": lines,
        "near": sought.near,
        "picture": _picture(asked, places, lines, sought.near),
        "page": asked.page,
        "is_more": asked.page * asked.per_page < found.total,
    }


def _picture(
    asked: ServicesAsked,
    places: Sequence[search.FoundPlace],
    lines: Sequence[ShownLine],
    near: str | None,
) -> object:
    if asked.origin is None or near is None:
        return None
    pins = [
        Pin(line.number, line.shown.name, one.at)
        for line, one in zip(lines, places, strict=True)
        if one.at is not None
    ]
    return map_picture(asked.origin, pins, near) if pins else None

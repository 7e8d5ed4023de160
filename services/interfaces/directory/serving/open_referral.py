"""The directory as Open Referral UK 3.0: every endpoint of the profile, open to anybody.

Without a key or a cookie, from whatever page somebody asks (`Access-Control-Allow-Origin: *`), with
errors that say which parameter is wrong and never what stood in it. What the profile wants in a
query stands in the address: nothing here or in front of it keeps a log of those.
"""

import json
import re
from collections.abc import Sequence
from datetime import time
from math import ceil
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.interfaces.directory.entries.checking import Document
from services.interfaces.directory.entries.postgres import Connection
from services.interfaces.directory.search import postgres_filters
from services.interfaces.directory.search.asked import Filtered
from services.interfaces.directory.search.postgres import entry
from services.interfaces.directory.search.postgres_filters import Documents
from services.interfaces.directory.search.postgres_postcodes import PostcodesInDatabase
from services.interfaces.partners.problem_details import (
    NOT_FOUND,
    PROBLEM,
    RETRY_SECONDS,
    UNAVAILABLE,
    UNEXPECTED,
    ProblemKind,
    add_problems,
    problem_response,
)
from services.platform.database.engine import Engine, database_failures
from services.platform.errors import ServiceUnavailableError
from services.platform.logging import LogEvent
from services.platform.processes.threads import reading
from services.platform.web import LastResort, TextOnly

STUB: Final = "/open-referral/v3"
"""All endpoints are below it."""
VERSION: Final = "HSDS-UK-3.0"
_PROFILE: Final = "https://github.com/OpenReferralUK/uk-profile"
_MOST_A_PAGE: Final = 100
_LAST_PAGE: Final = 100_000
_NESTED: Final = frozenset(
    {
        "schedules",
        "service_areas",
        "service_at_locations",
        "languages",
        "funding",
        "cost_options",
        "contacts",
        "attributes",
    }
)
"""What a list leaves out of a service; its own address has it."""
_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

Text = Annotated[str, Query(max_length=200)]
Number = Annotated[float | None, Query(ge=0, le=1_000_000, allow_inf_nan=False)]


class FilterInvalidError(Exception):
    """A parameter is in no form that the profile knows."""

    def __init__(self, parameter: str) -> None:
        super().__init__(parameter)
        self.parameter = parameter


class _Paging:
    """Which page is asked for, and how long."""

    def __init__(
        self,
        page: Annotated[int, Query(ge=1, le=_LAST_PAGE)] = 1,
        per_page: Annotated[int, Query(ge=1, le=_MOST_A_PAGE)] = 20,
    ) -> None:
        self.page, self.per_page = page, per_page


class _Filters:
    """What services are filtered by."""

    def __init__(  # noqa: PLR0917 the profile's own names
        self,
        paging: Annotated[_Paging, Depends()],
        search: Text = "",
        taxonomy_term_id: Text = "",
        taxonomy_id: Text = "",
        minimum_age: Number = None,
        maximum_age: Number = None,
        start_time: Text = "",
        end_time: Text = "",
        day: Text = "",
        full: bool = False,  # noqa: FBT001, FBT002 the profile's own
    ) -> None:
        self.full = full
        self.filtered = Filtered(
            words=search,
            terms=_ids("taxonomy_term_id", taxonomy_term_id),
            taxonomies=_ids("taxonomy_id", taxonomy_id),
            minimum_age=minimum_age,
            maximum_age=maximum_age,
            day=_day(day),
            opens=_time("start_time", start_time),
            closes=_time("end_time", end_time),
            page=paging.page,
            per_page=paging.per_page,
        )


Filters = Annotated[_Filters, Depends()]
Paging = Annotated[_Paging, Depends()]
router = APIRouter(prefix=STUB)


@router.get("/")
@router.get("", include_in_schema=False)
async def about(request: Request) -> Response:
    """Say what this is, by the profile's own document."""
    served_at: str = request.app.state.served_at
    return JSONResponse(
        {
            "version": VERSION,
            "profile": _PROFILE,
            "openapi_url": f"{served_at}{STUB}/openapi.json",
        }
    )


@router.get("/openapi.json", include_in_schema=False)
async def openapi(request: Request) -> Response:
    """Describe the endpoints that there are."""
    return JSONResponse(request.app.openapi())


@router.get("/services")
@reading
def list_services(request: Request, filters: Filters) -> Response:
    """List services; each with what there is one of, or whole with `full=true`."""
    with _asking(request) as connection:
        found = postgres_filters.services(connection, filters.filtered)
    contents = found.contents if filters.full else [head_of(one) for one in found.contents]
    return _page(found, contents, filters.filtered.page, filters.filtered.per_page)


@router.get("/services/{service}")
@reading
def show_service(request: Request, service: UUID) -> Response:
    """Show one with everything in it."""
    with _asking(request) as connection:
        found = entry(connection, str(service))
    return _one(None if found is None else found.document)


@router.get("/service_at_locations")
@reading
def list_services_at_locations(
    request: Request,
    filters: Filters,
    postcode: Text = "",
    proximity: Annotated[float | None, Query(ge=0, le=1_000_000, allow_inf_nan=False)] = None,
) -> Response:
    """List services at their locations, also by how many metres they are from a postcode."""
    asked = filters.filtered
    with _asking(request) as connection:
        if postcode:
            point = PostcodesInDatabase(connection).point(postcode)
            if point is None:
                raise FilterInvalidError("postcode")
            asked = Filtered(**{**_fields(asked), "origin": point, "metres": proximity})
        found = postgres_filters.services_at_locations(connection, asked)
    contents = found.contents if filters.full else [_place_head(one) for one in found.contents]
    return _page(found, contents, asked.page, asked.per_page)


@router.get("/service_at_locations/{place}")
@reading
def show_service_at_location(request: Request, place: UUID) -> Response:
    """Show a service at one of its locations."""
    with _asking(request) as connection:
        return _one(postgres_filters.service_at_location(connection, str(place)))


@router.get("/taxonomies")
@reading
def list_taxonomies(request: Request, paging: Paging) -> Response:
    """List the taxonomies that terms are of."""
    with _asking(request) as connection:
        found = postgres_filters.taxonomies(connection, page=paging.page, per_page=paging.per_page)
    return _page(found, found.contents, paging.page, paging.per_page)


@router.get("/taxonomies/{taxonomy}")
@reading
def show_taxonomy(request: Request, taxonomy: UUID) -> Response:
    """Show one of them."""
    with _asking(request) as connection:
        found = postgres_filters.taxonomies(connection, taxonomy=str(taxonomy))
    return _one(next(iter(found.contents), None))


@router.get("/taxonomy_terms")
@reading
def list_terms(request: Request, paging: Paging) -> Response:
    """List terms of every taxonomy."""
    with _asking(request) as connection:
        found = postgres_filters.terms(connection, page=paging.page, per_page=paging.per_page)
    return _page(found, found.contents, paging.page, paging.per_page)


@router.get("/taxonomy_terms/{term}")
@reading
def show_term(request: Request, term: UUID) -> Response:
    """Show one of them."""
    with _asking(request) as connection:
        found = postgres_filters.terms(connection, term=str(term))
    return _one(next(iter(found.contents), None))


def head_of(service: Document) -> Document:
    """A service with what there is one of."""
    return {name: value for name, value in service.items() if name not in _NESTED}


def _place_head(there: Document) -> Document:
    location = there.get("location", {})
    plain = {k: v for k, v in location.items() if k not in {"addresses", "accessibility"}}
    head = {k: v for k, v in there.items() if k != "schedules"}
    return {**head, "location": plain, "service": head_of(there["service"])}


def _fields(asked: Filtered) -> dict[str, Any]:
    return {name: getattr(asked, name) for name in Filtered.__slots__}


def _page(found: Documents, contents: Sequence[Document], page: int, per_page: int) -> Response:
    pages = ceil(found.total / per_page)
    return JSONResponse(
        {
            "total_items": found.total,
            "total_pages": pages,
            "page_number": page,
            "size": len(contents),
            "first_page": page == 1,
            "last_page": page >= pages,
            "empty": not contents,
            "contents": list(contents),
        }
    )


def _one(document: Document | None) -> Response:
    if document is None:
        raise HTTPException(404)
    return JSONResponse(document)


class _ApiReading:
    """One reading of the database, which nothing is written in."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __enter__(self) -> Connection:
        with database_failures():
            self._connection = self._engine.connect()
        return self._connection

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def _asking(request: Request) -> _ApiReading:
    return _ApiReading(request.app.state.engine)


def _ids(parameter: str, written: str) -> tuple[str, ...]:
    try:
        return tuple(str(UUID(one.strip())) for one in written.split(",") if one.strip())
    except ValueError:
        raise FilterInvalidError(parameter) from None


def _day(written: str) -> int | None:
    """A day as RFC 5545 has it, or by its English name."""
    if not written:
        return None
    short = written.strip().upper()[:2]
    if short not in _DAYS or not re.fullmatch(r"[A-Za-z]{2,9}", written.strip()):
        raise FilterInvalidError("day")
    return _DAYS.index(short)


def _time(parameter: str, written: str) -> time | None:
    try:
        return time.fromisoformat(written).replace(tzinfo=None) if written else None
    except ValueError:
        raise FilterInvalidError(parameter) from None


# The application: what every answer carries, and errors that repeat nothing.

_OPEN: Final = ((b"access-control-allow-origin", b"*"), (b"x-content-type-options", b"nosniff"))


class OpenToAll:
    """ASGI middleware: every answer may be read by a page of anybody's, and asks for nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; set the headers as the answer starts."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_open(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_OPEN]
            await send(message)

        await self._app(scope, receive, send_open)


def create_open_referral_app(engine: Engine, served_at: str) -> FastAPI:
    """Make the interface; `served_at` is the address by which others know the directory."""
    app = FastAPI(
        title="Open Referral UK",
        version="3.0",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        middleware=[
            Middleware(OpenToAll),
            Middleware(LastResort, event=LogEvent.DIRECTORY_FAILED, answer=_failed),
            Middleware(TextOnly, answer=_not_text),
        ],
    )
    app.state.engine = engine
    app.state.served_at = served_at.rstrip("/")
    app.include_router(router)
    add_problems(app)
    app.add_exception_handler(FilterInvalidError, _invalid)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(ServiceUnavailableError, _unavailable)
    return app


# Problem documents (RFC 9457); `parameter` beside them says which one is wrong.

_WRONG: Final = ProblemKind(400, "parameter-wrong", "A parameter is wrong")


def _wrong(parameter: str | None = None) -> Response:
    told = problem_response(_WRONG)
    if parameter is None:
        return told
    document = {**json.loads(bytes(told.body)), "parameter": parameter}
    return JSONResponse(document, _WRONG.status, media_type=PROBLEM)


def _invalid(request: Request, error: Exception) -> Response:
    del request
    return _wrong(error.parameter if isinstance(error, FilterInvalidError) else "query")


def _unreadable(request: Request, error: Exception) -> Response:
    """Which parameter it is; an id in a path that is none is of nothing that there is."""
    del request
    faults = error.errors() if isinstance(error, RequestValidationError) else []
    if any(fault["loc"][0] == "path" for fault in faults):
        return problem_response(NOT_FOUND)
    return _wrong(", ".join(sorted({str(f["loc"][-1]) for f in faults if f["loc"][0] == "query"})))


def _unavailable(request: Request, error: Exception) -> Response:
    del request, error
    return problem_response(UNAVAILABLE, headers={"Retry-After": str(RETRY_SECONDS)})


def _failed(scope: Scope, reference: str) -> Response:
    del scope
    return problem_response(UNEXPECTED, reference=reference)


def _not_text(scope: Scope, place: str) -> Response:
    del scope, place
    return _wrong()

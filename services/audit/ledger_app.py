"""The ledger as witnesses and monitors read it over HTTP: no sign-in, and no entry either.

Checkpoint and tiles are those of c2sp.org/tlog-tiles, without its entry bundles: what happened is
for those who may know it, that nothing of it was changed is for everyone. Proofs between any two
sizes come ready-made as well, one hash a line, as a witness is sent them.
"""

from typing import Annotated

from fastapi import APIRouter, FastAPI, Query
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import Request

from consent.errors import ConsentError
from consent.hash_lines import hash_lines
from services.audit.published_ledger import PublishedLedger
from services.audit.tile_paths import TilePath
from services.errors import ServiceError

PREFIX = "/ledger/v1"

_LARGEST_SIZE = (1 << 63) - 1
_FOR_SECONDS = {"Cache-Control": "public, max-age=5"}
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}

_Size = Annotated[int, Query(ge=0, le=_LARGEST_SIZE)]


def create_ledger_app(ledger: PublishedLedger) -> FastAPI:
    """Make the interface over the ledger; its addresses begin with PREFIX."""
    app = FastAPI(
        title="Tell Once ledger",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.include_router(ledger_router(ledger))
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _other)
    app.add_exception_handler(ConsentError, _failed)
    app.add_exception_handler(ServiceError, _failed)
    app.add_exception_handler(Exception, _failed)
    return app


def ledger_router(ledger: PublishedLedger) -> APIRouter:
    """Give the routes alone."""
    router = APIRouter(prefix=PREFIX)

    @router.get("/checkpoint")
    def checkpoint() -> Response:
        note = ledger.checkpoint()
        if note is None:
            raise HTTPException(404)
        return PlainTextResponse(note, headers=_FOR_SECONDS)

    @router.get("/consistency")
    def consistency(old: _Size, new: _Size) -> Response:
        hashes = ledger.consistency(old, new)
        if hashes is None:
            raise HTTPException(404)
        return PlainTextResponse(hash_lines(hashes), headers=_FOR_EVER)

    @router.get("/tile/{level}/{place:path}")
    def tile(level: str, place: str) -> Response:
        path = TilePath.parse(level, place)
        hashes = path and ledger.tile(path.level, path.index, path.width)
        if not hashes:
            raise HTTPException(404)
        return Response(hashes, media_type="application/octet-stream", headers=_FOR_EVER)

    return router


def _unreadable(request: Request, error: Exception) -> Response:
    del request, error
    return PlainTextResponse("old and new are sizes, in decimal\n", status_code=400)


def _other(request: Request, error: Exception) -> Response:
    del request
    status = error.status_code if isinstance(error, HTTPException) else 500
    return PlainTextResponse("there is no such thing in the ledger\n", status_code=status)


def _failed(request: Request, error: Exception) -> Response:
    del request, error
    return PlainTextResponse("the ledger cannot be read; try again later\n", status_code=503)

"""The ledger as witnesses and monitors read it over HTTP: no sign-in, and no entry either.

Checkpoint and tiles are those of c2sp.org/tlog-tiles, without its entry bundles: what happened is
for those who may know it, that nothing of it was changed is for everyone. Proofs between any two
sizes come ready-made as well, one hash a line, as a witness is sent them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol

from fastapi import APIRouter, FastAPI, Query
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.types import Scope

from consent.errors import ConsentError
from consent.transparency.signed_note import hash_lines
from services.platform.errors import NotTextError, ServiceError
from services.platform.web import TextOnly

NOT_FOUND = 404
TILE_WIDTH = 256
TILE_HEIGHT = 8


class PublishedLedger(Protocol):
    """The ledger as witnesses and monitors see it.

    Consistency: whatever is given belongs to a tree that was signed before. Failure: every method
    raises LedgerUnavailableError, or LedgerBrokenError when the storage lacks a hash.
    """

    def checkpoint(self) -> str | None:
        """Give the newest signed checkpoint with its cosignatures; None before the first."""

    def consistency(self, old: int, new: int) -> Sequence[bytes] | None:
        """Prove that the tree of `new` entries extends that of `old` (RFC 9162 section 2.1.4.1).

        None unless 0 <= old <= new <= the size of the ledger; empty from 0.
        """

    def tile(self, level: int, index: int, width: int) -> bytes | None:
        """Give `width` hashes of a tile one after the other (c2sp.org/tlog-tiles).

        None when the ledger has not that many there.
        """


# The addresses of tiles: `x001/x234/067` and `.p/17` for a part (c2sp.org/tlog-tiles).

_HIGHEST_LEVEL = 63
_LEVEL = re.compile(r"0|[1-9][0-9]?")
_PLACE = re.compile(r"((?:x[0-9]{3}/){0,6})([0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


@dataclass(frozen=True, slots=True)
class TilePath:
    """Which tile, and how many of its hashes."""

    level: int
    index: int
    width: int

    @classmethod
    def parse(cls, level: str, place: str) -> "TilePath | None":
        """Read an address that has exactly one spelling; None for anything else."""
        match = _PLACE.fullmatch(place)
        if match is None or not _LEVEL.fullmatch(level) or int(level) > _HIGHEST_LEVEL:
            return None
        groups, last, part = match.groups()
        width = TILE_WIDTH if part is None else int(part)
        if groups.startswith("x000/") or (part is not None and width >= TILE_WIDTH):
            return None
        digits = groups.replace("x", "").replace("/", "") + last
        return cls(int(level), int(digits), width)


PREFIX = "/ledger/v1"

_LARGEST_SIZE = (1 << 63) - 1
_AS_IT_IS = {"X-Content-Type-Options": "nosniff"}
_FOR_SECONDS = {"Cache-Control": "public, max-age=5", **_AS_IT_IS}
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable", **_AS_IT_IS}

_Size = Annotated[int, Query(ge=0, le=_LARGEST_SIZE)]


def create_ledger_app(ledger: PublishedLedger) -> FastAPI:
    """Make the interface over the ledger; its addresses begin with PREFIX."""
    app = FastAPI(
        title="Tell Once ledger",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        middleware=[Middleware(TextOnly, answer=_not_text)],
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


# What went wrong, as Problem Details (RFC 9457); the text of a witness's own protocol is never one.

_PROBLEM = "application/problem+json"
_NAMES = {404: "not-found", 405: "method-not-allowed"}
_NOTHING = "There is no such thing in the ledger"
_NOT_LIKE_THAT = "This address is not used like that"


def _problem(
    status: int, name: str, title: str, headers: Mapping[str, str] | None = None
) -> Response:
    told = {"type": f"urn:tell-once:problem:{name}", "title": title, "status": status}
    with_ours = {**(headers or {}), **_AS_IT_IS}
    return JSONResponse(told, status_code=status, media_type=_PROBLEM, headers=with_ours)


def _unreadable(request: Request, error: Exception) -> Response:
    del request, error
    return _problem(400, "unreadable", "old and new are sizes, in decimal")


def _not_text(scope: Scope, place: str) -> Response:
    del scope
    return _problem(400, "not-text", str(NotTextError(place)))


def _other(request: Request, error: Exception) -> Response:
    del request
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = error.headers if isinstance(error, HTTPException) else None
    title = _NOTHING if status == NOT_FOUND else _NOT_LIKE_THAT
    return _problem(status, _NAMES.get(status, "refused"), title, headers)


def _failed(request: Request, error: Exception) -> Response:
    del request, error
    return _problem(503, "unavailable", "The ledger cannot be read; try again later")

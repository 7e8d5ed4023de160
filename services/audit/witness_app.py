"""A witness over HTTP: one call, as c2sp.org/tlog-witness has it, and nothing else."""

from collections.abc import Callable
from typing import Annotated, assert_never

from fastapi import Depends, FastAPI
from fastapi.responses import PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import Request

from consent.add_checkpoint import SIZE_CONTENT_TYPE
from consent.errors import WitnessForgetfulError
from consent.signed_note import NoteSignature
from consent.witness import Refused, WitnessRefusal

# 63 lines of proof and 16 signatures, of which a post-quantum one takes nearly 5 kB, many times.
_MOST_BYTES = 256 * 1024

Answer = Callable[[bytes], NoteSignature | Refused]
"""Answers the body of an add-checkpoint request; durable before it returns."""


def create_witness_app(answer: Answer) -> FastAPI:
    """Make the interface over the function that answers one request."""
    app = FastAPI(title="Tell Once witness", docs_url=None, redoc_url=None, openapi_url=None)

    @app.post("/add-checkpoint")
    def add_checkpoint(content: Annotated[bytes, Depends(_read_body)]) -> Response:
        answered = answer(content)
        if isinstance(answered, NoteSignature):
            return PlainTextResponse(str(answered))
        return _refuse(answered)

    app.add_exception_handler(HTTPException, _other)
    app.add_exception_handler(WitnessForgetfulError, _failed)
    app.add_exception_handler(Exception, _failed)
    return app


async def _read_body(request: Request) -> bytes:
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > _MOST_BYTES:
            raise HTTPException(413)
    return bytes(content)


def _refuse(refused: Refused) -> Response:
    status = _status_of(refused.why)
    if status == 409 and refused.seen is not None:  # noqa: PLR2004 the status that tells a size
        # Exactly this type, as clients compare it: media_type= would add a charset.
        return Response(f"{refused.seen.size}\n", status, {"Content-Type": SIZE_CONTENT_TYPE})
    return PlainTextResponse(f"{refused.why}\n", status)


def _status_of(why: WitnessRefusal) -> int:
    match why:
        case WitnessRefusal.MALFORMED | WitnessRefusal.OLD_SIZE_TOO_LARGE:
            return 400
        case WitnessRefusal.UNTRUSTED:
            return 403
        case WitnessRefusal.UNKNOWN_LOG:
            return 404
        case WitnessRefusal.OTHER_SIZE_SEEN | WitnessRefusal.OTHER_TREE_SEEN:
            return 409
        case WitnessRefusal.NOT_PROVED:
            return 422
        case _:
            assert_never(why)


def _other(request: Request, error: Exception) -> Response:
    del request
    status = error.status_code if isinstance(error, HTTPException) else 500
    return PlainTextResponse("the request cannot be answered\n", status_code=status)


def _failed(request: Request, error: Exception) -> Response:
    del request, error
    return PlainTextResponse("nothing was cosigned; try again later\n", status_code=500)

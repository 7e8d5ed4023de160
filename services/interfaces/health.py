"""Whether a port can be sent somebody: alive is who answers, ready is who may show anything."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from anyio import to_thread
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

LIVE_PATH: Final = "/health/live"
READY_PATH: Final = "/health/ready"
_NOT_KEPT: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

LacksWhat = Callable[[], Sequence[str]]
"""Codes for what cannot be used: nothing, where all of it can."""


def health_paths(lacks_what: LacksWhat) -> Mapping[str, ASGIApp]:
    """The two addresses: for whoever looks after the service, told nothing but codes.

    Alive comes from memory, so that no database that is away has processes started anew.
    """

    async def live() -> Sequence[str]:
        return ()

    async def ready() -> Sequence[str]:
        return await to_thread.run_sync(lacks_what)

    return {LIVE_PATH: _told(live), READY_PATH: _told(ready)}


def _told(lacking: Callable[[], Awaitable[Sequence[str]]]) -> ASGIApp:
    async def tell(scope: Scope, receive: Receive, send: Send) -> None:
        answer = await _answer(lacking) if scope["method"] == "GET" else _NOT_ALLOWED
        await answer(scope, receive, send)

    return tell


_NOT_ALLOWED = Response(status_code=405, headers={"Allow": "GET, HEAD", **_NOT_KEPT})


async def _answer(lacking: Callable[[], Awaitable[Sequence[str]]]) -> Response:
    found = [str(one) for one in await lacking()]
    told = {"ok": not found, "lacking": found}
    return JSONResponse(told, status_code=503 if found else 200, headers=_NOT_KEPT)

"""The door through which what nobody expected leaves: logged without a value, answered politely."""

import secrets
import traceback
from pathlib import PurePath

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.portal.failures import failure_response, unexpected_failure
from services.portal.log_references import PortalLog


class LastResort:
    """ASGI middleware that answers any exception with a page and one line in the log.

    Nothing is raised further, because servers log the message of what reaches them, and the
    message of somebody else's exception may hold a value.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer in its place what is raised."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def watched_send(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watched_send)
        except Exception as error:  # noqa: BLE001  the outermost door
            reference = secrets.token_hex(4)
            _log(scope, error, reference)
            if not started:
                page = unexpected_failure(reference)
                await failure_response(Request(scope), page)(scope, receive, send)


def _log(scope: Scope, error: Exception, reference: str) -> None:
    route = scope.get("route")
    structlog.get_logger().error(
        PortalLog.PAGE_FAILED.value,
        reference=reference,
        method=scope["method"],
        route=getattr(route, "path", None),
        error=type(error).__qualname__,
        where=_where(error),
    )


def _where(error: Exception) -> list[str]:
    """Give file, line and function of each frame: no source line, no local, no message."""
    frames = traceback.extract_tb(error.__traceback__, limit=-8)
    return [f"{PurePath(f.filename).name}:{f.lineno} {f.name}" for f in frames]

"""Several applications on one port, told apart by path, and doors that they all have."""

import secrets
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import PurePath
from urllib.parse import unquote_to_bytes

import structlog
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.parsing.plain_text import place_in

_NUL = b"\0"


class ByPath:
    """ASGI application: the one whose prefix a path begins with, else the one for all others.

    A prefix that ends in `/` stands for everything below it, any other for itself alone. Requests
    are passed on as they came, so that each application keeps its own middleware and its own
    answers for what it does not know.
    """

    def __init__(self, prefixes: Mapping[str, ASGIApp], *, others: ASGIApp) -> None:
        self._below = {p: app for p, app in prefixes.items() if p.endswith("/")}
        self._exactly = {p: app for p, app in prefixes.items() if not p.endswith("/")}
        self._others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; the server's own messages go to the one for all others."""
        await self._app_for(scope)(scope, receive, send)

    def _app_for(self, scope: Scope) -> ASGIApp:
        path = scope.get("path")
        if not isinstance(path, str):
            return self._others
        if path in self._exactly:
            return self._exactly[path]
        found = (app for prefix, app in self._below.items() if path.startswith(prefix))
        return next(found, self._others)


class HostsAllowed:
    """ASGI middleware: refuses a request that was meant for a name that is not ours.

    Somebody else's name that leads here (DNS rebinding, a proxy that mixes up its sites) is never
    answered as ours. `answer` makes the answer.
    """

    def __init__(
        self, app: ASGIApp, *, hosts: Collection[str], answer: Callable[[Scope], Response]
    ) -> None:
        self._app = app
        self._hosts = frozenset(hosts)
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer in its place."""
        if scope["type"] != "http" or self._is_ours(scope):
            await self._app(scope, receive, send)
        else:
            await self._answer(scope)(scope, receive, send)

    def _is_ours(self, scope: Scope) -> bool:
        said = [value for name, value in scope["headers"] if name == b"host"]
        return len(said) == 1 and host_without_port(said[0].decode("latin-1")) in self._hosts


def host_without_port(host: str) -> str:
    """The name alone, in small letters: of `Example.org:8000`, of `[::1]:8000`."""
    name, colon, port = host.rpartition(":")
    is_with_port = bool(colon) and port.isdecimal() and (name.endswith("]") or ":" not in name)
    return (name if is_with_port else host).lower().removesuffix(".")


class HeadAsGet:
    """ASGI middleware: HEAD is answered as GET is, without the content (RFC 9110 section 9.3.2).

    What GET enters, such as a look, HEAD enters too: it tells as much by status and length. Below
    `not_below` GET uses up what came with it, so HEAD is passed on as it is and refused.
    """

    def __init__(self, app: ASGIApp, *, not_below: tuple[str, ...]) -> None:
        self._app = app
        self._not_below = not_below

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        is_head = scope["type"] == "http" and scope["method"] == "HEAD"
        if not is_head or scope["path"].startswith(self._not_below):
            await self._app(scope, receive, send)
            return

        async def send_without_content(message: Message) -> None:
            if message["type"] == "http.response.body":
                if message.get("more_body", False):
                    return
                message = {"type": message["type"], "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET"}, receive, send_without_content)


class LastResort:
    """ASGI middleware that answers any exception briefly and with one line in the log.

    Nothing is raised further: servers log the message of what reaches them, and the message of
    somebody else's exception may hold a value. `event` names the line in the log; `answer` makes
    the answer from the request and from the reference under which the line can be found.
    """

    def __init__(
        self, app: ASGIApp, *, event: str, answer: Callable[[Scope, str], Response]
    ) -> None:
        self._app = app
        self._event = event
        self._answer = answer

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
            self._log(scope, error, reference)
            if not started:
                await self._answer(scope, reference)(scope, receive, send)

    def _log(self, scope: Scope, error: Exception, reference: str) -> None:
        """File, line and function of each frame: no source line, no local, no message."""
        frames = traceback.extract_tb(error.__traceback__, limit=-8)
        structlog.get_logger().error(
            self._event,
            reference=reference,
            method=scope["method"],
            route=getattr(scope.get("route"), "path", None),
            error=type(error).__qualname__,
            where=[f"{PurePath(f.filename).name}:{f.lineno} {f.name}" for f in frames],
        )


class TextOnly:
    """ASGI middleware: refuses an address or a header with NUL in it, before anything else.

    Servers decode addresses so that nothing else in them can be no text. `answer` makes the answer
    from the request and the place.
    """

    def __init__(self, app: ASGIApp, *, answer: Callable[[Scope, str], Response]) -> None:
        self._app = app
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer in its place."""
        place = next(_places(scope), None) if scope["type"] == "http" else None
        app = self._app if place is None else self._answer(scope, place)
        await app(scope, receive, send)


def _places(scope: Scope) -> Iterator[str]:
    if "\0" in scope["path"]:
        yield "path"
    for field in scope.get("query_string", b"").split(b"&"):
        if _NUL in unquote_to_bytes(field):
            yield place_in("query", field.partition(b"=")[0].decode("latin-1"))
    for name, value in scope.get("headers", ()):
        if _NUL in value:
            yield place_in("header", name.decode("latin-1"))

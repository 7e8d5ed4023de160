"""Applications that tests ask for pages: on one event loop, and without the wait of a refusal.

A test client by itself begins a loop, and threads for it, with every request, and goes to it and
back eight times a page; a page's own functions, which a server calls in threads, do so eight times
more: together half of what a small page takes. Here the test goes to the loop once with each
request and comes back with the whole answer, and functions are called where the loop is: each in
a copy of the context, as in a thread. A test that asks from threads of its own, so that two
requests are on their way at once, has what a test client has by itself; so has an application that
asks another. And a refusal is held for its tick (services/platform/ticks.py), up to a tenth of a
second: whoever tests that says so, for the others it comes at once.
"""

import asyncio
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass, field
from threading import Thread, current_thread, get_ident, main_thread
from typing import Any, TypeVar, TypeVarTuple
from urllib.parse import unquote

import anyio.lowlevel
import anyio.to_thread
import httpx2
from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message

from services.platform.ticks import RefusalsAtTick

_Given = TypeVarTuple("_Given")
_Answer = TypeVar("_Answer")
_PORTS = {"http": 80, "https": 443}
_in_a_thread = anyio.to_thread.run_sync


def client_of(app: ASGIApp, *, at_ticks: bool = False, **more: Any) -> TestClient:
    """Give a client of an application that nobody has asked yet; `more` is what TestClient takes.

    With `at_ticks` its refusals are held as they are for everybody.
    """
    if not at_ticks and isinstance(app, FastAPI):
        _hold_nothing(app)
    client = TestClient(app, **more)
    raises = more.get("raise_server_exceptions", True)
    client._transport = _OneTrip(client, client._transport, raises=raises)
    return client


def _hold_nothing(app: FastAPI) -> None:
    app.user_middleware = [
        Middleware(RefusalsAtTick, sleep=_at_once) if one.cls is RefusalsAtTick else one
        for one in app.user_middleware
    ]


async def _at_once(_: float) -> None:
    await anyio.lowlevel.checkpoint()


class _Loop:
    """An event loop in a thread of its own, begun when it is first asked for."""

    def __init__(self) -> None:
        self._running: asyncio.AbstractEventLoop | None = None
        self._thread: Thread | None = None

    @property
    def running(self) -> asyncio.AbstractEventLoop:
        """The loop itself."""
        if self._running is None:
            self._running = asyncio.new_event_loop()
            self._thread = Thread(target=self._running.run_forever, name="pages", daemon=True)
            self._thread.start()
        return self._running

    @property
    def is_here(self) -> bool:
        """Whether this is the loop's thread."""
        return self._thread is not None and self._thread.ident == get_ident()

    def end(self) -> None:
        """End it; it begins anew when it is asked for again."""
        if self._running is not None and self._thread is not None:
            self._running.call_soon_threadsafe(self._running.stop)
            self._thread.join()
            self._running.run_until_complete(self._running.shutdown_asyncgens())
            self._running.close()
            self._running, self._thread = None, None


_loop = _Loop()


async def _where_the_loop_is(
    function: Callable[[*_Given], _Answer], *given: *_Given, **more: Any
) -> _Answer:
    """Call it here, if this is our loop; every other loop calls it in a thread."""
    if not _loop.is_here:
        return await _in_a_thread(function, *given, **more)
    await anyio.lowlevel.checkpoint()
    return copy_context().run(function, *given)


@dataclass(slots=True)
class _Trip:
    """One request on its way, and what has been answered to it."""

    body: bytes
    was_read: bool = False
    start: Message | None = None
    answered: list[bytes] = field(default_factory=list)
    is_whole: asyncio.Event = field(default_factory=asyncio.Event)

    async def receive(self) -> Message:
        """Give the request, then wait until it is answered: the client stays till then."""
        if self.was_read:
            await self.is_whole.wait()
            return {"type": "http.disconnect"}
        self.was_read = True
        return {"type": "http.request", "body": self.body}

    async def send(self, message: Message) -> None:
        """Take the answer, which begins once and ends once."""
        assert not self.is_whole.is_set(), "something comes after the end of an answer"
        if message["type"] == "http.response.start":
            assert self.start is None, "an answer begins twice"
            self.start = message
        elif message["type"] == "http.response.body":
            assert self.start is not None, "an answer has not begun"
            self.answered.append(bytes(message.get("body", b"")))
            if not message.get("more_body", False):
                self.is_whole.set()


class _OneTrip(httpx2.BaseTransport):
    """Takes a request to the loop and brings back the answer, when all of it is done."""

    def __init__(self, client: TestClient, other: httpx2.BaseTransport, *, raises: bool) -> None:
        self._client = client
        self._other = other
        self._raises = raises

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Ask the application; raises what it raises, unless the client was made otherwise."""
        if current_thread() is not main_thread():
            return self._other.handle_request(request)
        asked = self._ask(request, request.read())
        trip, error = asyncio.run_coroutine_threadsafe(asked, _loop.running).result()
        if error is not None and self._raises:
            raise error
        if trip.start is None:
            assert not self._raises, "the application has not answered"
            return httpx2.Response(500, request=request)
        return httpx2.Response(
            trip.start["status"],
            headers=trip.start.get("headers", []),
            stream=httpx2.ByteStream(b"" if request.method == "HEAD" else b"".join(trip.answered)),
            request=request,
        )

    async def _ask(self, request: httpx2.Request, body: bytes) -> tuple[_Trip, Exception | None]:
        trip = _Trip(body)
        try:
            await self._client.app(self._scope(request), trip.receive, trip.send)
        except Exception as error:  # noqa: BLE001 - whoever has asked raises it
            return trip, error
        return trip, None

    def _scope(self, request: httpx2.Request) -> dict[str, Any]:
        """Say what a server would say of a request (ASGI, HTTP connection scope)."""
        url = request.url
        headers = [(name.lower(), value) for name, value in request.headers.raw]
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": request.method,
            "path": unquote(url.path),
            "raw_path": url.raw_path.split(b"?", 1)[0],
            "root_path": "",
            "scheme": url.scheme,
            "query_string": url.query,
            "headers": headers,
            "client": ("testclient", 50000),
            "server": (url.host, url.port or _PORTS[url.scheme]),
            "state": self._client.app_state.copy(),
        }

    def close(self) -> None:
        """Close what asks from other threads."""
        self._other.close()


def end_loop() -> None:
    """End the loop; a process that does not leaves it to be killed."""
    _loop.end()


def pytest_configure() -> None:
    """Call pages' functions where our loop is, whoever imported what calls them before."""
    anyio.to_thread.run_sync = _where_the_loop_is  # type: ignore[assignment]


def pytest_unconfigure() -> None:
    """Give back what was there, and end the loop with the tests."""
    anyio.to_thread.run_sync = _in_a_thread
    end_loop()

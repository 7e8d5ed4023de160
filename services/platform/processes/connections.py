"""What uvicorn does with one connection, and how long and how much it waits for.

uvicorn with httptools has no limit on a request's head and waits for it for ever. Here a client
that sends nothing, or a byte now and then, or a head without end, is let go of; and of a flood of
those that say nothing the oldest go first, so that whoever does ask is answered.
"""

import asyncio
import time
from asyncio.events import TimerHandle
from collections.abc import Callable, Sequence
from enum import Enum, auto
from typing import Any
from wsgiref.handlers import format_date_time

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

MOST_WAITING = 300
"""Connections without a request in progress that a worker keeps."""
MOST_OPEN = 2 * MOST_WAITING
"""Connections in all, after which a request is answered with 503 (uvicorn's `limit_concurrency`).

So that a worker never has the 1,024 descriptors that many systems allow a process.
"""
MOST_HEAD_BYTES = 16 * 1024
"""Of a head that is not complete; what uvicorn's own parser allows."""
HEAD_SECONDS = 20.0
BODY_SECONDS = 30.0
_LAST_WORDS = 0.2

Headers = Sequence[tuple[bytes, bytes]]


class Connections(ServerState):
    """All connections of a worker. Those without a request in progress are known by their age."""

    def __init__(self, headers: Headers, closed: Callable[[], None]) -> None:
        self._headers = [*headers]
        self._dated: tuple[int, list[tuple[bytes, bytes]]] = (0, [])
        super().__init__()
        self.closed = closed
        self.is_draining = False
        self.waiting: dict[Connection, None] = {}

    @property
    def default_headers(self) -> list[tuple[bytes, bytes]]:
        """With the date, made once a second, if somebody asks: uvicorn's own wakes for it."""
        now = int(time.time())
        if self._dated[0] != now:
            self._dated = (now, [(b"date", format_date_time(now).encode()), *self._headers])
        return self._dated[1]

    @default_headers.setter
    def default_headers(self, _: object) -> None:
        """Take what uvicorn begins with."""

    def make_room(self) -> None:
        """Let go of the one that has waited longest, if there are too many."""
        if len(self.waiting) > MOST_WAITING:
            oldest = next(iter(self.waiting))
            del self.waiting[oldest]
            oldest.transport.abort()

    def drain(self) -> None:
        """Answer what is asked, and end each connection after that."""
        self.is_draining = True
        for connection in list(self.connections):
            connection.shutdown()


class _Phase(Enum):
    """What of a request was received."""

    NOTHING = auto()
    SOME_OF_HEAD = auto()
    SOME_OF_BODY = auto()


class Connection(HttpToolsProtocol):
    """uvicorn's protocol on one connection, with an end to its patience."""

    server_state: Connections

    def __init__(self, *args: Any, **told: Any) -> None:
        super().__init__(*args, **told)
        self._phase = _Phase.NOTHING
        self._timer: TimerHandle | None = None
        self._heard_at = 0.0
        self._is_understood = False
        self._not_understood = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client is there; its first request is to come soon."""
        super().connection_made(transport)
        self.server_state.waiting[self] = None
        self.server_state.make_room()
        self._expect(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone, however that came."""
        super().connection_lost(exc)
        self._be_patient()
        self.server_state.waiting.pop(self, None)
        self.server_state.closed()

    def data_received(self, data: bytes) -> None:
        """Some bytes of a request, or of several."""
        self._is_understood = False
        super().data_received(data)
        if self.transport.is_closing():
            return
        self._not_understood = 0 if self._is_understood else self._not_understood + len(data)
        if self._not_understood > MOST_HEAD_BYTES:
            self.send_400_response("Invalid HTTP request received.")
        elif self._phase is _Phase.SOME_OF_BODY:
            self._heard_at = self.loop.time()
            self._expect(BODY_SECONDS)
        elif self._phase is _Phase.SOME_OF_HEAD or self._is_unwatched():
            self._expect(HEAD_SECONDS)

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        self._phase = _Phase.SOME_OF_HEAD

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field of the head; one after the body, where nobody looks, is left out."""
        if self._phase is _Phase.SOME_OF_HEAD:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is there: the request begins."""
        self._is_understood = True
        self._phase = _Phase.SOME_OF_BODY
        self._be_patient()
        self.server_state.waiting.pop(self, None)
        super().on_headers_complete()
        if self.server_state.is_draining and self._latest is not None:
            self._latest.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Some of the body."""
        self._is_understood = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """All of it is there."""
        self._is_understood = True
        self._phase = _Phase.NOTHING
        self._be_patient()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """It was answered; the next may come."""
        super().on_response_complete()
        if not self._is_busy():
            self.server_state.waiting[self] = None

    def shutdown(self) -> None:
        """End when what is asked is answered. What was just passed to us may not be read yet."""
        if self._latest is None:
            self.loop.call_later(_LAST_WORDS, self._end_if_nothing_came)
        else:
            super().shutdown()

    def _end_if_nothing_came(self) -> None:
        if not self._is_busy():
            self.transport.close()

    def _is_busy(self) -> bool:
        return bool(self.pipeline or (self._latest and not self._latest.response_complete))

    @property
    def _latest(self) -> RequestResponseCycle | None:
        """The newest request, which uvicorn says there always is."""
        return self.cycle

    def _is_unwatched(self) -> bool:
        """Whether bytes came that are no request, and uvicorn has taken its own timer back."""
        return not self._is_busy() and self.timeout_keep_alive_task is None

    def _expect(self, seconds: float) -> None:
        """Begin to be impatient, unless that was begun already."""
        if self._timer is None:
            self._timer = self.loop.call_later(seconds, self._lose_patience)

    def _be_patient(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _lose_patience(self) -> None:
        self._timer = None
        if self._phase is _Phase.SOME_OF_BODY:
            since = 0.0 if self.flow.read_paused else self.loop.time() - self._heard_at
            if since < BODY_SECONDS:  # it is we who did not read, or something came
                self._expect(BODY_SECONDS - since)
                return
        elif self._is_busy():
            self._expect(HEAD_SECONDS)
            return
        self.transport.close()


def serving_config(app: Any) -> Config:
    """How each worker serves `app`: as before, but for the parser, the loop and the limits.

    No line a request in the log: a path names an opaque id still. `X-Forwarded-…` is believed of
    whoever speaks from this machine, as a proxy that ends TLS does.
    """
    config = Config(
        app,
        http=Connection,
        loop="uvloop",
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="error",
        server_header=False,
        limit_concurrency=MOST_OPEN,
    )
    config.load()
    return config

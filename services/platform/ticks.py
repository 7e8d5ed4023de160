"""A refusal leaves at a tick, so that how long it took tells nothing of what was looked at.

Work is made alike for whoever is asked about (the same statements); what is left of a difference
is hidden by sending every refusal at the next multiple of TICK after the request came. Whoever
answers marks the request (`refused(request)`) before the answer leaves; the wait comes after the
transaction has ended and holds neither a thread nor a connection.
"""

import time
from collections.abc import Awaitable, Callable
from math import ceil

import anyio
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TICK = 0.1
"""Seconds. Longer than nearly every refusal takes, so that nearly all leave at the first one."""
PAGE_TICK = 0.03
"""The same for a page that is looked at, and must not be slow: of what is left out of it."""
_MARK = "leaves_at_tick"

Monotonic = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]


def refused(request: Request) -> None:
    """Let the answer to this request leave at a tick."""
    setattr(request.state, _MARK, TICK)


def leaves_out(request: Request) -> None:
    """Let the page leave at a tick: it leaves something out, or would if there were anything."""
    setattr(request.state, _MARK, PAGE_TICK)


def until_tick(began: float, now: float, tick: float = TICK) -> float:
    """Seconds from `now` to the next multiple of the tick after `began`; both are monotonic."""
    ticks = max(1, ceil((now - began) / tick))
    return max(0.0, began + ticks * tick - now)


class RefusalsAtTick:
    """ASGI middleware, the outermost: holds marked answers for their tick."""

    def __init__(
        self, app: ASGIApp, *, monotonic: Monotonic = time.monotonic, sleep: Sleep = anyio.sleep
    ) -> None:
        self._app = app
        self._monotonic = monotonic
        self._sleep = sleep

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; let a marked answer start at its tick."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = self._monotonic()
        state = scope.setdefault("state", {})

        async def send_at_tick(message: Message) -> None:
            tick = state.get(_MARK)
            if message["type"] == "http.response.start" and tick:
                await self._sleep(until_tick(began, self._monotonic(), tick))
            await send(message)

        await self._app(scope, receive, send_at_tick)

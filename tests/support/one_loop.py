"""Applications that tests ask for pages: on one event loop, and without the wait of a refusal.

A test client by itself begins a loop, and threads for it, with every request: a third of what a
small page takes. And a refusal is held for its tick (services/platform/ticks.py), up to a tenth of
a second: whoever tests that says so, for the others it comes at once.
"""

from contextlib import ExitStack
from functools import cache
from typing import Any

import anyio.lowlevel
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from services.platform.ticks import RefusalsAtTick

_stack = ExitStack()


def client_of(app: FastAPI, *, at_ticks: bool = False, **more: Any) -> TestClient:
    """Give a client of an application that nobody has asked yet; `more` is what TestClient takes.

    With `at_ticks` its refusals are held as they are for everybody.
    """
    if not at_ticks:
        app.user_middleware = [
            Middleware(RefusalsAtTick, sleep=_at_once) if one.cls is RefusalsAtTick else one
            for one in app.user_middleware
        ]
    client = TestClient(app, **more)
    client.portal = _loop()
    return client


async def _at_once(_: float) -> None:
    await anyio.lowlevel.checkpoint()


@cache
def _loop() -> BlockingPortal:
    return _stack.enter_context(start_blocking_portal())


def end_loop() -> None:
    """End it; a process that does not waits for it for ever."""
    _stack.close()
    _loop.cache_clear()


def pytest_unconfigure() -> None:
    """End it with the tests."""
    end_loop()

"""One event loop for all applications that tests ask for pages.

A test client by itself begins a loop, and threads for it, with every request: a third of what a
small page takes.
"""

from contextlib import ExitStack
from functools import cache
from typing import Any

from anyio.from_thread import BlockingPortal, start_blocking_portal
from starlette.testclient import TestClient
from starlette.types import ASGIApp

_stack = ExitStack()


def client_of(app: ASGIApp, **more: Any) -> TestClient:
    """Give a client of an application; `more` is what a TestClient takes."""
    client = TestClient(app, **more)
    client.portal = _loop()
    return client


@cache
def _loop() -> BlockingPortal:
    return _stack.enter_context(start_blocking_portal())


def pytest_unconfigure() -> None:
    """End it with the tests."""
    _stack.close()
    _loop.cache_clear()

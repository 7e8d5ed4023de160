"""Each application gets its own requests and no other's."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from services.platform.web import ByPath


class Marks:
    """Middleware that raises for what is not its application's."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            assert scope["path"].startswith(self._prefix)
        await self._app(scope, receive, send)


def an_app(name: str, prefix: str = "/") -> Starlette:
    """Build an application that says its name, whatever it is asked."""

    def answer(request: Request) -> Response:
        return PlainTextResponse(f"{name} {request.url.path}")

    middleware = [Middleware(Marks, prefix=prefix)]
    return Starlette(routes=[Route("/{path:path}", answer)], middleware=middleware)


@pytest.fixture
def client() -> TestClient:
    """Give three applications on one port."""
    prefixes = {
        "/partners/": an_app("partners", "/partners/"),
        "/.well-known/x": an_app("known", "/.well-known/x"),
    }
    return TestClient(ByPath(prefixes, others=an_app("pages")))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "pages"),
        ("/partners", "pages"),
        ("/partnersx/y", "pages"),
        ("/partners/", "partners"),
        ("/partners/v1/events", "partners"),
        ("/.well-known/x", "known"),
        ("/.well-known/xy", "pages"),
        ("/.well-known/x/y", "pages"),
        ("/families/partners/", "pages"),
    ],
)
def test_a_path_belongs_to_one_application(client: TestClient, path: str, name: str):
    """And reaches it as it came."""
    assert client.get(path).text == f"{name} {path}"


def test_starting_and_stopping_is_for_the_one_for_all_others(client: TestClient):
    """The server's own messages have no path."""
    with client:
        assert client.get("/").status_code == 200

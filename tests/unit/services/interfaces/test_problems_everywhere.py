"""Whatever goes wrong on an interface for machines is told as a problem document (RFC 9457)."""

import pytest
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.testclient import TestClient

from services.interfaces.partners.problem_details import (
    MISDIRECTED,
    PROBLEM,
    add_problems,
    problem_response,
)
from services.platform.web import HeadAsGet, HostsAllowed, host_without_port

_NAMES = {
    400: "unreadable",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "too-large",
    415: "content-not-taken",
}


def _app() -> FastAPI:
    app = FastAPI(openapi_url=None)
    add_problems(app)

    @app.get("/raise/{status}")
    def fail(status: int) -> None:
        raise HTTPException(status)

    return app


@pytest.mark.parametrize("status", _NAMES)
def test_what_the_framework_says_is_a_problem_too(status: int):
    """By its own name, and with what there is to know in the headers."""
    client = TestClient(_app())
    told = client.post("/raise/1") if status == 405 else client.get(f"/raise/{status}")
    told = client.get("/nothing") if status == 404 else told

    assert (told.status_code, told.headers["Content-Type"]) == (status, PROBLEM)
    assert told.json()["type"] == f"urn:tell-once:problem:{_NAMES[status]}"
    assert ("Allow" in told.headers) == (status == 405)


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("Example.org", "example.org"),
        ("example.org.:443", "example.org"),
        ("[::1]:8000", "[::1]"),
        ("[::1]", "[::1]"),
        ("::1", "::1"),
        ("example.org:x", "example.org:x"),
        ("", ""),
    ],
)
def test_a_host_is_its_name_without_the_port(host: str, name: str):
    """As browsers and proxies write it."""
    assert host_without_port(host) == name


def test_two_names_are_none_and_head_has_no_content():
    """A proxy that passes both on must not choose for us."""
    named = TestClient(
        HostsAllowed(_app(), hosts={"example.org"}, answer=lambda _: problem_response(MISDIRECTED)),
        base_url="http://example.org",
    )
    heads = TestClient(HeadAsGet(_app(), not_below=("/used-up/",)))

    assert named.get("/nothing").status_code == 404
    assert (
        named.get("/nothing", headers=[("Host", "a"), ("Host", "example.org")]).status_code == 421
    )
    head = heads.head("/nothing")
    assert (head.status_code, head.content) == (404, b"")
    assert int(head.headers["Content-Length"]) > 0

"""Each port beside the portal's answers to its own name, HEAD, and whether it is well."""

import re
from collections.abc import Mapping
from typing import Final

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from services.audit.integrity.seen.metrics import Area
from services.interfaces.doors import Door, behind_door
from services.interfaces.partners.problem_details import PROBLEM
from services.platform.settings import Settings
from tests.support.checkout import ROOT

_FAMILY: Final = "https://family.exbury.example"
_SERVERS: Final = {
    "services/interfaces/servers.py",
    "services/interfaces/doors.py",
    "services/platform/processes/port.py",
}


def _client(host: str = "family.exbury.example", lacks: tuple[str, ...] = ()) -> TestClient:
    def told(request: Request) -> PlainTextResponse:
        return PlainTextResponse(f"a page: {request.method}")

    app = Starlette(routes=[Route("/page", told), Route("/back/any", told, methods=["GET"])])
    door = Door(Area.FAMILY_DOOR, 8100, _FAMILY, lambda: lacks, used_up=("/back/",))
    settings = Settings(allowed_hosts="families.internal:8443")
    return TestClient(behind_door(app, door, settings), base_url=f"https://{host}")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("family.exbury.example", 200),
        ("FAMILY.exbury.example.", 200),
        ("families.internal", 200),
        ("localhost", 200),
        ("127.0.0.1", 200),
        ("tell-once.exbury.example", 421),
        ("family.exbury.example.evil.example", 421),
    ],
)
def test_a_door_answers_to_its_own_name(host: str, status: int):
    """And to no other of the same council; machines are told in a problem document."""
    told = _client(host).get("/page")

    assert told.status_code == status
    assert (told.headers["Content-Type"] == PROBLEM) == (status == 421)
    assert "evil" not in told.text


def test_head_is_get_without_content_but_where_get_uses_up_what_came():
    """Whoever comes back from a provider is not let in by a look ahead."""
    client = _client()

    got, head = client.get("/page"), client.head("/page")

    assert (head.status_code, head.content) == (got.status_code, b"")
    assert head.headers["Content-Length"] == got.headers["Content-Length"]
    assert client.post("/page").status_code == 405
    assert client.request("TRACE", "/page").status_code == 405


def test_whether_it_is_well_is_told_by_codes():
    """Alive though nothing can be used."""
    well, ill = _client("localhost"), _client("localhost", ("database",))

    assert well.get("/health/ready").json() == {"ok": True, "lacking": []}
    assert ill.get("/health/ready").status_code == 503
    assert ill.get("/health/live").status_code == 200


def test_nobody_serves_a_port_past_what_stands_before_it():
    """Else a new door would answer to any name, and let stalled connections be."""
    serving: Mapping[str, str] = {
        str(path.relative_to(ROOT)): path.read_text() for path in ROOT.glob("services/**/*.py")
    }

    found = {name for name, text in serving.items() if re.search(r"\bserve_port\(", text)}
    doors = {name for name, text in serving.items() if re.search(r"\bserve_door\(", text)}

    assert found == _SERVERS
    assert doors == {
        "services/interfaces/doors.py",
        "services/interfaces/answering/door/app.py",
        "services/interfaces/directory/serving/app.py",
        "services/interfaces/family_door/app.py",
    }

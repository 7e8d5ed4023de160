import logging

import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from services.people.practitioners.people import SignedInPractitioner
from services.portal.app import create_app
from services.portal.frame.forms import MAX_FORM_BYTES
from services.portal.frame.settings import PortalSettings
from services.profile.families import FamilySummary
from tests.support.fakes.fake_portal_services import FakePortalServices
from tests.support.portal.pages import Page, PageClient
from tests.support.portal.portal_builders import CHILD
from tests.unit.services.portal.conftest import Fake

CANARY = "Zebedee Quartermain"


class BrokenServices(FakePortalServices):
    """Fails with a message that holds a name, as somebody else's library might."""

    def my_families(self, who: SignedInPractitioner) -> list[FamilySummary]:
        raise RuntimeError(f"could not read {CANARY} for {who.name}")


def test_an_address_that_is_not_there(priya: PageClient) -> None:
    """Also before sign-in, and without repeating the address."""
    page = priya.get("/Zebedee", 404)

    assert page.heading == "Page not found"
    assert "Zebedee" not in page.response.text


def test_a_method_that_is_not_there(priya: PageClient) -> None:
    """Says which are, in the header that HTTP has for it."""
    response = priya.http.post("/")

    assert Page(response).heading == "This page cannot be used like that"
    assert response.headers["allow"] == "GET"


def test_a_malformed_id_is_named_without_its_value(priya: PageClient) -> None:
    """Location and kind of fault only (STYLE.md, smell 1)."""
    page = priya.get(f"/families/{CANARY}", 422)

    assert "path.person: string_pattern_mismatch" in page.text
    assert CANARY not in page.response.text


def test_a_form_that_is_too_long(priya: PageClient) -> None:
    """It is not read to its end."""
    response = priya.http.post("/sign-in", data={"person": "x" * (MAX_FORM_BYTES + 1)})

    assert Page(response).heading == "The form is too long"
    assert response.status_code == 413


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/json", b'{"person": "priya-nair"}', 415),
        ("multipart/form-data; boundary=x", b"--x--", 415),
        ("application/x-www-form-urlencoded", b"person=%ff%fe", 400),
        ("application/x-www-form-urlencoded", "person=\u00e9".encode(), 400),
        ("application/x-www-form-urlencoded", b"a=1&" * 300, 400),
    ],
)
def test_a_body_that_is_no_form(
    client: PageClient, content_type: str, body: bytes, status: int
) -> None:
    """Anything but an ordinary form is turned away."""
    response = client.http.post("/sign-in", content=body, headers={"content-type": content_type})

    assert Page(response).status == status


def test_without_the_ledger_nothing_is_shown(priya: PageClient, world: Fake) -> None:
    """503, to be tried again, and no personal byte."""
    world.services.is_broken = True

    response = priya.http.get(f"/families/{CHILD}")

    page = Page(response)
    assert page.status == 503
    assert response.headers["retry-after"] == "60"
    assert "Wren" not in response.text
    assert "Priya" not in response.text


@pytest.fixture
def failing(world: Fake) -> PageClient:
    services = BrokenServices(people=world.services.people)
    app: FastAPI = create_app(
        services, PortalSettings("Exbury Council", "demonstration", cookie_secure=False)
    )
    client = PageClient(app)
    client.sign_in("priya-nair")
    return client


def test_what_nobody_expected_is_answered_and_logged_without_values(
    failing: PageClient, caplog: pytest.LogCaptureFixture
) -> None:
    """The page and the one log line share a reference; the name is in neither."""
    with caplog.at_level(logging.DEBUG), capture_logs() as logs:
        response = failing.http.get("/")

    page = Page(response)
    assert page.status == 500
    (line,) = [log for log in logs if log["event"] == "page:failed"]
    assert line["reference"] in page.text
    assert line["error"] == "RuntimeError"
    assert line["route"] == "/"
    for output in (response.text, repr(logs), caplog.text):
        assert CANARY not in output
        assert "Traceback" not in output

import pytest

from services.portal.app import create_app
from services.portal.frame.errors import UnsafeDemonstrationError
from services.portal.frame.settings import PortalSettings
from tests.support.fakes.fake_portal_services import FakePortalServices
from tests.support.portal.pages import Page, PageClient
from tests.unit.services.portal.conftest import Fake


def test_the_demonstration_lists_invented_people(client: PageClient) -> None:
    """One picks who one is."""
    page = client.get("/sign-in")

    assert "These people are invented" in page.text
    assert "Health visitor, Exbury health visiting" in page.text


def test_a_plain_client_signs_in_with_one_field(client: PageClient, world: Fake) -> None:
    """Other programs rely on it: the cookie is set and the answer leads home."""
    response = client.http.post("/sign-in", data={"person": world.practitioner.id})

    assert response.status_code == 303
    assert response.headers["location"] == "/"
    assert client.get("/").heading == "My families"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    client: PageClient, world: Fake
) -> None:
    """On plain http it has no prefix, because browsers would refuse it."""
    response = client.http.post("/sign-in", data={"person": world.practitioner.id})

    cookie = response.headers["set-cookie"]
    assert cookie.startswith("tell-once=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie


def test_a_secure_cookie_is_bound_to_the_host(world: Fake) -> None:
    """Over https it has the __Host- prefix and travels only there."""
    settings = PortalSettings("Exbury Council", "demonstration", cookie_secure=True)
    client = PageClient(create_app(world.services, settings), "https://testserver")

    response = client.http.post("/sign-in", data={"person": world.practitioner.id})

    cookie = response.headers["set-cookie"]
    assert cookie.startswith("__Host-tell-once=")
    assert "Secure" in cookie
    assert "Domain" not in cookie
    assert client.get("/").heading == "My families"


@pytest.mark.parametrize("person", ["", "nobody", "priya-nair "])
def test_only_those_on_the_list_can_be_picked(client: PageClient, person: str) -> None:
    """Anything else is an error of the form, apart from spaces around it."""
    response = client.http.post("/sign-in", data={"person": person})

    assert response.status_code == (303 if person.strip() == "priya-nair" else 422)


def test_what_stands_in_an_address_is_no_field_of_a_form(client: PageClient, world: Fake) -> None:
    """A form is read from its body alone (ASVS 15.3.7)."""
    address = f"/sign-in?person={world.practitioner.id}"

    response = client.http.post(address, data={"return-to": "/"})

    assert response.status_code == 422
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize(("sent", "status"), [("priya%2Dnair", 303), ("priya%252Dnair", 422)])
def test_what_was_encoded_twice_is_decoded_once(client: PageClient, sent: str, status: int) -> None:
    """What comes of it is looked at as it then is (ASVS 1.1.1)."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    response = client.http.post("/sign-in", content=f"person={sent}", headers=headers)

    assert response.status_code == status


def test_picking_nobody_is_said_beside_the_list(client: PageClient) -> None:
    """The page comes back with an error summary."""
    page = Page(client.http.post("/sign-in", data={"person": ""}))

    assert page.status == 422
    assert page.errors == ["Select who you are"]


def test_signing_in_again_ends_the_session_before(priya: PageClient, world: Fake) -> None:
    """A secret that was left behind is worth nothing."""
    former = priya.http.cookies["tell-once"]

    priya.sign_in("tom-ellis")

    assert world.services.session(former) is None


def test_signing_out_ends_the_session_at_once(priya: PageClient, world: Fake) -> None:
    """The next page asks to sign in, even for a browser that kept the cookie."""
    secret = priya.http.cookies["tell-once"]

    page = priya.send_and_follow("/", "/sign-out", {})

    assert page.heading == "Sign in"
    assert world.services.session(secret) is None


def test_without_a_session_every_page_leads_to_sign_in(client: PageClient) -> None:
    """A made-up cookie is as good as none."""
    client.http.cookies.set("tell-once", "made-up")

    response = client.http.get("/")

    assert response.status_code == 303
    assert response.headers["location"] == "/sign-in"


def test_invented_people_cannot_sign_in_to_production(world: Fake) -> None:
    """The portal refuses to start."""
    with pytest.raises(UnsafeDemonstrationError):
        create_app(world.services, PortalSettings("Exbury Council", "production"))


def test_production_has_no_door_for_picked_people() -> None:
    """There is no POST /sign-in at all, whatever the services would answer."""
    settings = PortalSettings("Exbury Council", "production")
    client = PageClient(create_app(FakePortalServices(), settings), "https://testserver")

    assert "not set up here yet" in client.get("/sign-in").text
    assert client.http.post("/sign-in", data={"person": "priya-nair"}).status_code == 405


def test_an_environment_that_is_neither_is_refused() -> None:
    """A misspelt setting does not become a third environment."""
    with pytest.raises(ValueError, match="staging"):
        PortalSettings("Exbury Council", "staging")

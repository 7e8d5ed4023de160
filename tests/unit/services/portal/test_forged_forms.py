"""The rows of the trial of forged forms (PAGES.md section 6), against every form there is."""

from collections.abc import Callable

import httpx2
import pytest

from services.portal.csrf import TOKEN_FIELD, FormPurpose, form_token
from tests.support.pages import PageClient
from tests.support.pairs import a_pair
from tests.support.portal_builders import CHILD
from tests.support.portal_forms import A_CHILD, A_PERMIT, a_permit_for
from tests.support.steward_world import a_steward
from tests.unit.services.portal.conftest import Fake

FAMILY = f"/families/{CHILD}"
FORMS = {
    "/sign-out": FormPurpose.SIGN_OUT,
    "/find-a-family": FormPurpose.FIND_FAMILY,
    "/record-a-decision": FormPurpose.RECORD_DECISION,
    f"{FAMILY}/story/new": FormPurpose.ADD_STORY,
    f"{FAMILY}/story/confirm": FormPurpose.CONFIRM_STORY,
    f"{FAMILY}/story/s2/confirm": FormPurpose.CONFIRM_STORY,
    f"{FAMILY}/story/s2/correct": FormPurpose.CORRECT_STORY,
    f"{FAMILY}/story/s2/keep": FormPurpose.KEEP_STORY,
    f"{FAMILY}/consent/new": FormPurpose.RECORD_DECISION,
    f"{FAMILY}/consent/decision-0001/withdraw": FormPurpose.WITHDRAW_DECISION,
    f"{FAMILY}/consent/decision-0001/replace": FormPurpose.REPLACE_DECISION,
    f"{FAMILY}/consent/decision-0001/object": FormPurpose.OBJECT_TO_DECISION,
    f"{FAMILY}/consent/decision-0001/end": FormPurpose.END_DECISION,
    f"{FAMILY}/consent/decision-0001/invalidate": FormPurpose.INVALIDATE_DECISION,
    "/who-may-be-one/review-0001/join": FormPurpose.JOIN_PEOPLE,
    "/who-may-be-one/review-0001/apart": FormPurpose.KEEP_PEOPLE_APART,
    "/who-may-be-one/review-0001/undo": FormPurpose.UNDO_JOIN,
    "/who-may-be-one/review-0001/ask-sources": FormPurpose.ASK_SOURCES,
}
FIELDS = {**A_CHILD, **A_PERMIT, "told-by": "Nan", "text": "Words"}

Send = Callable[..., httpx2.Response]


@pytest.fixture(params=list(FORMS))
def address(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def browser(client: PageClient, world: Fake, address: str) -> PageClient:
    """A browser in which somebody has signed in who may send this form."""
    steward = a_steward()
    world.services.people = (*world.services.people, steward)
    world.services.add_pair(a_pair("review-0001"))
    is_for_stewards = address.startswith("/who-may-be-one")
    client.sign_in(steward.id if is_for_stewards else world.practitioner.id)
    return client


@pytest.fixture
def token(browser: PageClient, world: Fake, address: str) -> str:
    """The token that this session's own page would carry."""
    world.record(a_permit_for(CHILD))
    session = world.services.session(browser.http.cookies["tell-once"])
    assert session is not None
    return form_token(session.csrf_secret, FORMS[address])


@pytest.fixture
def send(browser: PageClient, address: str) -> Send:
    def send_with(token: str | None = None, **headers: str) -> httpx2.Response:
        fields = FIELDS if token is None else {**FIELDS, TOKEN_FIELD: token}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return browser.http.post(address, data=fields, headers=named)

    return send_with


def test_a_form_without_a_token_is_refused(send: Send, token: str) -> None:
    """The page says that nothing was changed."""
    response = send()

    assert token
    assert response.status_code == 403
    assert "This form could not be accepted" in response.text


def test_a_token_in_a_header_is_not_enough(send: Send, token: str) -> None:
    """Forms are sent by pages without script, so only the hidden field counts."""
    assert send(x_csrf_token=token, csrf=token).status_code == 403


def test_a_token_in_the_hidden_field_passes(send: Send, token: str) -> None:
    """What the page carries is accepted."""
    assert send(token).status_code != 403


def test_a_plain_client_passes_with_the_token(send: Send, token: str) -> None:
    """It sends neither Origin nor fetch metadata; a browser cannot leave both out."""
    assert send(token, origin="http://testserver").status_code != 403
    assert send(token, sec_fetch_site="same-origin").status_code != 403


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"origin": "https://elsewhere.example"},
        {"origin": "http://testserver.elsewhere.example"},
        {"origin": "http://testserver:8080"},
        {"origin": "null"},
    ],
)
def test_another_sites_page_is_refused_even_with_the_token(
    send: Send, token: str, headers: dict[str, str]
) -> None:
    """Whichever of the two headers tells it."""
    assert send(token, **headers).status_code == 403


def test_a_token_for_another_purpose_is_refused(
    send: Send, browser: PageClient, world: Fake, address: str
) -> None:
    """A token taken from one page opens no other form."""
    session = world.services.session(browser.http.cookies["tell-once"])
    assert session is not None
    others = set(FormPurpose) - {FORMS[address]}

    answers = {send(form_token(session.csrf_secret, p)).status_code for p in others}

    assert answers == {403}


def test_a_token_of_another_session_is_refused(send: Send, world: Fake, address: str) -> None:
    """The same person, signed in elsewhere, has other tokens."""
    secret = world.services.sign_in(world.practitioner.id)
    session = world.services.session(secret or "")
    assert session is not None

    response = send(form_token(session.csrf_secret, FORMS[address]))

    assert response.status_code == 403


@pytest.mark.parametrize("token", ["", "é", "x" * 500])
def test_a_token_of_any_shape_is_only_refused(priya: PageClient, token: str) -> None:
    """Odd tokens are compared like any other."""
    response = priya.http.post("/sign-out", data={TOKEN_FIELD: token})

    assert response.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"origin": "https://elsewhere.example"}],
)
def test_another_sites_page_cannot_sign_somebody_in(
    client: PageClient, headers: dict[str, str]
) -> None:
    """Signing in has no token, so this is what protects it."""
    response = client.http.post("/sign-in", data={"person": "priya-nair"}, headers=headers)

    assert response.status_code == 403
    assert "set-cookie" not in response.headers

"""The rows of the trial of forged forms (PAGES.md section 6), against every form there is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import httpx2
import pytest
from fastapi import FastAPI

from schemas.identifiers import PractitionerId
from services.portal.app import create_app
from services.portal.frame.session import TOKEN_FIELD, FormPurpose, form_token
from services.portal.frame.settings import PortalSettings
from tests.support.each_case import each_case
from tests.support.fakes.fake_portal_services import FakePortalServices
from tests.support.fakes.fake_uses import A_USE
from tests.support.messages.school_lists import a_list_question
from tests.support.people.pairs import a_pair
from tests.support.portal.pages import PageClient
from tests.support.portal.portal_builders import CHILD
from tests.support.portal.portal_forms import A_CHILD, A_PERMIT, a_permit_for
from tests.support.portal.portal_world import a_fake_world
from tests.support.portal.steward_world import a_steward

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
    f"{FAMILY}/support/help/new": FormPurpose.WRITE_HELP,
    f"{FAMILY}/support/help/h1": FormPurpose.WRITE_HELP,
    f"{FAMILY}/support/step/new": FormPurpose.WRITE_STEP,
    f"{FAMILY}/support/step/n1": FormPurpose.WRITE_STEP,
    f"{FAMILY}/support/involved": FormPurpose.SAY_INVOLVED,
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
    "/orders/order-0001": FormPurpose.ANSWER_ORDER,
    f"{FAMILY}/question": FormPurpose.ASK_GOVERNANCE,
    "/audit/unusual/hit-0001": FormPurpose.JUDGE_HIT,
    "/audit/reviews/review-0001": FormPurpose.REVIEW_ACCESS,
    "/audit/family-questions/item-0001": FormPurpose.ANSWER_FAMILY,
    f"/uses-of-my-name/{A_USE.id}/not-me": FormPurpose.DISOWN_USE,
    "/audit/name-a-family": FormPurpose.NAME_A_FAMILY,
    "/staff/add-agency": FormPurpose.ADD_AGENCY,
    "/staff/import": FormPurpose.IMPORT_STAFF,
    "/staff/agencies/RY4/add": FormPurpose.CHANGE_STAFF,
    "/staff/people/practitioner-0001": FormPurpose.ACT_ON_STAFF,
    "/staff/people/practitioner-0001/change": FormPurpose.CHANGE_STAFF,
    "/staff/people/practitioner-0001/join": FormPurpose.JOIN_SIGN_IN,
    "/check-a-class-list": FormPurpose.CHECK_LIST,
    "/school-lists/question-0001/agree": FormPurpose.ANSWER_LIST,
    "/school-lists/question-0002/decline": FormPurpose.ANSWER_LIST,
}
FIELDS = {**A_CHILD, **A_PERMIT, "answer": "confirm", "told-by": "Nan", "text": "Words"}

NO_HEADERS: Mapping[str, str] = MappingProxyType({})
OTHER_SITES = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "https://elsewhere.example"},
    {"origin": "http://testserver.elsewhere.example"},
    {"origin": "http://testserver:8080"},
    {"origin": "null"},
]


_SENT_BY = {
    "who-may-be-one": a_steward().id,
    "school-lists": a_steward().id,
    "orders": PractitionerId("ada-orr"),
    "audit": PractitionerId("iris-vane"),
    "staff": PractitionerId("ada-orr"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A portal with every form there is, and who has signed in there, each once."""

    services: FakePortalServices
    app: FastAPI
    practitioner: PractitionerId
    browsers: dict[PractitionerId, PageClient]

    @classmethod
    def ready(cls) -> "Place":
        """Make a world in which every form is there to be sent."""
        world = a_fake_world()
        steward = a_steward()
        world.services.people = (*world.services.people, steward)
        world.services.add_pair(a_pair("review-0001"))
        for number in (1, 2):
            question = a_list_question(f"question-000{number}")
            world.services.school_lists.questions[question.id] = question
        world.record(a_permit_for(CHILD))
        world.services.uses.uses[world.practitioner.id] = [A_USE]
        settings = PortalSettings("Exbury Council", "demonstration", cookie_secure=False)
        return cls(world.services, create_app(world.services, settings), world.practitioner.id, {})

    def browser_for(self, address: str) -> PageClient:
        """Give the browser of somebody who may send the form."""
        who = _SENT_BY.get(address.split("/")[1], self.practitioner)
        if who not in self.browsers:
            self.browsers[who] = PageClient(self.app)
            self.browsers[who].sign_in(who)
        return self.browsers[who]


@dataclass(frozen=True, slots=True)
class Form:
    """A form's address, and a browser in which somebody has signed in who may send it."""

    address: str
    browser: PageClient
    services: FakePortalServices

    @classmethod
    def ready(cls, address: str, place: "Place") -> "Form":
        """Find the form there, and somebody who may send it."""
        return cls(address, place.browser_for(address), place.services)

    def token(self, purpose: FormPurpose | None = None, cookie: str | None = None) -> str:
        """Give the token that this session's own page would carry, or that of another."""
        session = self.services.session(cookie or self.browser.http.cookies["tell-once"])
        assert session is not None
        return form_token(session.csrf_secret, purpose or FORMS[self.address])

    def send(self, token: str | None = None, headers: Mapping[str, str] = NO_HEADERS) -> int:
        """Send it filled in; gives the status of the answer."""
        return self.answer(token, headers).status_code

    def answer(
        self, token: str | None = None, headers: Mapping[str, str] = NO_HEADERS
    ) -> httpx2.Response:
        """Send it filled in."""
        fields = FIELDS if token is None else {**FIELDS, TOKEN_FIELD: token}
        return self.browser.http.post(self.address, data=fields, headers=headers)


def each_form() -> Iterator[Form]:
    """Give every form there is, each in a world of its own: what is accepted changes that."""
    return (Form.ready(address, Place.ready()) for address in FORMS)


def each_to_refuse() -> Iterator[Form]:
    """Give every form there is, all in one world: what is refused leaves that as it was."""
    place = Place.ready()
    return (Form.ready(address, place) for address in FORMS)


def test_a_form_without_a_token_is_refused() -> None:
    """The page says that nothing was changed."""
    with each_case() as case:
        for form in each_to_refuse():
            with case(form.address):
                response = form.answer()

                assert response.status_code == 403
                assert "This form could not be accepted" in response.text


def test_a_token_in_a_header_is_not_enough() -> None:
    """Forms are sent by pages without script, so only the hidden field counts."""
    with each_case() as case:
        for form in each_to_refuse():
            token = form.token()

            with case(form.address):
                assert form.send(headers={"x-csrf-token": token, "csrf": token}) == 403


def test_a_token_in_the_hidden_field_passes() -> None:
    """What the page carries is accepted."""
    with each_case() as case:
        for form in each_form():
            with case(form.address):
                assert form.send(form.token()) != 403


def test_a_plain_client_passes_with_the_token() -> None:
    """It sends neither Origin nor fetch metadata; a browser cannot leave both out."""
    with each_case() as case:
        for headers in ({"origin": "http://testserver"}, {"sec-fetch-site": "same-origin"}):
            for form in each_form():
                with case(form.address, headers):
                    assert form.send(form.token(), headers) != 403


def test_another_sites_page_is_refused_even_with_the_token() -> None:
    """Whichever of the two headers tells it."""
    with each_case() as case:
        for form in each_to_refuse():
            for headers in OTHER_SITES:
                with case(form.address, headers):
                    assert form.send(form.token(), headers) == 403


def test_a_token_for_another_purpose_is_refused() -> None:
    """A token taken from one page opens no other form."""
    with each_case() as case:
        for form in each_to_refuse():
            for purpose in set(FormPurpose) - {FORMS[form.address]}:
                with case(form.address, purpose):
                    assert form.send(form.token(purpose)) == 403


def test_a_token_of_another_session_is_refused() -> None:
    """The same person, signed in elsewhere, has other tokens."""
    with each_case() as case:
        for form in each_to_refuse():
            own = form.services.session(form.browser.http.cookies["tell-once"])
            assert own is not None
            elsewhere = form.services.sign_in(own.practitioner.id)
            assert elsewhere is not None

            with case(form.address):
                assert form.send(form.token(cookie=elsewhere)) == 403


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

"""What is no text is refused at every door, wherever it is put, and is told of by its place.

Every route is walked, as deploy/access.md names them: a new one is walked without a word here, and
so is every field of the documents below.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from schemas.vocabulary import Role
from services.__main__ import main
from services.interfaces.access.app import EVALUATION, EVALUATIONS, create_access_app
from services.interfaces.partners.edge import TOKEN_PATH
from services.interfaces.partners.ports import Caller, Credentials, Pace, PartnerId, Scope
from services.interfaces.partners.push.events import BATCHED, STRUCTURED
from services.people.practitioners.permissions import Permission, allows
from services.portal.app import create_app
from services.portal.frame.settings import PortalSettings
from tests.architecture.test_access_doors import every_route, routes, the_ledger
from tests.architecture.test_machines_guarded import the_families
from tests.architecture.test_routes_guarded import contexts, permission_of
from tests.support.assertions import P256, a_form, an_assertion, public
from tests.support.authzen import an_evaluation
from tests.support.each_case import each_case
from tests.support.messages.cloud_events import an_event
from tests.support.messages.nems_messages import professional_contact
from tests.support.partners import NORTHFIELD, PUBLIC_URL, PartnerClient, a_partner
from tests.support.portal.portal_builders import a_practitioner
from tests.support.portal.portal_world import a_fake_world

CANARY = "Quincey"
NO_TEXT = {"half-a-pair": f"{CANARY}\ud800", "nul": f"{CANARY}\0"}
_FEWEST_ROUTES = 60
_SENT_IN_ADDRESSES = ("%00", "%ED%A0%80")
_JSON = {"Content-Type": "application/json"}
_KEPT = (".id", ".source", ".type")
_FIELDS = ("text", "told-by", "scheme", "csrf")


@dataclass(frozen=True, slots=True)
class Doors:
    """An application, and with what headers a route of it lets one past its guard."""

    app: FastAPI
    http: TestClient
    headers: Mapping[str, str]


def the_doors() -> Iterator[Doors]:
    """Every application, each with somebody who is let in."""
    partners = PartnerClient()
    yield _doors(partners.http.app, partners.token())
    yield _doors(the_families(), {})
    yield _doors(the_access(), {"Authorization": "Bearer x"})
    yield _doors(the_ledger(), {})
    yield _doors(_the_portal()[0], {})


def the_access() -> FastAPI:
    """Where whoever asks may, and nothing is ever answered."""
    caller = Caller(PartnerId("gateway"), frozenset(Scope), Pace(1.0, 1), None, b"")

    def never(_: Caller) -> Any:
        raise NotImplementedError

    return create_access_app(never, admit=lambda _: caller, base_url=PUBLIC_URL)


def _doors(app: Any, headers: Mapping[str, str]) -> Doors:
    return Doors(app, TestClient(app, raise_server_exceptions=False), headers)


def _the_portal() -> tuple[FastAPI, Mapping[Role, str]]:
    """The pages, and somebody of each role."""
    world = a_fake_world()
    people = {role: a_practitioner(f"Somebody {role}", role) for role in Role}
    world.services.people = (*world.services.people, *people.values())
    settings = PortalSettings("Exbury Council", "demonstration", cookie_secure=False)
    return create_app(world.services, settings), {r: p.id for r, p in people.items()}


def test_no_address_and_no_header_holds_nul():
    """In each part of a path, in a query and in a header; before anybody is asked who they are."""
    walked = 0
    with each_case() as case:
        for doors in the_doors():
            for route in sorted(routes(doors.app)):
                method, path = route.split(" ")
                walked += 1
                with case(route):
                    for address, headers, place in _harmed(path):
                        answer = doors.http.request(method, address, headers=headers)
                        _refused(answer, place if method != "HEAD" else "")
                    half = path.replace("{", "%ED%A0%80").replace("}", "") + "?purpose=%ED%A0%80"
                    assert doors.http.request(method, half).status_code < 500

    assert walked >= _FEWEST_ROUTES
    assert walked >= len(every_route())


def _harmed(path: str) -> Iterator[tuple[str, Mapping[str, str | bytes], str]]:
    plain = path.replace("{", "").replace("}", "").replace(":path", "")
    parts = path.split("/")
    for number, part in enumerate(parts):
        if part.startswith("{"):
            yield "/".join([*parts[:number], f"{CANARY}%00", *parts[number + 1 :]]), {}, "path"
    yield f"{plain}?purpose={CANARY}%00", {}, "query.purpose"
    yield f"{plain}?%00{CANARY}=1", {}, "query"
    yield plain, {"X-Request-ID": f"{CANARY}\0".encode()}, "header.x-request-id"
    yield plain, {"Cookie": f"tell-once={CANARY}\0".encode()}, "header.cookie"


def test_no_form_of_a_page_holds_what_is_no_text():
    """Sent by somebody whose role has the page; in fields that it knows, and others."""
    app, people = _the_portal()
    posts = [c for c in contexts(app) if "POST" in (c.methods or ())]
    browsers = {role: TestClient(app, raise_server_exceptions=False) for role in people}
    for role, browser in browsers.items():
        browser.post("/sign-in", data={"person": people[role]}, follow_redirects=False)
    with each_case() as case:
        for context in posts:
            role = _whose(permission_of(context))
            address = (context.path or "").replace("{", "").replace("}", "")
            with case(address):
                for field in _FIELDS:
                    for sent in _SENT_IN_ADDRESSES:
                        answer = _post_form(browsers[role], address, f"{field}={CANARY}{sent}")
                        _refused(answer, f"form.{field}" if sent == "%00" else "")
                answer = _post_form(browsers[role], address, f"{CANARY}%00=1")
                _refused(answer, "form")

    assert len(posts) >= 12


def _whose(permission: Permission | None) -> Role:
    assert permission is not None
    return next(role for role in Role if allows(permission, role))


def _post_form(http: TestClient, address: str, form: str, **more: str) -> httpx2.Response:
    headers = {"Content-Type": "application/x-www-form-urlencoded"} | more
    return http.post(address, content=form, headers=headers, follow_redirects=False)


def test_no_token_request_holds_what_is_no_text():
    """In a field, in Basic authentication, in the header and in each claim of an assertion."""
    client = PartnerClient()
    client.partners.enter(Credentials(a_partner(), public(P256), []))
    form = {**a_form(an_assertion(), NORTHFIELD), "client_secret": "x", "scope": "x"}
    with each_case() as case:
        for name in form:
            for sent in _SENT_IN_ADDRESSES:
                with case(name, sent):
                    rest = urlencode({n: v for n, v in form.items() if n != name})
                    answer = _post_form(client.http, TOKEN_PATH, f"{rest}&{name}={CANARY}{sent}")
                    _refused(answer, f"form.{name}" if sent == "%00" else "")
        for kind, value in NO_TEXT.items():
            for assertion, where in _assertions(value):
                with case(kind, where):
                    answer = client.http.post(TOKEN_PATH, data=a_form(assertion))
                    _refused(answer, "client_assertion")
                    assert answer.json()["error"] == "invalid_request"
        for both in (f"{CANARY}%00:x", f"x:{CANARY}%00"):
            basic = f"Basic {base64.b64encode(both.encode()).decode()}"
            form_of_basic = "grant_type=client_credentials"
            answer = _post_form(client.http, TOKEN_PATH, form_of_basic, Authorization=basic)
            with case("basic"):
                _refused(answer, "authorization")


def _assertions(value: str) -> Iterator[tuple[str, str]]:
    """Whose signature is looked at later: what a partner signs is no better for that."""
    header: dict[str, Any] = {"alg": "ES256", "kid": "p-256", "typ": "JWT", "x": {"y": ["z"]}}
    claims: dict[str, Any] = {
        **dict.fromkeys(("sub", "iss"), NORTHFIELD),
        **dict.fromkeys(("jti", "exp", "urn:example:more"), "x"),
        "aud": [PUBLIC_URL],
        "x": {"y": ["z"]},
    }
    for changed, where in _documents(header, value):
        yield _compact(changed, claims), f"header {where}"
    for changed, where in _documents(claims, value):
        yield _compact(header, changed), f"claim {where}"


def _compact(*parts: object) -> str:
    whole = [*(json.dumps(part).encode() for part in parts), bytes(64)]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in whole)


def test_no_question_holds_what_is_no_text():
    """In each text of it, and in each name."""
    http = TestClient(the_access(), raise_server_exceptions=False)
    question = an_evaluation(context={"purpose": "TREAT", "more": [{"deep": "x"}]})
    many = {**question, "evaluations": [question], "options": {"evaluations_semantic": "x"}}
    with each_case() as case:
        for path, asked in ((EVALUATION, question), (EVALUATIONS, many)):
            for document, where in _documents(asked, NO_TEXT["half-a-pair"]):
                with case(path, where):
                    answer = http.post(path, content=json.dumps(document), headers=_JSON)
                    _refused(answer, f"request{where}")


def test_no_event_holds_what_is_no_text():
    """In each attribute, those of others' extensions too, and NUL in what is kept.

    Data are their reader's to judge.
    """
    client = PartnerClient()
    headers = client.token()
    event = an_event(professional_contact(), extension="x")
    with each_case() as case:
        for kind, value in NO_TEXT.items():
            for document, where in _documents(event, value):
                if where.startswith(".data_") or (kind == "nul" and where not in _KEPT):
                    continue
                for sent, form, place in (
                    (document, STRUCTURED, f"event{where}"),
                    ([event, document], BATCHED, f"events[1]{where}"),
                ):
                    with case(kind, place):
                        answer = _push(client, headers, sent, form)
                        _refused(answer, place)
        for name in ("id", "source", "type"):
            with case("ce", name):
                more = headers | {"Content-Type": "application/xml", f"ce-{name}": f"{CANARY}%00"}
                answer = client.http.post("/partners/v1/events", content=b"x", headers=more)
                _refused(answer, f"headers.{name}")
        text = an_event(b"", data=NO_TEXT["half-a-pair"], data_base64=None)
        with case("data"):
            _refused(_push(client, headers, text, STRUCTURED), "event.data")


def _push(
    client: PartnerClient, headers: Mapping[str, str], document: Any, form: str
) -> httpx2.Response:
    more = {**headers, "Content-Type": form}
    return client.http.post("/partners/v1/events", content=json.dumps(document), headers=more)


def _documents(whole: Any, value: str, where: str = "") -> Iterator[tuple[Any, str]]:
    """The document with `value` in place of each text in it, and beside each name; and where."""
    if isinstance(whole, str):
        yield value, where
    elif isinstance(whole, dict):
        yield whole | {value: "x"}, where
        for name, inner in whole.items():
            for changed, place in _documents(inner, value, f"{where}.{name}"):
                yield whole | {name: changed}, place
    elif isinstance(whole, list):
        for number, inner in enumerate(whole):
            for changed, place in _documents(inner, value, f"{where}[{number}]"):
                yield [*whole[:number], changed, *whole[number + 1 :]], place


@pytest.mark.parametrize("word", ["Quincey\udcff", "Quincey\0"])
def test_no_word_on_the_command_line_is_no_text(word: str, capfd: pytest.CaptureFixture[str]):
    """It is told by the name of the option, and nothing is opened."""
    words = ["profile", "show", "--person", word, "--as", "x", "--purpose", "direct-care"]

    code = main(words)

    said = capfd.readouterr()
    assert (code, said.out) == (2, "")
    assert "person: is-not-text" in said.err
    assert CANARY not in said.err


def _refused(answer: httpx2.Response, place: str) -> None:
    assert answer.status_code == 400, answer.status_code
    assert place in answer.text, answer.text
    assert CANARY not in answer.text

"""The AuthZEN interface over HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from services.interfaces.access.app import (
    DISCOVERY,
    EVALUATION,
    EVALUATIONS,
    MOST_BYTES,
    create_access_app,
)
from services.interfaces.access.authzen import EvaluationRequest, EvaluationResponse
from services.interfaces.access.batch import Evaluate
from services.interfaces.partners.errors import (
    NotAuthenticatedError,
    ScopeMissingError,
    TooManyRequestsError,
)
from services.interfaces.partners.ports import Caller, Pace, PartnerId, Scope
from services.platform.errors import ServiceUnavailableError
from tests.support.authzen import an_evaluation

KEY = {"Authorization": "Bearer key"}
CALLER = Caller(PartnerId("gateway"), frozenset(Scope), Pace(1.0, 1), None, b"")
CANARY = "Canary-Name"


def _evaluate(request: EvaluationRequest) -> EvaluationResponse:
    match request.subject.id:
        case "down":
            raise ServiceUnavailableError(CANARY)
        case "broken":
            raise KeyError(CANARY)
    return EvaluationResponse(decision=request.subject.id == "me", context={"mode": "content"})


@contextmanager
def _evaluating(caller: Caller) -> Iterator[Evaluate]:
    assert caller is CALLER
    yield _evaluate


def _admit(header: str | None) -> Caller:
    match header:
        case "Bearer key":
            return CALLER
        case "Bearer other":
            raise ScopeMissingError("the token lacks the scope access:evaluate")
        case "Bearer often":
            raise TooManyRequestsError(timedelta(seconds=7))
    raise NotAuthenticatedError("no access token that holds came with the request")


@pytest.fixture
def client() -> TestClient:
    """Give the interface, with one caller known."""
    app = create_access_app(_evaluating, admit=_admit, base_url="https://tell-once.example/")
    return TestClient(app, raise_server_exceptions=False)


def test_yes_and_no_are_both_answers(client: TestClient):
    """200 with a decision; never kept by anything between."""
    yes = client.post(EVALUATION, json=an_evaluation(), headers=KEY)
    no = client.post(
        EVALUATION, json=an_evaluation(subject={"type": "user", "id": "you"}), headers=KEY
    )

    assert (yes.status_code, yes.json()["decision"]) == (200, True)
    assert (no.status_code, no.json()["decision"]) == (200, False)
    assert yes.headers["content-type"] == "application/json"
    assert yes.headers["cache-control"] == "no-store"


def test_the_single_interface_answers_one_question(client: TestClient):
    """A batch is for the other one."""
    batch = an_evaluation(evaluations=[{}, {"subject": {"type": "user", "id": "you"}}])

    single = client.post(EVALUATION, json=batch, headers=KEY).json()
    several = client.post(EVALUATIONS, json=batch, headers=KEY).json()

    assert single == {"decision": True, "context": {"mode": "content"}}
    assert [one["decision"] for one in several["evaluations"]] == [True, False]


@pytest.mark.parametrize("path", [EVALUATION, EVALUATIONS])
def test_a_caller_that_is_not_known_is_told_nothing(client: TestClient, path: str):
    """401 with a challenge, whatever it asks."""
    answer = client.post(path, json=an_evaluation())

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(("key", "status"), [("other", 403), ("often", 429)])
def test_a_caller_that_may_not_ask_now_is_told_so(client: TestClient, key: str, status: int):
    """Before its question is read."""
    answer = client.post(EVALUATION, content=b"{", headers={"Authorization": f"Bearer {key}"})

    assert answer.status_code == status
    assert answer.headers.get("retry-after") == ("7" if status == 429 else None)


def test_a_question_counts_once() -> None:
    """Against the pace of who asks."""
    asked: list[str | None] = []

    def admit(header: str | None) -> Caller:
        asked.append(header)
        return CALLER

    app = create_access_app(_evaluating, admit=admit, base_url="https://tell-once.example")
    TestClient(app).post(EVALUATION, json=an_evaluation(), headers=KEY)

    assert asked == [KEY["Authorization"]]


@pytest.mark.parametrize("body", [b"{", b"", b"[]", b'{"subject": {"type": "s"}}', b"null"])
def test_what_cannot_be_read_is_a_bad_request(client: TestClient, body: bytes):
    """400 with a message string, which has no value in it."""
    headers = KEY | {"Content-Type": "application/json"}

    answer = client.post(EVALUATION, content=body, headers=headers)

    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/plain")


def test_a_refused_value_is_not_told(client: TestClient):
    """Only which element it was."""
    request = an_evaluation(subject={"type": "s", "id": [CANARY]})

    answer = client.post(EVALUATION, json=request, headers=KEY)

    assert answer.text == "subject.id: string_type"


@pytest.mark.parametrize("who", ["down", "broken"])
def test_what_goes_wrong_here_is_told_as_that(client: TestClient, who: str):
    """500, with nothing of what went wrong."""
    request = an_evaluation(subject={"type": "user", "id": who})

    answer = client.post(EVALUATION, json=request, headers=KEY)

    assert answer.status_code == 500
    assert CANARY not in answer.text


@pytest.mark.parametrize("headers", [KEY, {}])
def test_a_request_id_comes_back(client: TestClient, headers: dict[str, str]):
    """With errors too."""
    named = headers | {"X-Request-ID": "bfe9eb29"}

    answer = client.post(EVALUATION, json=an_evaluation(), headers=named)

    assert answer.headers["x-request-id"] == "bfe9eb29"


def test_a_body_that_is_too_long_is_refused(client: TestClient):
    """Before it is read."""
    request = an_evaluation(context={"purpose": "x" * MOST_BYTES})

    assert client.post(EVALUATION, json=request, headers=KEY).status_code == 413


def test_discovery_names_the_endpoints(client: TestClient):
    """Section 9: the identifier is the one that callers know."""
    answer = client.get(DISCOVERY)

    assert answer.status_code == 200
    assert answer.json() == {
        "policy_decision_point": "https://tell-once.example",
        "access_evaluation_endpoint": "https://tell-once.example/access/v1/evaluation",
        "access_evaluations_endpoint": "https://tell-once.example/access/v1/evaluations",
    }


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/redoc"])
def test_nothing_else_is_there(client: TestClient, path: str):
    """Not the papers either."""
    assert client.get(path).status_code == 404

"""The published OpenAPI document is true: whatever it allows is taken, whatever it forbids is not.

schemathesis makes requests from the document, right ones and wrong ones, sends them to the
applications over a real PostgreSQL, and holds each answer against what is published for it.
"""

import json
import os
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events
from starlette.types import ASGIApp

from schemas.publishing import FAMILY_OPENAPI, OPENAPI, PUBLISHED
from services.interfaces.access.app import create_access_app
from services.interfaces.access.postgres import admit_askers, evaluating
from services.interfaces.families.app import create_families_app
from services.interfaces.families.postgres import reading_families
from services.interfaces.partners.described.examples import ANSWERED, ASKED
from services.interfaces.publishing_openapi import document_text, family_text
from services.platform.web import ByPath
from services.work import Outside
from tests.support.fakes.in_process import InProcess
from tests.support.one_loop import client_of
from tests.support.partners import NORTHFIELD, OTHER, PUBLIC_URL
from tests.support.partners_database import PartnersOnDatabase, partners_app_on
from tests.support.people.families import a_known_family, families_on

pytestmark = pytest.mark.postgres

_FEW = 8
# Of each operation; deploy/tell-once test --soak makes up many more.
_EXAMPLES = int(os.environ.get("TELL_ONCE_OPENAPI_EXAMPLES", _FEW))
# What is pushed has so many members that each of them in every way is 1,300 requests: those are
# of the long walk. Here examples are sent, and what is made up, right and wrong.
_PUSHED = (
    "/partners/v1/events",
    "/partners/csc/children_social_care_data/{la_code}/children",
)
_MADE_UP_ALONE = [
    {"include-path": path, "phases": {"coverage": {"enabled": False}}} for path in _PUSHED
]
_REQUIRED = {"get", "post"}
_DRY_RUN = "/partners/v1/checks"


@pytest.fixture
def document() -> Any:
    """Give the published document."""
    return json.loads((PUBLISHED / OPENAPI).read_text())


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


@pytest.fixture
def token(running: InProcess) -> dict[str, str]:
    """Give the token of a partner that may do everything."""
    partners = PartnersOnDatabase.over(running)
    partners.onboard_with_services()
    return partners.token(NORTHFIELD)


def test_every_answer_is_as_published(
    document: Any, running: InProcess, token: dict[str, str]
) -> None:
    """No failure of ours, no status, media type or content that is not in the document."""
    del document["paths"][_DRY_RUN]  # takes what events take, which costs most to make up
    tried, found = _tried(document, running, token)

    assert found == []
    assert len(tried) == len(_operations(document))


def test_every_family_that_is_shown_is_as_published(document: Any, running: InProcess) -> None:
    """In either form, with a token that names who looks."""
    child, _ = a_known_family(running)
    path = "/api/v1/families/{family}"
    document["paths"] = {path: document["paths"][path]}
    (parameter,) = document["paths"][path]["get"]["parameters"]
    parameter["schema"] = {"enum": [child]}
    shown: list[int] = []
    with families_on(running) as families:
        for accept in ("application/json", "application/fhir+json"):
            headers = families.token() | {"Accept": accept}
            shown.append(families.get(child, headers).status_code)
            _, found = _tried(document, running, headers)
            assert found == []

    assert shown == [200, 200]


def test_the_check_finds_what_is_not_true(
    document: Any, running: InProcess, token: dict[str, str]
) -> None:
    """A member that no answer has, said to be in each."""
    path = "/partners/v1/dispositions"
    document["paths"] = {path: document["paths"][path]}
    document["components"]["schemas"]["DispositionsPage"]["required"].append("all")

    _, found = _tried(document, running, token)

    assert {failure.split(": ")[1] for failure in found} == {"response_schema_conformance"}


def test_the_document_is_that_of_the_applications() -> None:
    """Write it anew after a change: python -m services.interfaces.publishing_openapi."""
    assert (PUBLISHED / OPENAPI).read_text() == document_text()
    assert (PUBLISHED / FAMILY_OPENAPI).read_text() == family_text()


def test_every_operation_says_who_may_use_it(document: Any) -> None:
    """Only the token endpoint and what describes it are open to anybody."""
    opened = {
        path
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if method in _REQUIRED and not operation["security"]
    }

    assert opened == {
        "/oauth/token",
        "/.well-known/oauth-authorization-server",
        "/.well-known/authzen-configuration",
        "/partners/v1/openapi.json",
    }


def test_every_operation_has_a_name_and_a_sentence(document: Any) -> None:
    """For those who read it, and for those who make clients of it."""
    operations = _operations(document)

    assert len({one["operationId"] for one in operations}) == len(operations)
    assert all(one.get("summary") for one in operations)


def test_every_example_is_taken_and_every_answer_is_of_its_form(
    document: Any, running: InProcess, token: dict[str, str]
) -> None:
    """An example that does not work costs each vendor an afternoon."""
    partners = PartnersOnDatabase.over(running)
    http = client_of(_all_applications(running))
    sent = []
    for operation, path in _paths(document):
        for media_type, example in ASKED.get(operation, {}).items():
            if operation not in _APART:
                headers = token | {"Content-Type": media_type}
                address = path.replace("{la_code}", "123")
                answer = http.post(address, content=json.dumps(example), headers=headers)
                sent.append((operation, answer.status_code))
    asked = ASKED["ask-for-token"]["application/x-www-form-urlencoded"]
    given = {"client_id": OTHER, "client_secret": partners.onboard(OTHER)}
    told = http.post("/oauth/token", data={**asked, **given})

    assert {status for _, status in sent} | {told.status_code} == {200}
    assert {operation for operation, _ in sent} | _APART == set(ASKED) == set(ANSWERED)
    for operation, path in _paths(document):
        if operation in ANSWERED:
            (method,) = document["paths"][path].values()
            (content,) = method["responses"]["200"]["content"].values()
            schema = content["schema"] | {"components": document["components"]}
            assert jsonschema_rs.is_valid(schema, content["example"]), operation


_APART = {"ask-for-token", "answer-connection"}
"""The first below; the second where there is a request to answer: tests/integration/connections."""


def _paths(document: Any) -> list[tuple[str, str]]:
    return [
        (operation["operationId"], path)
        for path, operations in document["paths"].items()
        for operation in operations.values()
        if isinstance(operation, dict)
    ]


def _tried(document: Any, running: InProcess, token: dict[str, str]) -> tuple[set[str], list[str]]:
    """Which operations were tried, and what was not as the document says."""
    config = SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "headers": token,
            "workers": 1,
            "generation": {"max-examples": _EXAMPLES, "database": "none"},
            "operations": _MADE_UP_ALONE if _EXAMPLES == _FEW else [],
        }
    )
    schema = schemathesis.openapi.from_dict(document, config=config)
    schema.app = _all_applications(running)
    tried: set[str] = set()
    found: list[str] = []
    for event in schemathesis.engine.from_schema(schema).execute():
        assert not isinstance(event, events.FatalError | events.NonFatalError), event
        if isinstance(event, events.ScenarioFinished):
            tried |= {case.value.operation.label for case in event.recorder.cases.values()}
            found += _failures(event)
    return tried, found


def _operations(document: Any) -> list[Any]:
    return [one for path in document["paths"].values() for one in path.values()]


def _failures(event: events.ScenarioFinished) -> list[str]:
    return [
        f"{event.recorder.label}: {check.name}: {check.failure_info.failure.title}"
        for checks in event.recorder.checks.values()
        for check in checks
        if check.failure_info is not None
    ]


def _all_applications(running: InProcess) -> ASGIApp:
    """As services.interfaces.servers serves them, each with its own rights."""
    partners = partners_app_on(running)
    access = create_access_app(
        evaluating(running.portal), admit=admit_askers(running.connectors), base_url=PUBLIC_URL
    )
    families = create_families_app(reading_families(running.portal, running.connectors))
    prefixes = {
        "/access/": access,
        "/.well-known/authzen-configuration": access,
        "/api/": families,
    }
    return ByPath(prefixes, others=partners)

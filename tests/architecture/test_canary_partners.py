"""No personal value leaves by the partner interfaces: answers, errors, logs, tables."""

import json
from collections.abc import Iterator

import pytest
import structlog
from sqlalchemy import Engine

from consent.model import Response as Answer
from schemas.identifiers import nhs_number_identifier, upn_identifier
from schemas.records.message import Demographics, Subject
from schemas.vocabulary import Source
from services.interfaces.partners.push.events import BATCHED, STRUCTURED
from services.platform.logging import configure_logging
from services.work import Outside
from tests.support.fakes.in_process import InProcess
from tests.support.messages.cloud_events import an_event
from tests.support.partners_database import PartnersOnDatabase, partners_on
from tests.support.traces.canaries import (
    BORN,
    CANARIES,
    GIVEN,
    NAME,
    NUMBER,
    UPN,
    found_in,
    health_visiting_files,
    school_files,
    social_care_files,
)
from tests.support.traces.in_the_clear import found_in_the_clear

pytestmark = pytest.mark.postgres

FILES = {
    Source.HEALTH_VISITING: health_visiting_files,
    Source.SCHOOLS: school_files,
    Source.SOCIAL_CARE: social_care_files,
}
_AT_ONCE = 50
_EVENTS = "/partners/v1/events"


@pytest.fixture
def partners(outside: Outside) -> Iterator[PartnersOnDatabase]:
    """Give the partner interfaces over the main job, with the real log processors on."""
    configure_logging("test")
    try:
        with InProcess.running(outside) as running, partners_on(running) as found:
            yield found
    finally:
        structlog.reset_defaults()


@pytest.mark.parametrize("response", [None, Answer.GIVEN], ids=["withheld", "published"])
@pytest.mark.parametrize("source", FILES, ids=str)
def test_pushing_tells_no_value(
    source: Source,
    response: Answer | None,
    partners: PartnersOnDatabase,
    engine: Engine,
    capfd: pytest.CaptureFixture[str],
):
    """Good and bad, in the data and in the attributes: every answer and every table is clean."""
    known = (nhs_number_identifier(NUMBER), upn_identifier(UPN))
    if response is not None:
        partners.running.decide(Subject("s", known, Demographics(date_of_birth=BORN)))
    events = [
        an_event(content, source, id=f"{NAME}-{n}", source=f"urn:{GIVEN}")
        for n, content in enumerate(FILES[source]())
    ]
    answers = [
        partners.push(*events[first : first + _AT_ONCE])
        for first in range(0, len(events), _AT_ONCE)
    ]

    asked = json.dumps([partners.get("dispositions?limit=1000"), partners.get("resend")])
    written = capfd.readouterr()

    assert {answer.status_code for answer in answers} == {200}
    assert found_in("".join(answer.text for answer in answers)) == []
    assert found_in(asked) == []
    assert found_in(written.out + written.err) == []
    assert found_in_the_clear(engine, CANARIES) == []


@pytest.mark.parametrize(
    "event",
    [
        {NAME: GIVEN},
        an_event(b"", id=[NAME]),
        an_event(b"", type=NAME),
        an_event(b"", time=BORN),
        an_event(b"", datacontenttype=NAME),
        an_event(b"", data_base64=NAME),
        an_event(b"", data_base64=None, data={NAME: GIVEN}),
        [NAME],
        NAME,
    ],
    ids=range(9),
)
def test_a_wrong_event_tells_no_value(
    event: object, partners: PartnersOnDatabase, capfd: pytest.CaptureFixture[str]
):
    """Nor does a wrong token, a wrong form or a wrong question."""
    headers = partners.token()
    http = partners.http
    forms = ({"grant_type": NAME}, {"grant_type": "client_credentials", "client_id": NAME})

    answers = [
        http.post(
            "/partners/v1/events", json=event, headers=headers | {"Content-Type": STRUCTURED}
        ),
        http.post("/partners/v1/events", json=[event], headers=headers | {"Content-Type": BATCHED}),
        http.post("/partners/v1/events", json=event, headers={"Authorization": f"Bearer {NAME}"}),
        http.get(f"/partners/v1/dispositions?cursor={NAME}&since={BORN}", headers=headers),
        http.get(f"/partners/v1/{NAME}", headers=headers),
        *(http.post("/oauth/token", data=form) for form in forms),
        http.post("/oauth/token", data=forms[1] | {"client_secret": GIVEN}),
        http.post("/oauth/token", data=forms[1] | {"scope": NAME, "client_assertion": GIVEN}),
    ]
    written = capfd.readouterr()

    assert all(400 <= answer.status_code < 500 for answer in answers)
    assert found_in("".join(f"{answer.text} {answer.headers}" for answer in answers)) == []
    assert found_in(written.out + written.err) == []

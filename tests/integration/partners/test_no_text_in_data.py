"""Text that cannot be kept, in the data of a message: its reader judges it, and nothing fails."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from schemas.vocabulary import Source
from services.interfaces.access.app import EVALUATION, create_access_app
from services.interfaces.access.postgres import admit_askers, evaluating
from services.interfaces.partners.push.events import BATCHED
from services.work import Outside
from tests.support.authzen import an_evaluation
from tests.support.each_case import each_case
from tests.support.fakes.in_process import InProcess
from tests.support.messages.cloud_events import an_event
from tests.support.messages.csc import a_child, an_episode, csc
from tests.support.messages.ctf import APupil, ctf
from tests.support.messages.nems_json import as_json
from tests.support.messages.nems_messages import professional_contact
from tests.support.one_loop import client_of
from tests.support.partners import PUBLIC_URL
from tests.support.partners_database import PartnersOnDatabase, partners_on

pytestmark = pytest.mark.postgres

_CANARY = "Quincey"
_AT_ONCE = 50
_NO_TEXT = (f"{_CANARY}\ud800", f"{_CANARY}\0")
_CHILDREN = "/partners/csc/children_social_care_data/999/children"


@pytest.fixture
def partners(outside: Outside) -> Iterator[PartnersOnDatabase]:
    """Give the partner interfaces on an empty database."""
    with InProcess.running(outside) as running, partners_on(running) as found:
        yield found


def test_a_child_of_what_is_no_text_is_refused_or_kept_and_nothing_fails(
    partners: PartnersOnDatabase,
):
    """In each field of a payload, and in each name: as the old protocol has it, by its index."""
    child = a_child(social_care_episodes=[an_episode()])
    headers = partners.token() | {"Content-Type": "application/json"}
    with each_case() as case:
        for value in _NO_TEXT:
            for number, changed in enumerate(_each_text(child, value)):
                with case(value.encode("unicode_escape"), number):
                    sent = json.dumps([changed])
                    answer = partners.http.post(_CHILDREN, content=sent, headers=headers)

                    assert answer.status_code == 400 or (value[-1] == "\0" and answer.is_success)
                    assert _CANARY not in answer.text


def test_an_event_s_data_of_what_is_no_text_are_parked(partners: PartnersOnDatabase):
    """JSON as it came, bytes and text with NUL in them; some formats take it as any letter."""
    whole = json.loads(csc(a_child()))
    texts = [professional_contact(), ctf(APupil())]
    headers = partners.token()
    events = [
        an_event(b"", Source.SOCIAL_CARE, data=changed, data_base64=None)
        for value in _NO_TEXT
        for changed in _each_text(whole, value)
    ]
    for kind, content in zip((Source.HEALTH_VISITING, Source.SCHOOLS), texts, strict=True):
        places = range(0, len(content), len(content) // 7)
        events += [an_event(content[:at] + b"\0" + content[at:], kind) for at in places]
    nems = json.loads(as_json(texts[0]))
    events += [
        an_event(b"", data=changed, data_base64=None, datacontenttype="application/fhir+json")
        for value in _NO_TEXT
        for changed in _each_text(nems, value)
    ]
    with each_case() as case:
        for first in range(0, len(events), _AT_ONCE):
            with case(first):
                content = json.dumps(events[first : first + _AT_ONCE])
                more = headers | {"Content-Type": BATCHED}
                answer = partners.http.post("/partners/v1/events", content=content, headers=more)

                assert answer.status_code == 200, answer.text
                assert _CANARY not in answer.text


def test_a_question_with_nul_in_it_is_answered(partners: PartnersOnDatabase):
    """In each text and name: JSON has it, and nothing of a question goes into a database."""
    running = partners.running
    app = create_access_app(
        evaluating(running.portal), admit=admit_askers(running.connectors), base_url=PUBLIC_URL
    )
    headers = partners.token()
    question = an_evaluation(context={"purpose": "TREAT", "category": "health"})
    with client_of(app, raise_server_exceptions=False) as http, each_case() as case:
        for number, changed in enumerate(_each_text(question, f"{_CANARY}\0")):
            with case(number):
                answer = http.post(EVALUATION, json=changed, headers=headers)

                assert answer.status_code in {200, 400}, answer.text
                assert _CANARY not in answer.text


def _each_text(whole: Any, value: str) -> Iterator[Any]:
    """The document with `value` in place of each text, and beside each name."""
    if isinstance(whole, str):
        yield value
    elif isinstance(whole, Mapping):
        yield {**whole, value: "x"}
        for name, inner in whole.items():
            yield from ({**whole, name: changed} for changed in _each_text(inner, value))
    elif isinstance(whole, list):
        for number, inner in enumerate(whole):
            for changed in _each_text(inner, value):
                yield [*whole[:number], changed, *whole[number + 1 :]]

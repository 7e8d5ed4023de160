"""CloudEvents as HTTP carries them: each mode, and what is refused before anything is done."""

import json
from typing import Any

import pytest

from schemas.vocabulary import Source
from services.interfaces.partners.edge import PUSH_BYTES
from services.interfaces.partners.ports import Scope
from services.interfaces.partners.push.events import (
    BATCHED,
    MOST_EVENTS,
    STRUCTURED,
    attributes_in_headers,
)
from tests.support.messages.cloud_events import an_event
from tests.support.messages.csc import a_child, csc
from tests.support.messages.ctf import APupil, ctf
from tests.support.messages.nems_messages import professional_contact
from tests.support.partners import NORTHFIELD, PartnerClient
from tests.support.traces.canaries import NAME, found_in

PATH = "/partners/v1/events"
NEMS = professional_contact()
CTF = ctf(APupil())
CSC = csc(a_child())
CLASS = b"CHILD_FIRST_NAME,CHILD_LAST_NAME,CHILD_DATE_OF_BIRTH\nEdie,Marlow,2014-03-05\n"
AS_CSV = {"datacontenttype": "text/csv"}
BINARY = {
    "ce-specversion": "1.0",
    "ce-id": "1",
    "ce-source": "urn:example:sender",
    "ce-type": "tellonce.schools.sent.v1",
    "Content-Type": "application/xml",
}


@pytest.fixture
def client() -> PartnerClient:
    """Give the interfaces over partners in memory."""
    return PartnerClient()


def structured(client: PartnerClient, event: Any, **more: Any) -> Any:
    """Send one event."""
    return client.post(PATH, content=json.dumps(event), headers={"Content-Type": STRUCTURED} | more)


def faults(answer: Any) -> list[tuple[str, str]]:
    """What is wrong, as it is told."""
    assert answer.status_code == 422, answer.text
    return [(fault["place"], fault["reason"]) for fault in answer.json()["errors"]]


@pytest.mark.parametrize(
    "event",
    [
        an_event(NEMS),
        an_event(NEMS, datacontenttype="application/fhir+xml; charset=utf-8"),
        an_event(CTF, Source.SCHOOLS),
        an_event(CTF, Source.SCHOOLS, data=CTF.decode(), data_base64=None),
        an_event(CLASS, Source.SCHOOLS, **AS_CSV),
        an_event(CLASS, Source.SCHOOLS, **AS_CSV, data=CLASS.decode(), data_base64=None),
        an_event(CSC, Source.SOCIAL_CARE),
        an_event(CSC, Source.SOCIAL_CARE, data=json.loads(CSC), data_base64=None),
        an_event(CSC, Source.SOCIAL_CARE, datacontenttype=None),
        an_event(CSC, Source.SOCIAL_CARE, time="2026-11-22T10:00:00.123456789+01:00"),
        an_event(CSC, Source.SOCIAL_CARE, time="2999-01-01T00:00:00Z"),
        an_event(CSC, Source.SOCIAL_CARE, partitionkey="anything", dataschema="urn:x"),
    ],
    ids=range(12),
)
def test_an_event_of_each_source_is_taken(client: PartnerClient, event: dict[str, Any]):
    """Structured: the data as JSON, as a string, or in base64; extensions are left aside."""
    answer = structured(client, event)

    assert answer.status_code == 200, answer.text
    (told,) = answer.json()["dispositions"]
    assert (told["event"], told["index"], told["disposition"]) == (0, 0, "published")
    assert answer.headers["cache-control"] == "no-store"


def test_several_events_are_told_apart_in_their_order(client: PartnerClient):
    """Batched, also of several sources."""
    events = [an_event(NEMS), an_event(CTF, Source.SCHOOLS), an_event(b"x"), an_event(NEMS)]

    answer = client.post(PATH, json=events, headers={"Content-Type": BATCHED})

    told = [(d["event"], d["disposition"]) for d in answer.json()["dispositions"]]
    assert told == [(0, "published"), (1, "published"), (2, "parked"), (3, "duplicate")]


def test_no_events_are_an_answer_too(client: PartnerClient):
    """An empty batch is a batch."""
    answer = client.post(PATH, json=[], headers={"Content-Type": BATCHED})

    assert (answer.status_code, answer.json()) == (200, {"dispositions": []})


def test_in_binary_mode_the_body_is_the_data(client: PartnerClient):
    """The attributes are headers."""
    answer = client.post(PATH, content=CTF, headers=BINARY)

    assert [d["disposition"] for d in answer.json()["dispositions"]] == ["published"]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"specversion": "0.3"}, ("event.specversion", "is-not-1.0")),
        ({"id": None}, ("event.id", "missing")),
        ({"id": ""}, ("event.id", "missing")),
        ({"id": 7}, ("event.id", "missing")),
        ({"id": "x" * 1025}, ("event.id", "too-long")),
        ({"source": None}, ("event.source", "missing")),
        ({"type": None}, ("event.type", "missing")),
        ({"type": NAME}, ("event.type", "is-not-known")),
        ({"time": NAME}, ("event.time", "is-not-a-time")),
        ({"time": "2026-02-30T00:00:00Z"}, ("event.time", "is-not-a-time")),
        ({"time": "2026-02-03"}, ("event.time", "is-not-a-time")),
        ({"time": 7}, ("event.time", "is-not-a-time")),
        (AS_CSV, ("event.datacontenttype", "is-not-taken-for-this-type")),
        ({"datacontenttype": 7}, ("event.datacontenttype", "is-not-a-string")),
        ({"data_base64": None}, ("event.data", "missing")),
        ({"data": NAME}, ("event.data", "comes-twice")),
        ({"data_base64": "!"}, ("event.data_base64", "is-not-base64")),
        ({"data_base64": 7}, ("event.data_base64", "is-not-base64")),
        ({"data_base64": None, "data": {}}, ("event.data", "is-not-a-string")),
    ],
    ids=str,
)
def test_a_wrong_event_is_refused_by_attribute(
    client: PartnerClient, changes: dict[str, Any], fault: tuple[str, str]
):
    """Which, and why: never what it was."""
    event = {k: v for k, v in (an_event(NEMS) | changes).items() if v is not None}

    answer = structured(client, event)

    assert faults(answer) == [fault]
    assert found_in(answer.text) == []


def test_one_wrong_event_refuses_the_whole_batch(client: PartnerClient):
    """By its place; nothing of the request is done."""
    events = [an_event(NEMS), an_event(NEMS, specversion="2.0")]

    answer = client.post(PATH, json=events, headers={"Content-Type": BATCHED})

    assert faults(answer) == [("events[1].specversion", "is-not-1.0")]
    assert client.partners.state.dispositions == []


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"{", STRUCTURED, 400),
        (b"", STRUCTURED, 400),
        (b"\xff", STRUCTURED, 400),
        (b"[" * 100_000, BATCHED, 400),
        (b"[]", STRUCTURED, 422),
        (b"{}", BATCHED, 422),
        (b"[1]", BATCHED, 422),
        (b'{"id": "1", "id": "2"}', STRUCTURED, 422),
        (b"<x/>", "application/cloudevents+xml", 415),
        (b"{}", "application/json", 415),
        (b"{}", "", 415),
        (b"{}", STRUCTURED + "; charset=utf-16", 415),
    ],
)
def test_what_carries_no_event_is_refused(
    client: PartnerClient, body: bytes, media_type: str, status: int
):
    """As Problem Details."""
    answer = client.post(PATH, content=body, headers={"Content-Type": media_type})

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_too_much_is_too_large(client: PartnerClient):
    """Bytes, events and messages each have their limit; what is announced is not even read."""
    headers = {"Content-Type": BATCHED}
    many = ctf(*(APupil(upn=None, surname=f"Name{'x' * n}") for n in range(1001)))

    bytes_ = client.post(PATH, content=b" " * (PUSH_BYTES + 1), headers=headers)
    events = client.post(PATH, json=[{}] * (MOST_EVENTS + 1), headers=headers)
    messages = structured(client, an_event(many, Source.SCHOOLS))

    assert [a.status_code for a in (bytes_, events, messages)] == [413, 413, 413]
    assert client.partners.state.dispositions == []


def test_a_compressed_body_is_not_taken(client: PartnerClient):
    """What it would become has no limit."""
    headers = {"Content-Type": STRUCTURED, "Content-Encoding": "gzip"}

    assert client.post(PATH, content=b"x", headers=headers).status_code == 415


def test_a_token_for_another_source_pushes_nothing(client: PartnerClient):
    """403 for the request, whatever else is in it."""
    headers = client.token(Scope.EVENTS_SCHOOLS) | {"Content-Type": BATCHED}

    answer = client.post(
        PATH, json=[an_event(CTF, Source.SCHOOLS), an_event(NEMS)], headers=headers
    )

    assert answer.status_code == 403
    assert client.partners.state.dispositions == []


def test_a_partner_sends_the_children_of_its_own_authority(client: PartnerClient):
    """Whatever the payload says: another's refuse the whole request."""
    own = an_event(CSC, Source.SOCIAL_CARE)
    others = an_event(csc(a_child(), la_code=998), Source.SOCIAL_CARE)

    answers = [structured(client, own), structured(client, others)]

    assert [answer.status_code for answer in answers] == [200, 403]
    assert answers[1].json()["type"] == "urn:tell-once:problem:not-your-authority"


def test_what_is_withheld_is_told_and_can_be_asked_for(client: PartnerClient):
    """By the receipt that the push gave."""
    withheld = client.partners.withheld
    withheld |= {"every message"}
    (told,) = structured(client, an_event(NEMS)).json()["dispositions"]
    client.partners.ask_again(NORTHFIELD, Source.HEALTH_VISITING, told["receipt"])

    listed = client.get("/partners/v1/resend").json()

    assert [one["receipt"] for one in listed["messages"]] == [told["receipt"]]


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("limit=0", "query.limit"),
        ("limit=1001", "query.limit"),
        ("limit=x", "query.limit"),
        ("cursor=x", "query.cursor"),
        ("since=yesterday", "query.since"),
        ("since=2026-02-30T00:00:00Z", "query.since"),
    ],
)
def test_a_wrong_question_is_refused_by_parameter(client: PartnerClient, query: str, place: str):
    """Place and kind of the fault."""
    answer = client.get(f"/partners/v1/dispositions?{query}")

    assert [fault[0] for fault in faults(answer)] == [place]


def test_an_attribute_in_a_header_is_decoded_once():
    """Else what was checked by one would be another to the next (ASVS 1.1.1)."""
    assert attributes_in_headers({"ce-id": "%2541"}) == {"id": "%41"}

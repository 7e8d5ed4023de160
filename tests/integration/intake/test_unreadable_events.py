"""What is on the bus and cannot be read is parked and stops nobody."""

from dataclasses import replace

import pytest

from consent.ledger.events import LedgerEvent
from schemas.envelope import ENCRYPTED, PLAIN, Event, EventType
from schemas.topics import PARKED, SHARING_DECISIONS, records_topic
from schemas.vocabulary import Source
from services.platform.bus.ports import BusMessage
from services.work import Outside
from tests.support.fakes.in_process import InProcess, by_number

pytestmark = pytest.mark.postgres
_PERSON = "ab" * 16


_EVENT = Event(
    topic=records_topic(Source.SCHOOLS),
    key=_PERSON,
    id="ef" * 16,
    type=EventType.RECORD_UPSERTED,
    source="urn:tell-once:test",
    subject=_PERSON,
    time="2026-03-02T09:30:00Z",
    content_type=ENCRYPTED,
    data=b"",
)


def _news(data: bytes) -> BusMessage:
    event = Event(
        topic=SHARING_DECISIONS,
        key=_PERSON,
        id="cd" * 16,
        type=EventType.DECISION_CHANGED,
        source="urn:tell-once:test",
        subject=_PERSON,
        time="2026-03-02T09:30:00Z",
        content_type=PLAIN,
        data=data,
    )
    return BusMessage(event.topic, event.key, event.headers(), event.data)


def test_a_message_that_is_no_event_of_ours_goes_to_the_parking_topic(outside: Outside) -> None:
    """With its headers and value as they came, and an entry that says so and nothing of it."""
    topic = records_topic(Source.SCHOOLS)
    stranger = BusMessage(topic, _PERSON, (("ce_type", "somebody.elses.v1"),), b"who knows")
    with InProcess.running(outside) as running:
        running.bus.publish([stranger])

        running.settle()

        with outside.engine.connect() as connection:
            parked = connection.exec_driver_sql(
                "SELECT convert_from(value, 'UTF8') AS value FROM bus_messages"
                " JOIN bus_topics ON bus_topics.id = topic_id WHERE name = %s",
                (PARKED,),
            ).all()
        entries = running.ledger(LedgerEvent.MESSAGE_PARKED)
    assert [row.value for row in parked] == ["who knows"]
    assert [(e.actor, e.fields["source"], e.fields["reason"]) for e in entries] == [
        ("job:aggregation", "schools", "is-not-readable")
    ]


def test_an_event_that_its_person_s_key_does_not_open_is_parked_with_an_entry(
    outside: Outside,
) -> None:
    """Once, however often it comes."""
    with InProcess.running(outside) as running:
        decided = running.decide(by_number("9990000018"))
        (person,) = decided.decision.subjects
        topic = records_topic(Source.SCHOOLS)
        event = replace(_EVENT, topic=topic, key=person, subject=person, data=b"not under it")
        sent = BusMessage(topic, person, event.headers(), event.data)
        running.bus.publish([sent, sent])

        running.settle()

        entries = running.ledger(LedgerEvent.MESSAGE_PARKED)
    assert [entry.fields["field"] for entry in entries] == ["event"]


@pytest.mark.parametrize("data", [b"no json", b"[]", b"{}", b'{"because": "Quill"}'])
def test_news_of_a_decision_that_does_not_say_what_changed_stops_nobody(
    outside: Outside, data: bytes
) -> None:
    """The person is looked at again all the same."""
    with InProcess.running(outside) as running:
        running.bus.publish([_news(data)])

        running.settle()

        assert running.aggregating.lag() == 0

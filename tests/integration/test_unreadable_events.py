"""What is on the bus and cannot be read is parked and stops nobody."""

import pytest

from schemas.envelope import PLAIN, Event, EventType
from schemas.topics import PARKED, SHARING_DECISIONS, records_topic
from schemas.vocabulary import Source
from services.adapters.unit_of_work import Outside
from services.event_bus import BusMessage
from tests.support.in_process import InProcess

pytestmark = pytest.mark.postgres
_PERSON = "ab" * 16


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
    """With its headers and value as they came."""
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
    assert [row.value for row in parked] == ["who knows"]


@pytest.mark.parametrize("data", [b"no json", b"[]", b"{}", b'{"because": "Quill"}'])
def test_news_of_a_decision_that_does_not_say_what_changed_stops_nobody(
    outside: Outside, data: bytes
) -> None:
    """The person is looked at again all the same."""
    with InProcess.running(outside) as running:
        running.bus.publish([_news(data)])

        running.settle()

        assert running.aggregating.lag() == 0

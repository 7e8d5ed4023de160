"""Events as Kafka messages in CloudEvents' binary mode, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.envelope import ENCRYPTED, Event, EventType, event_from_message
from schemas.errors import UnreadableEventError
from schemas.topics import (
    CONNECTIONS_CHANGED,
    PARKED,
    PROFILES_CHANGED,
    RECORD_TOPICS,
    SHARING_DECISIONS,
    TOPICS,
    records_topic,
)
from schemas.vocabulary import Source

opaque = st.binary(min_size=16, max_size=16).map(bytes.hex)
events = st.builds(
    Event,
    topic=st.sampled_from([topic.name for topic in TOPICS]),
    key=opaque,
    id=opaque,
    type=st.sampled_from(EventType),
    source=st.just("urn:tell-once:consent"),
    subject=opaque,
    time=st.just("2026-03-02T09:30:00+00:00"),
    content_type=st.just(ENCRYPTED),
    data=st.binary(),
)
AN_EVENT = Event(
    SHARING_DECISIONS,
    "c0" * 16,
    "ab" * 16,
    EventType.DECISION_CHANGED,
    "urn:tell-once:consent",
    "c0" * 16,
    "2026-03-02T09:30:00+00:00",
    ENCRYPTED,
    b"{}",
)


@given(events)
def test_an_event_comes_back_as_it_was(event: Event):
    """Through its headers, key and value."""
    assert event_from_message(event.topic, event.key, event.headers(), event.data) == event


def test_the_headers_are_cloud_events_by_their_kafka_binding():
    """CloudEvents 1.0.2, Kafka protocol binding section 3.2: attributes are headers `ce_*`."""
    headers = dict(AN_EVENT.headers())

    assert headers["ce_specversion"] == "1.0"
    assert {name for name in headers if not name.startswith("ce_")} == {"content-type"}
    assert {"ce_id", "ce_source", "ce_type"} <= headers.keys()


def test_a_header_of_somebody_else_s_does_no_harm():
    """Tracing and the like may be added on the way."""
    headers = (*AN_EVENT.headers(), ("traceparent", "00-abc"))

    assert event_from_message(AN_EVENT.topic, AN_EVENT.key, headers, AN_EVENT.data) == AN_EVENT


@pytest.mark.parametrize("name", [name for name, _ in AN_EVENT.headers()])
def test_a_missing_header_is_named(name: str):
    """Which one, and nothing of the others."""
    headers = tuple(pair for pair in AN_EVENT.headers() if pair[0] != name)

    with pytest.raises(UnreadableEventError, match=f"header {name}: missing"):
        event_from_message(AN_EVENT.topic, AN_EVENT.key, headers, b"")


def test_another_version_or_type_is_not_guessed_at():
    """A newer program may send what this one cannot read."""
    for changed in (("ce_specversion", "2.0"), ("ce_type", "tellonce.record.upserted.v2")):
        headers = tuple(changed if pair[0] == changed[0] else pair for pair in AN_EVENT.headers())
        with pytest.raises(UnreadableEventError, match=changed[0]):
            event_from_message(AN_EVENT.topic, AN_EVENT.key, headers, b"")


def test_every_type_ends_in_its_version():
    """So that the next one can stand beside it."""
    assert all(
        kind.value.startswith("tellonce.") and kind.value.endswith(".v1") for kind in EventType
    )


def test_every_topic_is_kept_as_designed():
    """DESIGN.md section 5: only decisions are kept for good, and then the latest of each person."""
    kept = {
        t.name: (None if t.retention is None else t.retention.days, t.compacted) for t in TOPICS
    }

    assert kept == {
        **dict.fromkeys(RECORD_TOPICS, (14, False)),
        SHARING_DECISIONS: (None, True),
        PROFILES_CHANGED: (7, False),
        CONNECTIONS_CHANGED: (7, False),
        PARKED: (30, False),
    }
    assert {records_topic(source) for source in Source} == set(RECORD_TOPICS)

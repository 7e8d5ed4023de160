"""The topics of the bus as an AsyncAPI 3.0 document."""

from typing import Any

from schemas.envelope import EventType
from schemas.json_schemas import content_type_of, headers_schema, meaning_of
from schemas.topics import (
    PARKED,
    PARTITIONS,
    PROFILES_CHANGED,
    RECORD_TOPICS,
    SHARING_DECISIONS,
    TOPICS,
    Topic,
)

_RECORDS = (EventType.RECORD_UPSERTED, EventType.RECORD_REMOVED)
EVENTS_OF_TOPIC = {
    **dict.fromkeys(RECORD_TOPICS, _RECORDS),
    SHARING_DECISIONS: (
        EventType.DECISION_CHANGED,
        EventType.PERSON_RELINKED,
        EventType.RESEND_REQUESTED,
    ),
    PROFILES_CHANGED: (EventType.PROFILE_CHANGED,),
    PARKED: _RECORDS,
}


def asyncapi_document(version: str = "1") -> dict[str, Any]:
    """Channels with their messages, how long they are kept and what orders them."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Tell Once",
            "version": version,
            "description": "Events between connectors, aggregation and portal. Keys and headers "
            "carry opaque ids; records are encrypted under the key of the person they are about.",
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "components": {"messages": {kind.value: _message(kind) for kind in EventType}},
    }


def _channel(topic: Topic) -> dict[str, Any]:
    return {
        "address": topic.name,
        "description": _kept(topic),
        "messages": {
            kind.value: {"$ref": f"#/components/messages/{kind.value}"}
            for kind in EVENTS_OF_TOPIC[topic.name]
        },
        "bindings": {"kafka": {"partitions": PARTITIONS, "topicConfiguration": _kafka(topic)}},
    }


def _kept(topic: Topic) -> str:
    if topic.retention is None:
        return "The latest event of each key is kept; one key's events stay in order."
    return f"Kept for {topic.retention.days} days; one key's events stay in order."


def _kafka(topic: Topic) -> dict[str, Any]:
    if topic.retention is None:
        return {"cleanup.policy": ["compact"]}
    milliseconds = int(topic.retention.total_seconds() * 1000)
    return {"cleanup.policy": ["delete"], "retention.ms": milliseconds}


def _message(kind: EventType) -> dict[str, Any]:
    return {
        "name": kind.value,
        "summary": meaning_of(kind),
        "contentType": content_type_of(kind),
        "headers": {"$ref": f"./{kind.value}.json"},
        "bindings": {"kafka": {"key": headers_schema(kind)["properties"]["ce_subject"]}},
    }

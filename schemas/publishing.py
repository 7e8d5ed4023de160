"""Writes schemas/published from the models: JSON Schemas and the AsyncAPI document.

Run as `python -m schemas.publishing`.
"""

import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from schemas.envelope import ENCRYPTED, PLAIN, EventType
from schemas.fhir_mapping import RESOURCE_OF_KIND
from schemas.fhir_mapping.elements import CATEGORY, KEPT_TO, KIND, LABEL, SOURCE
from schemas.receipt_schema import CONSENT_RECEIPT, receipt_schema
from schemas.topics import (
    CONNECTIONS_CHANGED,
    PARKED,
    PARTITIONS,
    PROFILES_CHANGED,
    RECORD_TOPICS,
    SHARING_DECISIONS,
    TOPICS,
    Topic,
)
from schemas.vocabulary import Category, Label, Source

# JSON Schema 2020-12 of events, headers, record bundles and receipts.

Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_OPAQUE = r"^([0-9a-f]{20,64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$"
_TIME = {"type": "string", "format": "date-time"}
RECORD_EVENTS = (EventType.RECORD_UPSERTED, EventType.RECORD_REMOVED)
RECORD_BUNDLE = "record-bundle"
CONNECTION = "connection-changed"
_PERSON = "The person, as the shared side knows them."
_SUBJECTS = {EventType.CONNECTION_CHANGED: "The request."}


def json_schemas() -> Mapping[str, Schema]:
    """Every schema by its name: each type of event, the records inside, a consent receipt."""
    events = {kind.value: headers_schema(kind) for kind in EventType}
    return {
        **events,
        RECORD_BUNDLE: bundle_schema(),
        CONNECTION: connection_schema(),
        CONSENT_RECEIPT: receipt_schema(),
    }


def headers_schema(kind: EventType) -> Schema:
    """The headers of one type of event: CloudEvents 1.0 in Kafka's binary mode."""
    attributes = {
        "ce_specversion": {"const": "1.0"},
        "ce_id": _opaque("The same for what is sent again; consumers remember it."),
        "ce_type": {"const": kind.value},
        "ce_source": {"type": "string", "pattern": "^urn:tell-once:[a-z:-]+$"},
        "ce_subject": _opaque(_SUBJECTS.get(kind, _PERSON)),
        "ce_time": _TIME,
        "content-type": {"const": content_type_of(kind)},
    }
    return {
        "$schema": _DIALECT,
        "$id": f"urn:tell-once:schema:{kind.value}",
        "title": kind.value,
        "description": meaning_of(kind),
        "type": "object",
        "required": list(attributes),
        "properties": attributes,
    }


def bundle_schema() -> Schema:
    """What is inside a record event once it is decrypted: a FHIR R4 transaction Bundle."""
    return {
        "$schema": _DIALECT,
        "$id": f"urn:tell-once:schema:{RECORD_BUNDLE}",
        "title": RECORD_BUNDLE,
        "description": "Records of one person as FHIR R4; each is put at its opaque key.",
        "type": "object",
        "required": ["resourceType", "type", "entry"],
        "properties": {
            "resourceType": {"const": "Bundle"},
            "type": {"const": "transaction"},
            "entry": {"type": "array", "items": {"oneOf": _entries()}},
        },
    }


def connection_schema() -> Schema:
    """The data of an event about a request to a service: nothing of whom it is about, or why."""
    told = {
        "connection": _opaque("The request."),
        "service": _opaque("The service that was asked, as the directory has it."),
        "version": {"type": "integer", "minimum": 1, "description": "Counts its changes."},
        "status": {"type": "string", "pattern": "^[a-z]+(-[a-z]+)*$"},
    }
    return {
        "$schema": _DIALECT,
        "$id": f"urn:tell-once:schema:{CONNECTION}",
        "title": CONNECTION,
        "description": "How a request to a service in the community stands.",
        "type": "object",
        "required": list(told),
        "properties": told,
    }


def content_type_of(kind: EventType) -> str:
    """Records are encrypted; what says only that something changed is plain."""
    return ENCRYPTED if kind in RECORD_EVENTS else PLAIN


def meaning_of(kind: EventType) -> str:
    """What an event of this type says, in a sentence."""
    return _MEANINGS[kind]


_MEANINGS: Mapping[EventType, str] = {
    EventType.RECORD_UPSERTED: "Records of a person as their source states them now.",
    EventType.RECORD_REMOVED: "Records of a person that their source takes back.",
    EventType.DECISION_CHANGED: "A sharing decision or restriction about a person changed; read it "
    "anew.",
    EventType.PERSON_RELINKED: "Who a record is about was joined or taken apart; decide anew.",
    EventType.PROFILE_CHANGED: "Something in a shared profile changed; no content.",
    EventType.RESEND_REQUESTED: "More is known of a person: messages held back may be theirs.",
    EventType.CONNECTION_CHANGED: "A request to a service in the community changed; ids and status "
    "only.",
}


def _entries() -> list[Schema]:
    return [_entry(kind, resource) for kind, resource in sorted(RESOURCE_OF_KIND.items())]


def _entry(kind: str, resource: str) -> Schema:
    request = {
        "method": {"const": "PUT"},
        "url": {"type": "string", "pattern": f"^{resource}/([0-9a-f]{{32}}|all)$"},
    }
    return {
        "title": kind,
        "type": "object",
        "required": ["resource", "request"],
        "properties": {
            "request": {"type": "object", "required": list(request), "properties": request},
            "resource": {
                "type": "object",
                "required": ["resourceType", "id", "meta"],
                "properties": {
                    "resourceType": {"const": resource},
                    "id": {"type": "string", "pattern": "^([0-9a-f]{32}|all)$"},
                    "meta": _meta(kind),
                },
            },
        },
    }


def _meta(kind: str) -> Schema:
    return {
        "type": "object",
        "required": ["lastUpdated", "versionId", "source", "profile", "tag"],
        "properties": {
            "lastUpdated": _TIME,
            "versionId": {"type": "string", "pattern": "^[0-9]{9}$"},
            "source": {"enum": [SOURCE + source for source in Source]},
            "profile": {"const": [KIND + kind]},
            "tag": {"type": "array", "minItems": 1, "items": _coding(CATEGORY, Category)},
            "security": {"type": "array", "items": {"oneOf": [_coding(LABEL, Label), _kept_to()]}},
        },
    }


def _coding(system: str, codes: type[StrEnum]) -> Schema:
    return {
        "type": "object",
        "required": ["system", "code"],
        "properties": {
            "system": {"const": system},
            "code": {"enum": [code.value for code in codes]},
        },
    }


def _kept_to() -> Schema:
    """One mark of whom the family keeps a record to; a code or an opaque id, never a name."""
    pattern = "^(agency|role|category):[a-z-]{1,40}$|^practitioner:[0-9a-f-]{20,64}$"
    return {
        "type": "object",
        "required": ["system", "code"],
        "properties": {
            "system": {"const": KEPT_TO},
            "code": {"type": "string", "pattern": pattern},
        },
    }


def _opaque(description: str) -> Schema:
    return {"type": "string", "pattern": _OPAQUE, "description": description}


# The topics of the bus as an AsyncAPI 3.0 document.

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
    CONNECTIONS_CHANGED: (EventType.CONNECTION_CHANGED,),
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


PUBLISHED = Path(__file__).parent / "published"
OPENAPI = "openapi-partners.json"
FAMILY_OPENAPI = "openapi-family.json"
"""Lies beside them, and is made from the applications (services.interfaces.publishing_openapi)."""
CLASS_LIST_TEMPLATE = "class-list-template.csv"
"""Lies beside them too: what a school fills in whose own programs export nothing that is read."""
TEMPLATES = frozenset(
    {
        CLASS_LIST_TEMPLATE,
        "health-visiting-template.csv",
        "admissions-template.csv",
        "birth-registrations-template.csv",
        "school-titles-template.csv",
    }
)
"""Every list that somebody fills in by hand, or makes of their own system."""


def documents() -> Mapping[str, str]:
    """The text of every published file by its name."""
    schemas = {
        f"{name}.json": json.dumps(schema, indent=2) + "\n"
        for name, schema in json_schemas().items()
    }
    return {**schemas, "asyncapi.yaml": "\n".join(yaml_lines(asyncapi_document())) + "\n"}


def yaml_lines(value: Any, indent: str = "") -> Iterator[str]:
    """A value as YAML 1.2 in block style; scalars stand as JSON, which YAML reads."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _under(f"{indent}{json.dumps(name)}:", inner, indent)
    elif isinstance(value, list):
        for inner in value:
            yield from _under(f"{indent}-", inner, indent)


def write(folder: Path) -> None:
    """Write every document, and take away what is published no longer."""
    made = documents()
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        if old.name not in made and old.name not in {OPENAPI, FAMILY_OPENAPI, *TEMPLATES}:
            old.unlink()
    for name, text in made.items():
        (folder / name).write_text(text)


def _under(start: str, value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping | list) and value:
        yield start
        yield from yaml_lines(value, indent + "  ")
    else:
        yield f"{start} {json.dumps(value)}"


if __name__ == "__main__":
    write(PUBLISHED)

"""What we publish looks like, as JSON Schema 2020-12 made from the models."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, assert_never

from schemas.envelope import ENCRYPTED, PLAIN, EventType
from schemas.fhir_mapping import RESOURCE_OF_KIND
from schemas.fhir_mapping.systems import CATEGORY, KEPT_TO, KIND, LABEL, SOURCE
from schemas.receipt_schema import CONSENT_RECEIPT, receipt_schema
from schemas.vocabulary import Category, Label, Source

Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_OPAQUE = r"^([0-9a-f]{20,64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$"
_TIME = {"type": "string", "format": "date-time"}
RECORD_EVENTS = (EventType.RECORD_UPSERTED, EventType.RECORD_REMOVED)
RECORD_BUNDLE = "record-bundle"


def json_schemas() -> Mapping[str, Schema]:
    """Every schema by its name: each type of event, the records inside, a consent receipt."""
    events = {kind.value: headers_schema(kind) for kind in EventType}
    return {**events, RECORD_BUNDLE: bundle_schema(), CONSENT_RECEIPT: receipt_schema()}


def headers_schema(kind: EventType) -> Schema:
    """The headers of one type of event: CloudEvents 1.0 in Kafka's binary mode."""
    attributes = {
        "ce_specversion": {"const": "1.0"},
        "ce_id": _opaque("The same for what is sent again; consumers remember it."),
        "ce_type": {"const": kind.value},
        "ce_source": {"type": "string", "pattern": "^urn:tell-once:[a-z:-]+$"},
        "ce_subject": _opaque("The person, as the shared side knows them."),
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


def content_type_of(kind: EventType) -> str:
    """Records are encrypted; what says only that something changed is plain."""
    return ENCRYPTED if kind in RECORD_EVENTS else PLAIN


def meaning_of(kind: EventType) -> str:
    """What an event of this type says, in a sentence."""
    match kind:
        case EventType.RECORD_UPSERTED:
            return "Records of a person as their source states them now."
        case EventType.RECORD_REMOVED:
            return "Records of a person that their source takes back."
        case EventType.DECISION_CHANGED:
            return "A sharing decision or restriction about a person changed; read it anew."
        case EventType.PERSON_RELINKED:
            return "Who a record is about was joined or taken apart; decide anew."
        case EventType.PROFILE_CHANGED:
            return "Something in a shared profile changed; no content."
        case EventType.RESEND_REQUESTED:
            return "More is known of a person: messages held back may be theirs."
        case _:
            assert_never(kind)


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

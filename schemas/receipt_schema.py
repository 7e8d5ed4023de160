"""What a consent receipt looks like, as JSON Schema 2020-12.

Receipts are made in the core (consent.receipts); a test holds them against this. Codes of the core
stand as words here and not as closed lists, so that a receipt of tomorrow still fits.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from schemas.vocabulary import Category, Purpose, Source

Schema = dict[str, Any]

CONSENT_RECEIPT = "consent-receipt"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_OPAQUE = r"^([0-9a-f]{20,64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$"
_TIME: Schema = {"type": "string", "format": "date-time"}
_TEXT: Schema = {"type": "string"}
_ID: Schema = {"type": "string", "pattern": _OPAQUE}


def receipt_schema() -> Schema:
    """The file of a consent receipt."""
    return {
        "$schema": _DIALECT,
        "$id": f"urn:tell-once:schema:{CONSENT_RECEIPT}:1",
        "title": CONSENT_RECEIPT,
        "description": "A consent receipt in the fields of ISO/IEC TS 27560:2023, signed and with"
        " its proofs in the ledger.",
        **_object(
            {
                "receipt": _receipt(),
                "signature": _described(
                    {"type": "string", "pattern": r"^[\w-]+\.[\w-]+\.[\w-]+$"},
                    "Compact JWS, Ed25519; its payload is the RFC 8785 form of `receipt`.",
                ),
                "ledger": _described(
                    _list(_TEXT), "One c2sp.org/tlog-proof for each event, in their order."
                ),
            }
        ),
    }


def _receipt() -> Schema:
    return _object(
        {
            "receipt_metadata": _metadata(),
            "record_header": _header(),
            "pii_processing": _processing(),
            "party_identification": _list(_party()),
            "events": _list(_event()),
        }
    )


def _metadata() -> Schema:
    return _object(
        {
            "schema_version": {"const": f"urn:tell-once:schema:{CONSENT_RECEIPT}:1"},
            "standard": {"const": "ISO/IEC TS 27560:2023"},
            "receipt_id": _ID,
            "issued_at": _TIME,
            "issued_by": _TEXT,
            "addressed_to": _described(
                _object(
                    {"capacity": _code(), "reference": _or_null(_TEXT), "not_for": _list(_code())}
                ),
                "Who gets it. Nobody of `not_for` may be given it or told of it.",
            ),
            "ledger_proofs": _list({"type": "string", "pattern": "^[0-9a-f]{64}$"}),
        }
    )


def _header() -> Schema:
    header = _object(
        {
            "schema_version": _TEXT,
            "record_id": _ID,
            "record_version": {"type": "integer", "minimum": 1},
            "pii_principal_id": _described(_list(_ID), "Each person that the decision is about."),
            "state": _code(),
            "decided_at": _TIME,
            "until": _or_null(_TIME),
            "review_at": _or_null(_TIME),
            "supersedes": _or_null(_ID),
            "superseded_by": _or_null(_ID),
            "objects_to": _or_null(_ID),
            "invalidated_because": _or_null(_code()),
        }
    )
    # Receipts that were issued before it was asked have no such member.
    told = {"by": _or_null(_code()), "channel": _or_null(_code()), "because": _or_null(_code())}
    header["properties"]["taken_back"] = _described(
        _or_null(_object(told)),
        "In what capacity it was taken back, how, and why if they said; null is not told here.",
    )
    return header


def _processing() -> Schema:
    ground = {
        "basis": _code(),
        "article_6": _code(),
        "article_9": _or_null(_code()),
        "gateways": _list(_code()),
    }
    purpose = {"purpose": _code(Purpose), "lawful_basis": _object(ground)}
    pii = {"pii_type": _code(Category), "special_pii_category": {"type": "boolean"}}
    collection = {"code": _TEXT, "label": _TEXT, "sources": _list(_code(Source))}
    recipient = {"code": _TEXT, "label": _TEXT, "party_ids": _list(_TEXT)}
    return _object(
        {
            "privacy_notice": _object({"version": _or_null(_TEXT), "url": _or_null(_TEXT)}),
            "language": _TEXT,
            "interpreted_into": _or_null(_TEXT),
            "response": _code(),
            "channel": _or_null(_code()),
            "because": _or_null(_code()),
            "mode": _code(),
            "competence": {"type": ["object", "null"]},
            "evidence": _or_null(_TEXT),
            "purposes": _list(_object(purpose)),
            "pii_information": _list(_object(pii)),
            "pii_controllers": _list(_TEXT),
            "collection_method": _object(collection),
            "processing_method": _TEXT,
            "storage_locations": _list(_TEXT),
            "retention_period": _TEXT,
            "jurisdiction": _TEXT,
            "recipient_third_parties": _list(_object(recipient)),
            "withdrawal_method": _object({"code": _TEXT, "label": _TEXT, "how": _TEXT}),
            "privacy_rights": _list(_code()),
            "authority_party": _TEXT,
        }
    )


def _party() -> Schema:
    return _object(
        {
            "party_id": _TEXT,
            "party_name": _TEXT,
            "party_role": _code(),
            "party_type": _TEXT,
            "party_address": _or_null(_TEXT),
            "party_contact": _or_null(_TEXT),
            "party_url": _or_null(_TEXT),
        }
    )


def _event() -> Schema:
    return _object(
        {
            "event_time": _TIME,
            "event_state": _code(),
            "event_type": {"enum": ["decision", "change"]},
            "entity_id": _or_null(_TEXT),
            "entity_capacity": _or_null(_code()),
            "recorded_by": _TEXT,
            "manner": _or_null(_code()),
            "validity_duration": _or_null(_object({"from": _TIME, "until": _or_null(_TIME)})),
            "ledger_entry": _ID,
        }
    )


def _code(codes: type[StrEnum] | None = None) -> Schema:
    """A code with its words; of a closed list where one is given."""
    code = _TEXT if codes is None else {"enum": [code.value for code in codes]}
    return _object({"code": code, "label": _TEXT})


def _object(properties: Mapping[str, Schema]) -> Schema:
    return {"type": "object", "required": list(properties), "properties": dict(properties)}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _described(schema: Schema, description: str) -> Schema:
    return {**schema, "description": description}

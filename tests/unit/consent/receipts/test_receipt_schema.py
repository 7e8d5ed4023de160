"""Every receipt fits the schema that is published of it."""

import json
from dataclasses import replace
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings

from consent.ledger.events import LedgerEvent
from consent.model import SharingDecision
from schemas.receipt_schema import receipt_schema
from tests.support.builders import NOW, VISITOR
from tests.support.consents.expressible_decisions import expressible_decisions
from tests.support.consents.receipts import a_file, a_recorded, life_of

_SCHEMA = jsonschema_rs.validator_for(receipt_schema())


@settings(max_examples=100, deadline=None)
@given(expressible_decisions)
def test_the_receipt_of_any_decision_fits_its_schema(decision: SharingDecision):
    """However much or little it says."""
    told = replace(decision.circumstances, recorded_by=f"practitioner:{VISITOR}")
    recorded = replace(decision, circumstances=told)
    life = life_of(recorded, (LedgerEvent.SHARING_DECISION_INVALIDATED, NOW))

    _SCHEMA.validate(json.loads(a_file(recorded, life)))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("receipt receipt_metadata schema_version", "2"),
        ("receipt pii_processing pii_information", [{"pii_type": {"code": "x", "label": "x"}}]),
        ("receipt record_header pii_principal_id", ["Somebody"]),
        ("signature", "none"),
        ("ledger", None),
    ],
)
def test_what_is_no_receipt_does_not(path: str, value: Any):
    """The check above can fail."""
    decision = a_recorded()
    document = json.loads(a_file(decision, life_of(decision)))
    *steps, last = path.split()
    inner = document
    for step in steps:
        inner = inner[step]
    inner[last] = value

    assert not _SCHEMA.is_valid(document)

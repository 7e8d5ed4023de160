"""Sharing decisions as FHIR Consents and back."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given

from consent.fhir_consent.errors import ConsentElementError
from consent.fhir_consent.mapping import decision_from_consent, terms_from_consent
from consent.fhir_consent.terms import USUAL_MODES
from consent.fhir_consent.writing import consent_from_decision
from consent.model import DeciderKind, Mode, Response, SharingDecision
from schemas.vocabulary import Category, Purpose
from services.access.consent_files import validated_consent
from tests.support.builders import CHILD, NOW, SIBLING, a_permit, a_refusal
from tests.support.fhir_consents import a_consent, an_actor, confidentialities, purposes
from tests.support.strategies import decisions


def _written(decision: SharingDecision) -> dict[str, Any]:
    return consent_from_decision(
        decision, organization="Organization/council", policy_uri="urn:tell-once:policy:1"
    )


@given(decisions)
def test_what_a_consent_can_hold_comes_back_the_same(decision: SharingDecision):
    """One subject, the usual mode, and not both withdrawn and invalid: everything else is kept."""
    assume(decision.response in USUAL_MODES)
    assume(decision.withdrawn_at is None or decision.invalidated_at is None)
    expressible = replace(
        decision, subjects=frozenset({CHILD}), mode=USUAL_MODES[decision.response]
    )

    consent = _written(expressible)

    assert decision_from_consent(validated_consent(consent, "Consent")) == expressible


@pytest.mark.parametrize(
    ("decision", "element"),
    [
        (a_permit(subjects=(CHILD, SIBLING)), "Consent.patient"),
        (a_refusal(Response.NOT_ASKED), "Consent.provision.type"),
        (a_permit(mode=Mode.EXISTENCE), "Consent.provision.action"),
        (a_refusal(mode=Mode.CONTENT), "Consent.provision.action"),
        (a_permit(withdrawn_at=NOW, invalidated_at=NOW), "Consent.status"),
        (a_permit(recipients=["team:blue"]), "Consent.provision.actor"),
    ],
)
def test_what_a_consent_cannot_hold_is_refused_by_name(decision: SharingDecision, element: str):
    """Nothing is left out to make it fit."""
    with pytest.raises(ConsentElementError) as refused:
        _written(decision)

    assert refused.value.field == element


@pytest.mark.parametrize(
    ("more", "element"),
    [
        ({"policyRule": {"text": "x"}}, "Consent.policyRule"),
        ({"verification": [{"verified": True}]}, "Consent.verification"),
        ({"status": "draft"}, "Consent.status"),
        ({"dateTime": "not a time"}, "Consent.dateTime"),
        ({"provision": [{"type": "deny"}]}, "Consent.provision.provision"),
        ({"action": [{"text": "x"}]}, "Consent.provision.action"),
        ({"period": {"start": "2025-01-01"}}, "Consent.provision.period.start"),
        ({"securityLabel": confidentialities("N")}, "Consent.provision.securityLabel[0]"),
        ({"purpose": purposes("TREAT", "HPAYMT")}, "Consent.provision.purpose[1]"),
        ({"actor": [an_actor("Device/1")]}, "Consent.provision.actor[0].reference"),
        ({"actor": [an_actor("Practitioner/1", "CST")]}, "Consent.provision.actor[0].role"),
        ({"data": [{"meaning": "instance", "reference": {}}]}, "Consent.provision.data[0]"),
    ],
)
def test_what_a_decision_cannot_hold_is_refused_by_name(more: dict[str, Any], element: str):
    """Nothing of the Consent is dropped that would change what it says."""
    consent = a_consent("permit", **more) | {"performer": [{"reference": "Patient/p1"}]}

    with pytest.raises(ConsentElementError) as refused:
        terms_from_consent(consent)

    assert refused.value.field == element


def test_a_consent_of_others_is_read_in_our_words():
    """Treatment is direct care; no label is every category; the patient decides for themselves."""
    consent = a_consent(purpose=purposes("TREAT"), period={"end": "2026-12-31"})
    consent["performer"] = [{"reference": "Patient/p1"}]

    terms = terms_from_consent(consent)

    assert terms.purposes == {Purpose.DIRECT_CARE}
    assert terms.categories == frozenset(Category)
    assert terms.decided_by.kind is DeciderKind.ADULT_SELF
    assert terms.until is not None
    assert terms.until.isoformat() == "2027-01-01T00:00:00+00:00"

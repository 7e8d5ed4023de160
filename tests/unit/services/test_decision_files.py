"""A FHIR Consent in a file as the order to record it."""

import json
from pathlib import Path
from typing import Any

import pytest

from consent.errors import DecisionInvalidError
from consent.fhir_consent import consent_from_decision
from consent.handlers import RecordDecision
from schemas.identifiers import IdentifierScheme
from schemas.records.subject import Subject
from services.cli.decision_files import order_from_file
from tests.support.builders import CHILD, NOW, VISITOR, a_permit
from tests.support.fhir_consents import a_consent, an_actor

_NHS = "https://fhir.nhs.uk/Id/nhs-number"
_PERMIT = a_permit(recipients=[f"practitioner:{VISITOR}", "agency:schools"])


def _order(folder: Path, resource: Any) -> RecordDecision:
    path = folder / "consent.json"
    path.write_text(json.dumps(resource))
    return order_from_file(path, actor="job:test")


def _ours(**more: Any) -> dict[str, Any]:
    consent = consent_from_decision(_PERMIT, organization="Organization/x", policy_uri="urn:x:1")
    return consent | more


def test_what_was_written_as_a_consent_is_ordered_again(tmp_path: Path):
    """Who, what, for whom, why, on what basis and by whom."""
    order = _order(tmp_path, _ours())

    assert order.subjects == (CHILD,)
    assert (order.response, order.basis) == (_PERMIT.response, _PERMIT.basis)
    assert (order.categories, order.purposes) == (_PERMIT.categories, _PERMIT.purposes)
    assert (order.recipients, order.decided_by) == (_PERMIT.recipients, _PERMIT.decided_by)


def test_a_patient_may_be_named_by_their_number(tmp_path: Path):
    """Who that is, is found out when it is recorded."""
    number = {"identifier": {"system": _NHS, "value": "9990000018"}}

    (subject,) = _order(tmp_path, _ours(patient=number)).subjects

    assert isinstance(subject, Subject)
    assert subject.identifiers[0].scheme is IdentifierScheme.NHS_NUMBER


@pytest.mark.parametrize(
    ("resource", "element"),
    [
        ([], "consent.json"),
        ({"resourceType": "Patient"}, "consent.json"),
        (_ours(status="inactive"), "Consent.status"),
        (_ours(patient={"display": "her"}), "Consent.patient"),
        (_ours(patient={"identifier": {"system": _NHS, "value": "1"}}), "subject"),
        (
            a_consent(actor=[an_actor("Practitioner/ann")])
            | {"performer": [{"reference": "Patient/p1"}]},
            "Consent.provision.actor",
        ),
        (_ours(dateTime=str(NOW)), "Consent.dateTime"),
    ],
)
def test_what_cannot_be_recorded_is_refused_by_name(tmp_path: Path, resource: Any, element: str):
    """Before anything is written."""
    with pytest.raises(DecisionInvalidError) as refused:
        _order(tmp_path, resource)

    assert refused.value.field == element

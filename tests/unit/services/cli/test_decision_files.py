"""A FHIR Consent in a file as the order to record it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from consent.circumstances import Channel, Circumstances, NotAskedReason
from consent.errors import DecisionInvalidError
from consent.fhir import consents_from_decision
from consent.lawfulness import Article9, Basis, Gateway
from consent.model import Mode, RecordDecision, Response, SharingDecision
from schemas.records.message import Subject
from schemas.vocabulary import IdentifierScheme
from services.cli.decisions.files import order_from_file
from tests.support.builders import CHILD, DAY, NOW, SIBLING, VISITOR, a_permit, a_refusal
from tests.support.consents.fhir_consents import a_consent, an_actor

_NHS = "https://fhir.nhs.uk/Id/nhs-number"
_ALIKE = (
    *("basis", "article_9", "gateways", "review_at", "until", "mode", "supersedes"),
    *("circumstances", "categories", "purposes", "decided_by"),
)
_PERMIT = a_permit(recipients=[f"practitioner:{VISITOR}", "agency:schools"])


def _order(folder: Path, resource: Any) -> RecordDecision:
    path = folder / "consent.json"
    path.write_text(json.dumps(resource))
    return order_from_file(path, actor="job:test", now=NOW)


def _ours(**more: Any) -> dict[str, Any]:
    return _written(_PERMIT)[0] | more


def _written(decision: SharingDecision) -> list[dict[str, Any]]:
    return list(
        consents_from_decision(decision, organization="Organization/x", policy_uri="urn:x:1")
    )


def test_what_was_written_as_a_consent_is_ordered_again(tmp_path: Path):
    """Who, what, for whom, why, on what basis and by whom."""
    order = _order(tmp_path, _ours())

    assert order.subjects == (CHILD,)
    assert (order.response, order.basis) == (_PERMIT.response, _PERMIT.basis)
    assert (order.categories, order.purposes) == (_PERMIT.categories, _PERMIT.purposes)
    assert (order.recipients, order.decided_by) == (_PERMIT.recipients, _PERMIT.decided_by)


@pytest.mark.parametrize(
    ("told", "decided_at"),
    [
        ("2001-05-04T10:00:00Z", datetime(2001, 5, 4, 10, tzinfo=UTC)),
        ("2001-05-04", datetime(2001, 5, 3, 23, tzinfo=UTC)),
        ("2025-12-04", datetime(2025, 12, 4, tzinfo=UTC)),
        ("2001-06", datetime(2001, 5, 31, 23, tzinfo=UTC)),
        ("2001", datetime(2001, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_consent_is_of_when_it_says(tmp_path: Path, told: str, decided_at: datetime):
    """One of 2001 becomes none of today; a day begins as it does in the United Kingdom."""
    consent = _ours(dateTime=told)
    del consent["provision"]["period"]

    assert _order(tmp_path, consent).decided_at == decided_at


def test_everything_that_an_order_can_say_is_ordered(tmp_path: Path):
    """Ground, reason, review and circumstances too."""
    told = Circumstances(Channel.TELEPHONE, "pl", "2026-10", "ab" * 16, parents_are_not_told=True)
    decision = a_permit(
        basis=Basis.PUBLIC_TASK,
        article_9=Article9.HEALTH_OR_SOCIAL_CARE,
        gateways=frozenset({Gateway.CHILDREN_ACT_2004_S10}),
        review_at=NOW + DAY,
        until=NOW + 2 * DAY,
        mode=Mode.EXISTENCE,
        supersedes="d8" * 16,
        circumstances=told,
    )

    order = _order(tmp_path, _written(decision))

    assert {f: getattr(order, f) for f in _ALIKE} == {f: getattr(decision, f) for f in _ALIKE}


def test_that_nobody_was_asked_is_ordered_with_the_reason(tmp_path: Path):
    """The one decision that is no active consent."""
    unasked = a_refusal(Response.NOT_ASKED, because=NotAskedReason.NO_INTERPRETER)

    order = _order(tmp_path, _written(unasked))

    assert (order.response, order.because) == (Response.NOT_ASKED, NotAskedReason.NO_INTERPRETER)


@pytest.mark.parametrize("is_bundle", [True, False])
def test_the_consents_of_one_decision_are_one_order(tmp_path: Path, is_bundle: bool):  # noqa: FBT001
    """One about each child, in an array or a Bundle."""
    consents = _written(a_permit(subjects=(CHILD, SIBLING)))
    entries = [{"resource": consent} for consent in consents]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}

    order = _order(tmp_path, bundle if is_bundle else consents)

    assert set(order.subjects) == {CHILD, SIBLING}


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
        ([_ours(), {"resourceType": "Patient"}], "consent.json"),
        (_ours(status="inactive"), "Consent.status"),
        (_written(a_permit(withdrawn_at=NOW)), "Consent.status"),
        (_ours(dateTime="2026-03-03"), "Consent.dateTime"),
        (_written(a_permit(superseded_by="d9" * 16)), "Consent.extension"),
        (
            _written(a_permit(circumstances=Circumstances(presumed_competent=True))),
            "Consent.extension",
        ),
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

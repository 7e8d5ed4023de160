"""Sharing decisions as FHIR Consents and back."""

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings

from consent.circumstances import Circumstances
from consent.fhir import ConsentElementError, consents_from_decision, decision_from_consents
from consent.fhir.particulars import IN_ELEMENTS, KINDS
from consent.model import SharingDecision
from services.interfaces.access.consent_files import validated_consent
from tests.support.builders import CHILD, NOW, SIBLING, a_permit
from tests.support.consents.expressible_decisions import expressible_decisions

_BOTH = a_permit(subjects=(CHILD, SIBLING), withdrawn_at=NOW)


def written(decision: SharingDecision) -> list[dict[str, Any]]:
    """Write it as of a council, and hold it against the FHIR model."""
    consents = consents_from_decision(
        decision, organization="Organization/council", policy_uri="urn:tell-once:policy:1"
    )
    return [dict(validated_consent(consent, "Consent")) for consent in consents]


@settings(max_examples=300, deadline=None)
@given(expressible_decisions)
def test_everything_that_a_decision_says_comes_back_the_same(decision: SharingDecision):
    """However it came about, and however it ended."""
    assert decision_from_consents(written(decision)) == decision


def test_no_field_of_a_decision_is_forgotten():
    """A field that is added is written too, or this names it."""
    told = {field.name for field in (*fields(SharingDecision), *fields(Circumstances))}

    assert told == IN_ELEMENTS | KINDS.keys()


@pytest.mark.parametrize(
    ("more", "element"),
    [
        ({"subjects": frozenset()}, "Consent.patient"),
        ({"categories": frozenset()}, "Consent.provision.securityLabel"),
        ({"purposes": frozenset()}, "Consent.provision.purpose"),
        ({"recipients": frozenset({"team:blue"})}, "Consent.provision.actor"),
        ({"id": "d" * 65}, "Consent.id"),
    ],
)
def test_what_a_consent_cannot_hold_is_refused_by_name(more: dict[str, Any], element: str):
    """Nothing is left out to make it fit."""
    with pytest.raises(ConsentElementError) as refused:
        written(replace(a_permit(), **more))

    assert refused.value.field == element


def test_the_order_of_the_consents_of_a_decision_does_not_matter():
    """Nor does it that the denials did not come with it, which follow from the rest."""
    consents = written(_BOTH)

    assert decision_from_consents(consents[::-1]) == _BOTH
    assert decision_from_consents(consents[:2]) == _BOTH


@pytest.mark.parametrize(
    ("kept", "element"),
    [
        ([0, 2, 3], "Consent.patient"),
        ([0, 0, 2, 3], "Consent.patient"),
        ([0, 1, 2], "Consent.identifier"),
        ([0, 1, 2, 2, 3], "Consent.identifier"),
        ([2, 3], "Consent.identifier"),
        ([], "Consent.identifier"),
    ],
)
def test_consents_that_are_not_all_there_are_refused(kept: list[int], element: str):
    """One of the persons, or the denial of one, is missing or there twice."""
    consents = written(_BOTH)

    with pytest.raises(ConsentElementError) as refused:
        decision_from_consents([consents[index] for index in kept])

    assert refused.value.field == element


@pytest.mark.parametrize(
    ("which", "more", "element"),
    [
        (1, {"dateTime": "2026-02-21"}, "Consent.dateTime"),
        (1, {"performer": [{"reference": "RelatedPerson/x"}]}, "Consent.performer"),
        (1, {"meta": {"versionId": "2"}}, "Consent.meta.versionId"),
        (
            1,
            {"policy": [{"uri": "https://www.legislation.gov.uk/ukpga/2014/23"}]},
            "Consent.policy",
        ),
        (1, {"identifier": []}, "Consent.identifier"),
        (2, {"dateTime": "2026-03-04"}, "Consent.dateTime"),
        (3, {"patient": {"reference": "Patient/else"}}, "Consent.patient"),
        (0, {"status": "active"}, "Consent.status"),
    ],
)
def test_consents_of_one_decision_that_say_different_things_are_refused(
    which: int, more: dict[str, Any], element: str
):
    """None of them is believed more than another."""
    consents = written(_BOTH)
    consents[which] |= more

    with pytest.raises(ConsentElementError) as refused:
        decision_from_consents(consents)

    assert refused.value.field == element

"""FHIR R4 Consents, read: what counts, what is not understood, and what is none."""

from datetime import datetime
from typing import Any

import pytest

from consent.fhir import ConsentElementError, consent_from_json
from consent.fhir.answering import ConsentReason
from consent.fhir.vocabulary import ACT_CODE, ACT_REASON, CONSENT_SCOPE, Code
from tests.support.consents.asking_consents import ME, elements, permits, reasons
from tests.support.consents.fhir_consents import a_consent, an_actor, concept


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("draft", ConsentReason.DRAFT),
        ("proposed", ConsentReason.PROPOSED),
        ("rejected", ConsentReason.REJECTED),
        ("inactive", ConsentReason.INACTIVE),
        ("entered-in-error", ConsentReason.ENTERED_IN_ERROR),
    ],
)
def test_only_an_active_consent_counts(status: str, reason: ConsentReason):
    """Of any other the status is told."""
    assert permits(a_consent())
    assert reasons(a_consent(status=status)) == {reason}


@pytest.mark.parametrize(
    ("scope", "asked", "expected"),
    [
        ("patient-privacy", None, True),
        ("treatment", None, False),
        ("adr", None, False),
        ("treatment", "treatment", True),
        ("patient-privacy", "treatment", False),
    ],
)
def test_a_consent_to_something_else_permits_no_sharing(
    scope: str,
    asked: str | None,
    expected: bool,  # noqa: FBT001
):
    """Unless the question is about that scope."""
    consent = a_consent(scope=concept(CONSENT_SCOPE, scope))

    assert permits(consent, scope=asked) is expected


def test_a_consent_to_research_that_names_no_purpose_is_about_research():
    """It does not open the record for treatment."""
    consent = a_consent(scope=concept(CONSENT_SCOPE, "research"))

    assert not permits(consent)
    assert permits(consent, purposes=frozenset({Code(ACT_REASON, "CLINTRCH")}))


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2024-12-31T23:59:59+00:00", False),
        ("2025-02-28T23:59:59+00:00", False),
        ("2025-03-01T00:00:00+00:00", True),
        ("2025-06-30T23:59:59+00:00", True),
        ("2025-07-01T00:00:00+00:00", False),
    ],
)
def test_a_period_holds_from_its_first_day_through_its_last(at: str, expected: bool):  # noqa: FBT001
    """And nothing holds before it was issued."""
    consent = a_consent(period={"start": "2025-03-01", "end": "2025-06"})

    assert permits(consent, at=datetime.fromisoformat(at)) is expected


@pytest.mark.parametrize(
    ("rule", "effect", "expected"),
    [
        ("OPTIN", None, True),
        ("OPTOUT", None, False),
        ("OPTIN", "permit", True),
        ("OPTIN", "deny", False),
        ("OPTOUT", "permit", True),
    ],
)
def test_the_base_rule_may_stand_in_policy_rule(rule: str, effect: str | None, expected: bool):  # noqa: FBT001
    """The provision is then an exception to it."""
    assert permits(a_consent(effect, policyRule=concept(ACT_CODE, rule))) is expected


def test_an_exception_to_an_opt_in_denies_only_whom_it_names():
    """Everybody else keeps what the base rule gives."""
    opt_in = concept(ACT_CODE, "OPTIN")
    consent = a_consent("deny", policyRule=opt_in, actor=[an_actor("Practitioner/them")])

    assert permits(consent)
    assert not permits(consent, actors=frozenset({"Practitioner/them"}))


@pytest.mark.parametrize(
    ("more", "element"),
    [
        ({"modifierExtension": [{"url": "http://x"}]}, "Consent.modifierExtension"),
        ({"implicitRules": "http://x"}, "Consent.implicitRules"),
        ({"policyRule": {"text": "the usual"}}, "Consent.policyRule"),
        ({"scope": {"text": "privacy"}}, "Consent.scope"),
        ({"verification": [{"verified": False}]}, "Consent.verification[0].verified"),
        ({"action": [{"text": "look"}]}, "Consent.provision.action[0]"),
        ({"purpose": [{"display": "care"}]}, "Consent.provision.purpose[0]"),
        ({"code": [{"text": "x"}]}, "Consent.provision.code[0]"),
        ({"securityLabel": [{"display": "x"}]}, "Consent.provision.securityLabel[0]"),
        ({"actor": [an_actor(ME, "WIT")]}, "Consent.provision.actor[0].role"),
        (
            {"actor": [{"role": concept("x", "IRCP"), "reference": {"display": "her"}}]},
            "Consent.provision.actor[0].reference",
        ),
    ],
)
def test_what_is_not_understood_is_refused_by_name(more: dict[str, Any], element: str):
    """It is never passed over."""
    assert elements(a_consent(**more)) == {element}
    assert not permits(a_consent(**more))


@pytest.mark.parametrize(
    ("consent", "element"),
    [
        (a_consent(status="valid"), "Consent.status"),
        (a_consent("maybe"), "Consent.provision.type"),
        (a_consent(provision=[{}]), "Consent.provision.provision[0].type"),
        (a_consent(period={"end": "soon"}), "Consent.provision.period"),
        ({"resourceType": "Patient"}, "Consent"),
        (
            a_consent(data=[{"meaning": "like", "reference": {"reference": "A/1"}}]),
            "Consent.provision.data[0].meaning",
        ),
    ],
)
def test_what_is_no_consent_is_refused_by_name(consent: dict[str, Any], element: str):
    """A code that the standard does not have makes no consent."""
    with pytest.raises(ConsentElementError) as refused:
        consent_from_json(consent)

    assert refused.value.field == element


def test_a_consent_about_somebody_else_says_nothing():
    """References agree however absolute they are."""
    assert permits(a_consent(), patients=frozenset({"https://example.org/fhir/Patient/p1"}))
    assert reasons(a_consent(), patients=frozenset({"Patient/p2"})) == {ConsentReason.OTHER_PATIENT}


def test_a_contained_group_stands_for_its_members():
    """They need not be named outside it."""
    group = {"resourceType": "Group", "id": "g", "member": [{"entity": {"reference": ME}}]}
    consent = a_consent(contained=[group], actor=[an_actor("#g")])

    assert permits(consent)
    assert not permits(consent, actors=frozenset({"Practitioner/you"}))

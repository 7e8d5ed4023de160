"""Consents in shapes that published examples do not have, decided by the standard or denied."""

from datetime import datetime
from typing import Any

import pytest

from consent.fhir import ConsentElementError, Data, consent_from_json
from consent.fhir.answering import ConsentReason
from consent.fhir.vocabulary import ACT_CODE, ACT_REASON, CONFIDENTIALITY, RESOURCE_TYPES, Code
from tests.support.consents.asking_consents import ME, a_label, elements, permits, reasons
from tests.support.consents.fhir_consents import (
    a_consent,
    an_actor,
    concept,
    confidentialities,
    purposes,
)

_LOINC = "http://loinc.org"


def _at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00:00+00:00")


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-01-15", False),
        ("2026-02-15", True),
        ("2026-03-15", False),
        ("2026-04-15", True),
        ("2026-07-15", False),
    ],
)
def test_periods_three_deep_each_hold_within_the_one_above(day: str, expected: bool):  # noqa: FBT001
    """February to June without March; what is then permitted for July is never come to."""
    inner = {"type": "permit", "period": {"start": "2026-07", "end": "2026-08"}}
    march = {"type": "deny", "period": {"start": "2026-03", "end": "2026-03"}, "provision": [inner]}
    outer = {
        "type": "permit",
        "period": {"start": "2026-02", "end": "2026-06"},
        "provision": [march],
    }

    assert permits(a_consent("deny", provision=[outer]), at=_at(day)) is expected


@pytest.mark.parametrize(
    ("consent", "data", "expected"),
    [
        ({"class": [{"system": RESOURCE_TYPES, "code": "Observation"}]}, "Observation", True),
        ({"class": [{"system": RESOURCE_TYPES, "code": "Observation"}]}, "Condition", False),
        ({"class": [{"code": "Observation"}]}, "Observation", True),
    ],
)
def test_a_class_limits_what_kind_of_data(consent: dict[str, Any], data: str, expected: bool):  # noqa: FBT001
    """With a system or without one."""
    known = Data(classes=frozenset({Code(RESOURCE_TYPES, data)}))

    assert permits(a_consent(**consent), data=known) is expected


def test_a_code_limits_what_the_data_is_about():
    """Codings of one concept are alternatives."""
    consent = a_consent(code=[concept(_LOINC, "8302-2")])

    assert permits(consent, data=Data(codes=frozenset({Code(_LOINC, "8302-2")})))
    assert not permits(consent, data=Data(codes=frozenset({Code(_LOINC, "29463-7")})))
    assert not permits(consent, data=Data(codes=frozenset()))


def test_labels_of_several_systems_are_alternatives_to_deny():
    """Restricted, or psychiatric, or marked by somebody else's code."""
    labels = [
        *confidentialities("R"),
        {"system": ACT_CODE, "code": "PSY"},
        {"system": "urn:example:marks", "code": "seal"},
    ]
    consent = a_consent(provision=[{"type": "deny", "securityLabel": labels}])

    for code in (a_label("V"), Code(ACT_CODE, "PSY"), Code("urn:example:marks", "seal")):
        assert not permits(consent, data=Data(labels=frozenset({code})))
    assert permits(consent, data=Data(labels=frozenset({a_label("N")})))


def test_a_level_without_its_system_is_still_a_level():
    """Or what denies the restricted would let the very restricted through."""
    consent = a_consent(provision=[{"type": "deny", "securityLabel": [{"code": "R"}]}])

    assert not permits(consent, data=Data(labels=frozenset({Code(CONFIDENTIALITY, "V")})))


@pytest.mark.parametrize(
    ("contained", "who", "expected"),
    [
        ({"resourceType": "Organization", "identifier": [{"value": "o"}]}, "|o", True),
        ({"resourceType": "RelatedPerson", "identifier": [{"value": "r"}]}, "|r", True),
        ({"resourceType": "CareTeam", "participant": [{"member": {"reference": ME}}]}, ME, True),
        ({"resourceType": "PractitionerRole", "practitioner": {"reference": ME}}, ME, True),
        (
            {
                "resourceType": "PractitionerRole",
                "practitioner": {"reference": ME},
                "organization": {"reference": "Organization/o"},
            },
            ME,
            False,
        ),
    ],
)
def test_a_contained_actor_is_whom_it_consists_of(
    contained: dict[str, Any],
    who: str,
    expected: bool,  # noqa: FBT001
):
    """A practitioner in an organisation is neither of the two alone."""
    consent = a_consent(contained=[{"id": "a", **contained}], actor=[an_actor("#a")])

    assert permits(consent, actors=frozenset({who})) is expected


def test_a_patient_may_be_contained():
    """Known by an identifier and nothing else."""
    patient = {"resourceType": "Patient", "id": "p", "identifier": [{"system": "s", "value": "1"}]}
    consent = a_consent(contained=[patient], patient={"reference": "#p"})

    assert permits(consent, patients=frozenset({"s|1"}))
    assert not permits(consent, patients=frozenset({"s|2"}))


def test_a_consent_about_nobody_permits_nothing_and_denies_all_the_same():
    """Whose it is may be the one who is asked about."""
    nobody = {"display": "the child"}

    assert reasons(a_consent(patient=nobody)) == {ConsentReason.PATIENT_NOT_STATED}
    assert ConsentReason.DENIED in reasons(a_consent("deny", patient=nobody))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [("OPTIN", True), ("OPTINR", False), ("OPTOUT", False), ("OPTOUTE", False)],
)
def test_a_base_rule_without_any_provision(rule: str, expected: bool):  # noqa: FBT001
    """An opt-in with restrictions of which none is told is not understood."""
    assert permits(a_consent(None, policyRule=concept(ACT_CODE, rule))) is expected


def test_a_base_rule_of_an_unknown_kind_is_not_understood():
    """Whatever the provision says."""
    rule = concept("http://terminology.hl7.org/CodeSystem/consentpolicycodes", "hipaa-auth")

    assert elements(a_consent(policyRule=rule)) == {"Consent.policyRule"}


def test_an_unknown_purpose_is_no_other_purpose():
    """It is matched by itself only."""
    code = {"system": "urn:example:purposes", "code": "audit"}
    consent = a_consent(purpose=[code])

    assert not permits(consent)
    assert permits(consent, purposes=frozenset({Code("urn:example:purposes", "audit")}))
    assert not permits(a_consent(purpose=purposes("TREAT")), purposes=frozenset({Code("", "x")}))


@pytest.mark.parametrize(
    "period",
    [{"start": "2026-02-01", "end": "2026-01-01"}, {"start": "2026-02-30"}, {"end": "soon"}],
)
def test_a_period_that_is_none_makes_the_consent_unreadable(period: dict[str, str]):
    """A denial with it would never hold."""
    consent = a_consent(provision=[{"type": "deny", "period": period}])

    with pytest.raises(ConsentElementError) as refused:
        consent_from_json(consent)

    assert refused.value.field == "Consent.provision.provision[0].period"


def test_who_enforces_a_consent_is_not_who_may_read():
    """`organization` and `performer` give nobody anything."""
    consent = a_consent(actor=[an_actor(ME)]) | {
        "organization": [{"reference": "Organization/o"}],
        "performer": [{"reference": "Practitioner/you"}],
    }

    assert permits(consent)
    assert not permits(consent, actors=frozenset({"Organization/o", "Practitioner/you"}))


def test_a_special_purpose_does_not_cover_the_general_one():
    """Who may do clinical trials may not do any research."""
    consent = a_consent(purpose=purposes("CLINTRCH"))

    assert not permits(consent, purposes=frozenset({Code(ACT_REASON, "HRESCH")}))
    assert permits(consent, purposes=frozenset({Code(ACT_REASON, "CLINTRCHPC")}))

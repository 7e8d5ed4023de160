"""FHIR Consents of others as sharing decisions: in our words, or refused by name."""

from dataclasses import replace
from typing import Any

import pytest

from consent import decide
from consent.fhir import (
    ConsentElementError,
    consents_from_decision,
    decision_from_consents,
    terms_from_consent,
)
from consent.model import DeciderKind, Proposal, Response, SharingAct, SharingDecision
from schemas.vocabulary import Category, Purpose
from tests.support.builders import (
    DAY,
    NOW,
    a_health_visitor,
    a_permit,
    a_refusal,
    a_relationship,
    a_request,
    on_record,
)
from tests.support.consents.fhir_consents import (
    a_consent,
    an_actor,
    concept,
    confidentialities,
    purposes,
)

_EXTENSION = "urn:tell-once:extension:consent-"
_GROUP = {"system": "urn:tell-once:group", "value": "legitimate-relationship"}


def _of_others(effect: str = "permit", **more: Any) -> dict[str, Any]:
    return a_consent(effect, **more) | {"performer": [{"reference": "Patient/p1"}]}


def _ours(**more: Any) -> dict[str, Any]:
    (consent,) = consents_from_decision(
        a_permit(), organization="Organization/council", policy_uri="urn:policy"
    )
    return consent | more


def _extended(name: str, **value: Any) -> dict[str, Any]:
    return {"extension": [{"url": _EXTENSION + name, **value}]}


@pytest.mark.parametrize(
    ("more", "element"),
    [
        ({"policyRule": {"text": "x"}}, "Consent.policyRule"),
        ({"verification": [{"verified": True}]}, "Consent.verification"),
        ({"status": "draft"}, "Consent.status"),
        ({"status": "rejected"}, "Consent.status"),
        ({"dateTime": "not a time"}, "Consent.dateTime"),
        ({"provision": [{"type": "deny"}]}, "Consent.provision.provision"),
        ({"action": [{"text": "x"}]}, "Consent.provision.action"),
        ({"class": [{"code": "x"}]}, "Consent.provision.class"),
        ({"code": [{"text": "x"}]}, "Consent.provision.code"),
        ({"dataPeriod": {"start": "2025"}}, "Consent.provision.dataPeriod"),
        ({"period": {"start": "2025-02-01"}}, "Consent.provision.period.start"),
        ({"securityLabel": confidentialities("N")}, "Consent.provision.securityLabel[0]"),
        ({"purpose": purposes("TREAT", "HPAYMT")}, "Consent.provision.purpose[1]"),
        ({"actor": [an_actor("Device/1")]}, "Consent.provision.actor[0].reference"),
        ({"actor": [an_actor("Practitioner/1", "CST")]}, "Consent.provision.actor[0].role"),
        ({"data": [{"meaning": "instance", "reference": {}}]}, "Consent.provision.data[0]"),
        ({"contained": [{"resourceType": "Group"}]}, "Consent.contained"),
        ({"implicitRules": "http://x"}, "Consent.implicitRules"),
    ],
)
def test_what_a_decision_cannot_hold_is_refused_by_name(more: dict[str, Any], element: str):
    """Nothing of the Consent is dropped that would change what it says."""
    with pytest.raises(ConsentElementError) as refused:
        terms_from_consent(_of_others(**more))

    assert refused.value.field == element


@pytest.mark.parametrize(
    ("more", "element"),
    [
        ({"modifierExtension": [{"url": "x"}]}, "Consent.modifierExtension"),
        ({"extension": [{"url": "http://other"}]}, "Consent.extension[0]"),
        (_extended("nothing-known", valueCode="x"), "Consent.extension[0]"),
        (_extended("review-at", valueDate="2027-01-01"), "Consent.extension[0]"),
        (_extended("review-at", valueDateTime="2027"), "Consent.extension[0].valueDateTime"),
        (_extended("channel", valueCoding={"code": "x"}), "Consent.extension[0].valueCoding"),
        (_extended("competence", extension=[]), "Consent.extension[0].extension"),
        (_extended("mode", valueCoding={"system": "urn:tell-once:mode", "code": "content"}), "*"),
        ({"extension": [*_extended("subjects", valuePositiveInt=2)["extension"]] * 2}, "*[1]"),
        ({"policy": [{"uri": "urn:x", "modifierExtension": []}]}, "*.policy[0].modifierExtension"),
        ({"patient": {"reference": "Patient/1", "extension": []}}, "*.patient.extension"),
        ({"patient": {"_reference": {}}}, "*.patient._reference"),
        ({"_status": {"extension": []}}, "Consent._status"),
    ],
)
def test_an_extension_that_is_not_understood_is_refused_by_name(more: dict[str, Any], element: str):
    """Neither one of others nor one of ours that says what it cannot."""
    with pytest.raises(ConsentElementError) as refused:
        terms_from_consent(_ours(**more))

    wanted = {"*": "Consent.extension", "*[1]": "Consent.extension[1]"}
    assert refused.value.field == wanted.get(element, element.replace("*.", "Consent."))


@pytest.mark.parametrize(
    ("more", "element"),
    [
        ({"status": "inactive", **_extended("invalidated-at", valueDateTime=str(NOW))}, "status"),
        (_extended("withdrawn-at", valueDateTime=NOW.isoformat()), "status"),
        ({"category": [concept("urn:tell-once:response", "refused")]}, "category"),
        ({"category": [concept("urn:tell-once:basis", "consent")] * 2}, "category[1]"),
        ({"category": [concept("urn:tell-once:basis", "because")]}, "category[0]"),
    ],
)
def test_what_contradicts_itself_is_refused(more: dict[str, Any], element: str):
    """One of both must be wrong, and nobody can tell which."""
    more = {k: v if k != "extension" else _with_t(v) for k, v in more.items()}

    with pytest.raises(ConsentElementError) as refused:
        terms_from_consent(_ours(**more))

    assert refused.value.field == f"Consent.{element}"


def _with_t(extensions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**e, "valueDateTime": e["valueDateTime"].replace(" ", "T")} for e in extensions]


def test_what_waits_for_a_second_hand_is_written_and_read_as_proposed():
    """And once it is confirmed as active, from then on."""
    proposal = Proposal(SharingAct.RECORD, "practitioner:b0", NOW, NOW + 14 * DAY)
    waiting = a_permit(decided_at=NOW, proposed=proposal)

    written = _written(waiting)
    confirmed = _written(replace(waiting, confirmed_at=NOW + DAY))

    assert written["status"] == "proposed"
    assert decision_from_consents([written]) == waiting
    assert confirmed["status"] == "active"
    assert confirmed["provision"]["period"]["start"] == (NOW + DAY).isoformat()


def test_a_proposed_consent_of_others_permits_nothing():
    """Whatever it would say once agreed."""
    agreed = _ours(identifier=[])
    proposed = agreed | {"status": "proposed"}

    answers = [
        decide(
            a_request(a_health_visitor(a_relationship())), on_record(decision_from_consents([c]))
        )
        for c in (agreed, proposed)
    ]

    assert [answer.is_permitted for answer in answers] == [True, False]


def _written(decision: SharingDecision) -> dict[str, Any]:
    (consent,) = consents_from_decision(
        decision, organization="Organization/council", policy_uri="urn:policy"
    )
    return consent


@pytest.mark.parametrize(
    ("day", "ends"),
    [
        ("2026-03-28", "2026-03-29T00:00:00+00:00"),
        ("2026-03-29", "2026-03-29T23:00:00+00:00"),
        ("2026-06-30", "2026-06-30T23:00:00+00:00"),
        ("2026-10-25", "2026-10-26T00:00:00+00:00"),
        ("2026-06", "2026-06-30T23:00:00+00:00"),
    ],
)
def test_a_last_day_ends_at_midnight_in_the_united_kingdom(day: str, ends: str):
    """Until 30 June is until midnight summer time, and both days of the clocks are whole."""
    terms = terms_from_consent(_of_others(period={"start": "2025", "end": day})).decision

    assert terms.until is not None
    assert terms.until.isoformat() == ends


def test_what_was_written_down_later_comes_back_with_both_times():
    """`dateTime` is when it was decided; it begins when it was written down."""
    decision = a_permit(decided_at=NOW - 9 * DAY, recorded_at=NOW - 2 * DAY)

    (consent,) = consents_from_decision(
        decision, organization="Organization/council", policy_uri="urn:policy"
    )

    assert consent["dateTime"] == "2026-02-21T09:30:00+00:00"
    assert consent["provision"]["period"]["start"] == "2026-02-28T09:30:00+00:00"
    assert decision_from_consents([consent]) == decision


def test_nothing_is_written_down_before_it_was_decided():
    """Such a Consent contradicts itself."""
    early = _extended("recorded-at", valueDateTime="2001-01-01T00:00:00Z")

    with pytest.raises(ConsentElementError, match="is-recorded-before-it-was-decided"):
        terms_from_consent(_ours(**early))


def test_a_consent_of_others_is_read_in_our_words():
    """Treatment is direct care; no label is every category; the patient decides for themselves."""
    consent = _of_others(purpose=purposes("TREAT"), period={"start": "2025", "end": "2026-12-31"})

    terms = terms_from_consent(consent).decision

    assert terms.purposes == {Purpose.DIRECT_CARE}
    assert terms.categories == frozenset(Category)
    assert terms.decided_by.kind is DeciderKind.ADULT_SELF
    assert terms.until is not None
    assert terms.until.isoformat() == "2027-01-01T00:00:00+00:00"


def test_a_permission_of_others_that_is_over_is_read_as_withdrawn():
    """The narrowest that it can have been."""
    ended = _of_others() | {
        "status": "inactive",
        "id": "x",
        "meta": {"lastUpdated": NOW.isoformat()},
    }

    decision = decision_from_consents([ended])

    assert (decision.response, decision.withdrawn_at) == (Response.GIVEN, NOW)


@pytest.mark.parametrize(
    ("consent", "element"),
    [
        (_of_others("deny") | {"status": "inactive", "id": "x"}, "Consent.status"),
        (_of_others() | {"status": "inactive", "id": "x"}, "Consent.meta.lastUpdated"),
        (_of_others(), "Consent.id"),
        (_of_others() | {"patient": {"display": "her"}, "id": "x"}, "Consent.patient.reference"),
    ],
)
def test_a_consent_of_others_that_leaves_too_much_open_is_refused(
    consent: dict[str, Any], element: str
):
    """A denial that is over for a reason untold may still be meant."""
    with pytest.raises(ConsentElementError) as refused:
        decision_from_consents([consent])

    assert refused.value.field == element


def test_everyone_with_a_relationship_is_no_recipient_beside_others():
    """They are among them already, or are not meant."""
    group = {"role": an_actor("x")["role"], "reference": {"identifier": _GROUP}}
    consent = _ours()
    consent["provision"]["actor"] = [an_actor("Practitioner/1"), group]

    with pytest.raises(ConsentElementError) as refused:
        terms_from_consent(consent)

    assert refused.value.field == "Consent.provision.actor[1]"


def test_labels_of_existence_are_for_permissions_and_not_mixed():
    """A denial of existence is a denial of the data."""
    known_of = {"system": "urn:tell-once:existence", "code": "existence-of-story"}
    mixed = _ours()
    mixed["provision"]["securityLabel"] = [known_of, {"system": "x", "code": "story"}]
    (denial,) = consents_from_decision(a_refusal(), organization="O/1", policy_uri="urn:x")
    denial["provision"]["securityLabel"] = [known_of]

    for consent, element in ((mixed, "securityLabel[1]"), (denial, "securityLabel")):
        with pytest.raises(ConsentElementError) as refused:
            terms_from_consent(consent)
        assert refused.value.field == f"Consent.provision.{element}"

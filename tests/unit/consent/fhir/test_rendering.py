"""How each kind of decision looks as a FHIR Consent."""

from datetime import datetime
from typing import Any

import pytest

from consent.circumstances import Circumstances, NotAskedReason, RefusalReason
from consent.fhir import consents_from_decision
from consent.fhir.particulars import KINDS
from consent.lawfulness import Article9, Gateway
from consent.model import Mode, Response, SharingDecision
from schemas.vocabulary import Purpose
from services.interfaces.access.consent_files import validated_consent
from tests.support.builders import CHILD, DAY, NOW, SIBLING, a_duty, a_permit, a_refusal
from tests.support.checkout import ROOT

_NOT_IN_PCF = {"verification", "policyRule", "modifierExtension", "contained"}
_NOT_IN_PROVISIONS_OF_PCF = {"action", "class", "code", "provision", "modifierExtension"}
_WITHDRAWN = a_permit(withdrawn_at=NOW)
_REPLACED = {"superseded_at": NOW, "superseded_by": "d9" * 16}


def _written(decision: SharingDecision) -> list[dict[str, Any]]:
    consents = consents_from_decision(
        decision, organization="Organization/council", policy_uri="urn:tell-once:policy:1"
    )
    return [dict(validated_consent(consent, "Consent")) for consent in consents]


def _first(decision: SharingDecision) -> dict[str, Any]:
    return _written(decision)[0]


def _said(decision: SharingDecision) -> dict[str, Any]:
    prefix = "urn:tell-once:extension:consent-"
    extensions = _first(decision).get("extension", [])
    return {extension["url"].removeprefix(prefix): extension for extension in extensions}


@pytest.mark.parametrize(
    ("decision", "status", "effect"),
    [
        (a_permit(), "active", "permit"),
        (a_refusal(), "active", "deny"),
        (a_refusal(Response.OBJECTED), "active", "deny"),
        (a_refusal(Response.DETRIMENTAL), "active", "deny"),
        (a_refusal(Response.NOT_ASKED, because=NotAskedReason.NOT_REACHED), "draft", "deny"),
        (a_permit(until=NOW - DAY), "active", "permit"),
        (_WITHDRAWN, "inactive", "permit"),
        (a_refusal(withdrawn_at=NOW), "inactive", "deny"),
        (a_permit(**_REPLACED), "inactive", "permit"),
        (a_permit(invalidated_at=NOW), "entered-in-error", "permit"),
        (a_permit(invalidated_at=NOW, withdrawn_at=NOW), "entered-in-error", "permit"),
        (a_refusal(Response.NOT_ASKED, withdrawn_at=NOW), "inactive", "deny"),
    ],
)
def test_the_status_says_where_a_decision_is_in_its_life(
    decision: SharingDecision, status: str, effect: str
):
    """A decision that says nothing is no active one; nobody asked is not even proposed."""
    consent = _first(decision)

    assert (consent["status"], consent["provision"]["type"]) == (status, effect)


@pytest.mark.parametrize(
    ("decision", "told"),
    [
        (_WITHDRAWN, {"withdrawn-at"}),
        (a_permit(**_REPLACED), {"superseded-at", "superseded-by"}),
        (a_permit(invalidated_at=NOW), {"invalidated-at"}),
        (a_refusal(because=RefusalReason.NOT_TRUE, mode=Mode.EXISTENCE), {"because"}),
        (a_refusal(mode=Mode.CONTENT), {"mode"}),
        (a_permit(mode=Mode.EXISTENCE), set()),
        (a_permit(review_at=NOW + DAY), {"review-at"}),
        (a_permit(circumstances=Circumstances(presumed_competent=True)), {"presumed-competent"}),
        (a_permit(subjects=(CHILD, SIBLING)), {"subjects"}),
    ],
)
def test_which_of_the_ways_it_ended_is_told_in_an_extension(
    decision: SharingDecision, told: set[str]
):
    """FHIR's own status does not tell withdrawn from replaced."""
    assert set(_said(decision)) == told


def test_a_withdrawn_permission_comes_with_the_denial_that_it_is():
    """Active, from then on, for good, and about the same."""
    permission, denial = _written(a_permit(withdrawn_at=NOW, until=NOW + DAY))

    assert denial["status"] == "active"
    assert denial["provision"]["type"] == "deny"
    assert denial["provision"]["period"] == {"start": NOW.isoformat()}
    assert denial["provision"]["securityLabel"] == permission["provision"]["securityLabel"]
    assert denial["id"] == f"{permission['id']}.withdrawal"


@pytest.mark.parametrize(
    ("decision", "number"),
    [
        (a_permit(), 1),
        (a_permit(subjects=(CHILD, SIBLING)), 2),
        (a_permit(subjects=(CHILD, SIBLING), withdrawn_at=NOW), 4),
        (a_refusal(withdrawn_at=NOW), 1),
        (a_permit(withdrawn_at=NOW, invalidated_at=NOW), 1),
        (a_permit(withdrawn_at=NOW, superseded_at=NOW), 1),
        (a_permit(withdrawn_at=NOW, superseded_at=NOW + DAY), 2),
    ],
)
def test_there_is_a_consent_for_each_person(decision: SharingDecision, number: int):
    """Each with an id of its own; what a withdrawn refusal said is just over."""
    consents = _written(decision)

    assert len({consent["id"] for consent in consents}) == len(consents) == number
    assert {i["value"] for c in consents for i in c["identifier"]} == {decision.id}


def test_a_period_ends_just_before_the_time_until_which_it_holds():
    """In FHIR a period includes the moment that it ends with."""
    provision = _first(a_permit(until=datetime.fromisoformat("2026-06-01T00:00:00Z")))["provision"]

    assert provision["period"]["end"] == "2026-05-31T23:59:59.999999+00:00"


def test_only_safeguarding_is_let_through_under_a_duty():
    """Other purposes that were named are told, in a code that nobody asks with."""
    purposes = _first(a_duty(purpose=tuple(Purpose)))["provision"]["purpose"]

    systems = {coding["code"]: coding["system"] for coding in purposes}
    assert systems["safeguarding"] == "urn:tell-once:purpose"
    assert systems["duty-for-direct-care"] == "urn:tell-once:purpose-under-a-duty"
    assert len(purposes) == len(Purpose)


def test_a_statute_is_a_policy_and_a_condition_a_category():
    """The policy that was presented stays the first."""
    consent = _first(
        a_duty(article_9=Article9.VITAL_INTERESTS, gateways=frozenset({Gateway.CARE_ACT_2014}))
    )

    assert [policy["uri"] for policy in consent["policy"]] == [
        "urn:tell-once:policy:1",
        "https://www.legislation.gov.uk/ukpga/2014/23",
    ]
    assert consent["category"][-1]["coding"][0]["code"] == "art-9-2-c"


def test_what_parents_are_not_told_is_labelled_for_every_reader():
    """In HL7's words: restricted, and not without the authorisation of whom it is about."""
    secret = a_permit(circumstances=Circumstances(parents_are_not_told=True), withdrawn_at=NOW)

    for consent in _written(secret):
        assert [label["code"] for label in consent["meta"]["security"]] == [
            "R",
            "NOAUTH",
            "parents-are-not-told",
        ]


def test_evidence_is_the_source_of_the_consent():
    """Without any, the decision in our records is."""
    proven = _first(a_permit(circumstances=Circumstances(evidence="ab" * 16)))

    assert proven["sourceReference"]["identifier"]["value"] == "ab" * 16
    assert _first(a_permit())["sourceReference"]["identifier"]["value"] == "d0" * 16


def test_nothing_is_written_that_the_profile_does_not_have():
    """IHE PCF, Foundation Consent: verification, action, class, code and nesting are not used."""
    for consent in _written(_WITHDRAWN):
        assert not _NOT_IN_PCF & consent.keys()
        assert not _NOT_IN_PROVISIONS_OF_PCF & consent["provision"].keys()
        assert {"dateTime", "performer", "organization", "sourceReference"} < consent.keys()


def test_every_extension_stands_in_the_paper_about_them():
    """Whoever reads our Consents finds there what each is."""
    paper = (ROOT / "deploy/decisions/2026-11-22-decisions-as-fhir-consents.md").read_text()

    for name in KINDS:
        assert f"`{name.replace('_', '-')}`" in paper


def test_an_extension_that_says_nothing_is_not_written():
    """A decision of which nothing more is known has none."""
    assert "extension" not in _first(a_permit())

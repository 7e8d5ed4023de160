"""What is permitted in part is a no that names the part (DESIGN.md section 4, rule 8)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from consent.deciding.words import CombiningAlgorithm
from consent.fhir.reading import consent_from_json
from consent.fhir.vocabulary import ACT_CODE, OWN_AGENCY, OWN_CATEGORY, RESOURCE_TYPES
from services.interfaces.access.authzen import EvaluationResponse, request_from
from services.interfaces.access.consent_files import evaluate_by_consents
from tests.support.authzen import an_evaluation
from tests.support.consents.fhir_consents import (
    a_consent,
    an_actor,
    concept,
    confidentialities,
    purposes,
)

NOW = datetime(2026, 3, 2, tzinfo=UTC)
OPT_OUT = concept(ACT_CODE, "OPTOUT")
A_CLASS = {"class": [{"system": RESOURCE_TYPES, "code": "MedicationStatement"}]}
HEALTH = {"system": OWN_CATEGORY, "code": "child-health"}
BY_SCHOOLS = {
    "meaning": "authoredby",
    "reference": {"identifier": {"system": OWN_AGENCY, "value": "schools"}},
}


def ask(
    *consents: dict[str, Any],
    algorithm: CombiningAlgorithm = CombiningAlgorithm.DENY_OVERRIDES,
    **more: Any,
) -> EvaluationResponse:
    """Ask these consents."""
    documents = [consent_from_json(consent) for consent in consents]
    evaluate = evaluate_by_consents(documents, algorithm, now=NOW)
    return evaluate(request_from(an_evaluation(**more)))


def of(kind: str = "Patient", **properties: Any) -> dict[str, Any]:
    """Give a resource of the patient's, so described."""
    return {"type": kind, "id": "p1", "properties": {"patient": "p1"} | properties}


def codes(answer: EvaluationResponse) -> list[str]:
    """Give the codes of the reasons."""
    return [reason["code"] for reason in answer.context["reasons"]]


def dissent_but(**exception: Any) -> dict[str, Any]:
    """Build a consent that denies everything but what this permits."""
    return a_consent("deny", provision=[{"type": "permit"} | exception])


@pytest.mark.parametrize(
    "consent",
    [
        dissent_but(**A_CLASS),
        dissent_but(**A_CLASS) | {"policyRule": OPT_OUT},
        a_consent("permit", policyRule=OPT_OUT, **A_CLASS),
        a_consent("permit", provision=[dissent_but(**A_CLASS)["provision"]]),
    ],
    ids=["root", "rule-and-root", "rule", "two-deep"],
)
def test_one_class_by_exception_is_no_yes_to_more(consent: dict[str, Any]):
    """However the base rule is written; about the class alone it is yes, without a word more."""
    everything, alone = ask(consent), ask(consent, resource=of("MedicationStatement"))

    assert (everything.decision, codes(everything)) == (False, ["consent-permits-part"])
    assert {"type": "permit"} | A_CLASS in everything.context["obligations"]
    assert (alone.decision, alone.context["obligations"]) == (True, [])


@pytest.mark.parametrize(
    "exception",
    [
        {"code": [concept("http://loinc.org", "1234-5")]},
        {"securityLabel": confidentialities("N")},
        {"dataPeriod": {"start": "2022-01-01", "end": "2022-12-31"}},
        {"data": [BY_SCHOOLS]},
        {"securityLabel": [HEALTH]},
    ],
    ids=["code", "label", "period", "data", "category"],
)
def test_so_it_is_of_every_thing_that_can_be_said_of_data(exception: dict[str, Any]):
    """What is not described is denied, and the part is named."""
    answer = ask(dissent_but(**exception))

    assert not answer.decision
    assert {"type": "permit"} | exception in answer.context["obligations"]


@pytest.mark.parametrize(
    ("exception", "asked"),
    [
        ({"actor": [an_actor("Practitioner/other")]}, {}),
        ({"purpose": purposes("HRESCH")}, {}),
        ({"purpose": purposes("TREAT")}, {"context": {"purpose": ["TREAT", "HRESCH"]}}),
        ({"period": {"end": "2026-01-01"}}, {}),
    ],
    ids=["actor", "purpose", "purposes", "time"],
)
def test_an_exception_for_others_permits_nothing(exception: dict[str, Any], asked: dict[str, Any]):
    """Not even a part is named."""
    answer = ask(dissent_but(**exception), **asked)

    assert (answer.decision, answer.context["obligations"]) == (False, [])


@pytest.mark.parametrize(
    ("permit", "asked"),
    [
        (A_CLASS, {"class": ["MedicationStatement", "Observation"]}),
        ({"securityLabel": [HEALTH]}, {"category": ["child-health", "education"]}),
        (
            {"code": [concept("http://loinc.org", "1234-5")]},
            {"code": ["http://loinc.org|1234-5", "http://loinc.org|9"]},
        ),
        ({"data": [BY_SCHOOLS]}, {"source": ["schools", "social-care"]}),
    ],
    ids=["class", "category", "code", "source"],
)
def test_several_are_yes_only_if_each_is(permit: dict[str, Any], asked: dict[str, Any]):
    """Under a base that permits too; the part that is permitted is named."""
    several = ask(a_consent(**permit), resource=of("record", **asked))
    one = {name: values[:1] for name, values in asked.items()}

    assert (several.decision, codes(several)) == (False, ["consent-permits-part"])
    assert several.context["obligations"][0] == {"type": "forbid"}
    assert len(several.context["obligations"]) == 2
    assert ask(a_consent(**permit), resource=of("record", **one)).decision
    assert ask(a_consent(), resource=of("record", **asked)).context["obligations"] == []


def test_more_parts_than_are_asked_about_one_by_one_are_a_no():
    """A question that would be a hundred thousand is none."""
    kinds = [f"http://example.org/kinds|{n}" for n in range(400)]
    asked = of("record", **{"class": kinds, "code": kinds})

    assert codes(ask(a_consent(), resource=asked)) == ["too-much-asked"]


def test_an_old_dissent_that_no_longer_stands_takes_nothing_from_a_new_permission():
    """By most-recent; by ours any refusal holds, and its exception stays an exception."""
    old = dissent_but(**A_CLASS) | {"dateTime": "2020-01-01"}
    new = a_consent(securityLabel=confidentialities("N"))

    recent = ask(old, new, algorithm=CombiningAlgorithm.MOST_RECENT)

    assert recent.decision
    assert not ask(old, new).decision


def test_a_dissent_whose_exception_takes_all_of_it_makes_no_other_permission_a_part():
    """It denies whoever is its exception nothing; of anybody else it stands."""
    exception = {"type": "permit", "actor": [an_actor("Practitioner/me")]}
    but_me = a_consent("deny", provision=[exception])
    normal = a_consent(securityLabel=confidentialities("N"), data=[BY_SCHOOLS])

    assert ask(but_me, normal).decision
    assert not ask(but_me, normal, subject={"type": "Practitioner", "id": "other"}).decision


@pytest.mark.parametrize(
    "role", ["information-governance", "data-steward", "urn:tell-once:role|information-governance"]
)
def test_a_role_that_opens_no_records_is_denied_whatever_was_agreed(role: str):
    """Rule 0, where the request says the role."""
    subject = {"type": "Practitioner", "id": "me", "properties": {"role": role}}

    answer = ask(a_consent(), subject=subject)

    assert (answer.decision, codes(answer)) == (False, ["role-opens-no-records"])

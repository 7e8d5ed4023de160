"""The consents of IHE Privacy Consent on FHIR, decided as their notes state."""

import pytest

from consent.deciding.words import CombiningAlgorithm
from tests.support.consents.ihe_pcf import atoms, consent_names, exists, residual_in
from tests.support.consents.pcf_cases import cases_of, unlabelled_cases_of
from tests.support.consents.pcf_expectations import EXPECTED, Expected
from tests.support.each_case import each_case

pytestmark = pytest.mark.skipif(not exists(), reason="the samples are not beside the project")


def _name(expected: Expected) -> str:
    return f"{expected.consent} at {expected.at[:4]}"


@pytest.mark.parametrize("algorithm", CombiningAlgorithm)
def test_each_purpose_label_and_actor_is_decided_as_the_note_states(
    algorithm: CombiningAlgorithm,
):
    """One consent alone is decided alike under every algorithm."""
    with each_case() as case:
        for expected in EXPECTED:
            with case(_name(expected)):
                asked = cases_of(expected)

                wrong = [c for c in asked if c.ask(algorithm).decision is not c.is_permitted]

                assert wrong == []


@pytest.mark.parametrize("expected", EXPECTED, ids=_name)
def test_what_is_left_to_enforce_is_what_the_note_leaves_over(expected: Expected):
    """A request that says nothing of the data gets the note's residual as obligations."""
    for case, note in unlabelled_cases_of(expected):
        answer = case.ask(CombiningAlgorithm.DENY_OVERRIDES)

        assert answer.decision
        assert atoms(answer.context["obligations"]) == atoms(residual_in(note))


def test_every_consent_of_the_samples_has_an_expectation():
    """None of the 23 is left out."""
    assert {expected.consent for expected in EXPECTED} == set(consent_names())
    assert len(consent_names()) == 23

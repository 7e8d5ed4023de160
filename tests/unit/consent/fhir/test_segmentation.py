"""ConsentWithSegmentation: its truth table and its scenario."""

import pytest

from consent.deciding.words import CombiningAlgorithm
from tests.support.consents.ihe_pcf import atoms
from tests.support.consents.segmentation import exists, non_sensitive_only, rows

pytestmark = pytest.mark.skipif(not exists(), reason="the samples are not beside the project")


def test_the_table_holds_where_its_default_rule_is_recorded_and_the_last_word_counts():
    """Its default gives way to a consent: most-recent, with the default as the oldest word."""
    wrong = [
        r for r in rows() if r.result(CombiningAlgorithm.MOST_RECENT, with_default=True) != r.auth
    ]

    assert wrong == []
    assert len(list(rows())) == 12


@pytest.mark.parametrize("algorithm", CombiningAlgorithm)
def test_without_a_recorded_default_only_a_permission_for_nothing_recorded_differs(
    algorithm: CombiningAlgorithm,
):
    """Nothing means no, whatever default somebody has in mind."""
    wrong = [r for r in rows() if r.result(algorithm, with_default=False) != r.auth]

    assert {(r.consent, r.default) for r in wrong} == {("none", "permit")}


@pytest.mark.parametrize("algorithm", CombiningAlgorithm)
def test_only_non_sensitive_data_is_given(algorithm: CombiningAlgorithm):
    """The token is given, R is removed where the data is; nobody else gets anything."""
    normal = [{"type": "forbid"}, {"type": "permit", "securityLabel": _N}]

    assert non_sensitive_only("User1", ["N"], algorithm).decision
    assert not non_sensitive_only("User1", ["R"], algorithm).decision
    assert not non_sensitive_only("User2", ["N"], algorithm).decision
    unlabelled = non_sensitive_only("User1", None, algorithm)
    assert unlabelled.decision
    assert atoms(unlabelled.context["obligations"]) == atoms(normal)


_N = [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "N"}]

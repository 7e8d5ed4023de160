"""The IHE PCF consents asked about the samples' own data, item by item."""

from datetime import UTC, datetime

import pytest

from consent.deciding.words import CombiningAlgorithm
from services.interfaces.access.authzen import request_from
from services.interfaces.access.consent_files import evaluate_by_consents
from tests.support.consents.ihe_pcf import consent_document, exists, instances

pytestmark = pytest.mark.skipif(not exists(), reason="the samples are not beside the project")

_OBSERVATIONS = {"ex-alcoholUse", "ex-bloodSugar", "ex-bloodPressure", "ex-weight", "ex-weight-2"}
_PERMITTED = {
    "ex-consent-basic-treat": _OBSERVATIONS,
    "ex-consent-basic-reject": set(),
    "ex-consent-intermediate-timeframe": {"ex-alcoholUse"},
    "ex-consent-intermediate-not-timeframe": _OBSERVATIONS - {"ex-alcoholUse"},
    "ex-consent-intermediate-authoredby": set(),
    "ex-consent-intermediate-not-authoredby": _OBSERVATIONS,
    "ex-consent-intermediate-encounter": _OBSERVATIONS,
    "ex-consent-intermediate-not-encounter": set(),
    "ex-consent-intermediate-data": _OBSERVATIONS,
    "ex-consent-intermediate-not-data": _OBSERVATIONS - {"ex-alcoholUse"},
    "ex-consent-advanced-normal": _OBSERVATIONS - {"ex-alcoholUse"},
    "ex-consent-advanced-normal-restricted": _OBSERVATIONS,
    "ex-consent-advanced-normal-not-restricted": _OBSERVATIONS - {"ex-alcoholUse"},
}
"""Only the alcohol use is of 2022, restricted and listed as forbidden; ex-author wrote all."""


@pytest.mark.parametrize("consent", sorted(_PERMITTED))
def test_each_item_of_data_is_let_through_or_not(consent: str):
    """The resource itself describes the data: nothing is left to enforce."""
    let_through = {name for name in _OBSERVATIONS if _is_let_through(consent, name)}

    assert let_through == _PERMITTED[consent]


def _is_let_through(consent: str, name: str) -> bool:
    resource = instances()[name].resource
    request = {
        "subject": {"type": "Practitioner", "id": "ex-practitioner"},
        "action": {"name": "read"},
        "resource": {"type": "Observation", "id": name, "properties": resource},
        "context": {"purpose": "TREAT"},
    }
    evaluate = evaluate_by_consents(
        [consent_document(consent)],
        CombiningAlgorithm.DENY_OVERRIDES,
        now=datetime(2023, 7, 1, tzinfo=UTC),
    )
    answer = evaluate(request_from(request))
    assert answer.context["obligations"] == []
    return answer.decision

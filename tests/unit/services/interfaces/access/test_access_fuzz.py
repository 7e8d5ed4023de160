"""Whatever JSON comes in, the answer is an answer or a refusal that names an element."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.deciding.words import CombiningAlgorithm
from consent.fhir import ConsentElementError, consent_from_json
from services.interfaces.access.authzen import RequestUnreadableError
from services.interfaces.access.batch import answer_document
from services.interfaces.access.consent_files import evaluate_by_consents, read_consents
from tests.support.consents.fhir_consents import a_consent, confidentialities, purposes

_KEYS = st.sampled_from(
    [
        "purpose",
        "labels",
        "patient",
        "identifier",
        "reference",
        "system",
        "value",
        "coding",
        "code",
        "meta",
        "security",
        "time",
        "date",
        "period",
        "start",
        "type",
        "id",
        "group",
        "category",
        "resourceType",
        "entry",
        "resource",
        "member",
        "entity",
        "role",
        "source",
        "scope",
        "mode",
    ]
)
_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(["", "TREAT", "|", "#", "a|b", "Patient/1", "2022", "Bundle", "Group", "Ω"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=12,
)
_entities = st.fixed_dictionaries(
    {"type": st.sampled_from(["Patient", "Observation", "user"]), "id": st.just("1")},
    optional={"properties": st.dictionaries(_KEYS, _values)},
)
_requests = st.fixed_dictionaries(
    {
        "subject": _entities | _values,
        "resource": _entities | _values,
        "action": st.just({"name": "read"}) | _values,
    },
    optional={"context": st.dictionaries(_KEYS, _values) | _values, "evaluations": _values},
)
_CONSENT = consent_from_json(
    a_consent(purpose=purposes("TREAT"), securityLabel=confidentialities("N"))
)


@settings(max_examples=150)
@given(_requests | _values)
def test_any_request_is_answered_or_refused(request: Any):
    """Nothing else escapes."""
    evaluate = evaluate_by_consents(
        [_CONSENT], CombiningAlgorithm.DENY_OVERRIDES, now=datetime(2026, 1, 1, tzinfo=UTC)
    )

    with suppress(RequestUnreadableError):
        json.dumps(answer_document(request, evaluate))


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(_values)
def test_any_file_is_read_or_refused(tmp_path: Path, document: Any):
    """Nothing else escapes."""
    path = tmp_path / "file.json"
    path.write_text(json.dumps(document))

    with suppress(ConsentElementError):
        read_consents([path])

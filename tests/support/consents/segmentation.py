"""The truth table and the scenario of ConsentWithSegmentation, run as they are written."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from consent.deciding.words import CombiningAlgorithm
from consent.fhir.document import ConsentDocument
from consent.fhir.reading import consent_from_json
from consent.fhir.vocabulary import ACT_CODE, CONFIDENTIALITY
from consent.question import Effect
from services.interfaces.access.authzen import EvaluationResponse, request_from
from services.interfaces.access.consent_files import evaluate_by_consents
from tests.support.consents.fhir_consents import a_consent, an_actor
from tests.support.consents.ihe_pcf import VECTORS

SEGMENTATION = VECTORS / "consent-with-segmentation"
_ANY = "~any~"
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    """One row of the truth table, `~any~` written out."""

    consent: str
    default: str
    user: str
    auth: str

    def documents(self, *, with_default: bool) -> list[ConsentDocument]:
        """What is recorded; the default rule, where it is recorded too, before anything else."""
        resources = [] if self.consent == "none" else [a_consent(self.consent)]
        if with_default:
            code = "OPTIN" if self.default == Effect.PERMIT else "OPTOUT"
            rule = {"coding": [{"system": ACT_CODE, "code": code}]}
            resources.append(a_consent(None, policyRule=rule, dateTime="1970-01-01"))
        return [consent_from_json(json.loads(json.dumps(r))) for r in resources]

    def result(self, algorithm: CombiningAlgorithm, *, with_default: bool) -> str:
        """What is decided for the user."""
        answer = _ask(self.documents(with_default=with_default), self.user, {}, algorithm)
        return Effect.PERMIT.value if answer.decision else Effect.DENY.value


def exists() -> bool:
    """Whether the samples are there."""
    return (SEGMENTATION / "give-consent.feature").exists()


def rows() -> Iterator[Row]:
    """Every row; one that holds for any default is two."""
    text = (SEGMENTATION / "give-consent.feature").read_text("utf-8")
    lines = [line.strip().strip("|") for line in text.splitlines() if line.strip().startswith("|")]
    for line in lines[2:]:
        consent, default, user, auth = (cell.strip() for cell in line.split("|"))
        for rule in ("deny", "permit") if default == _ANY else (default,):
            yield Row(consent, rule, user, auth)


def non_sensitive_only(
    user: str, labels: list[str] | None, algorithm: CombiningAlgorithm
) -> EvaluationResponse:
    """The scenario: a consent for User1 to non-sensitive data, asked about data so labelled."""
    consent = a_consent(
        "permit",
        actor=[an_actor("Practitioner/User1")],
        securityLabel=[{"system": CONFIDENTIALITY, "code": "N"}],
    )
    properties: dict[str, Any] = {} if labels is None else {"labels": labels}
    return _ask([consent_from_json(consent)], user, properties, algorithm)


def _ask(
    documents: list[ConsentDocument],
    user: str,
    properties: dict[str, Any],
    algorithm: CombiningAlgorithm,
) -> EvaluationResponse:
    request = {
        "subject": {"type": "user", "id": user},
        "action": {"name": "read"},
        "resource": {"type": "Patient", "id": "p1", "properties": properties},
        "context": {"purpose": "TREAT"},
    }
    return evaluate_by_consents(documents, algorithm, now=_NOW)(request_from(request))

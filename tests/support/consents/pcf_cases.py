"""The requests derived from the IHE PCF samples, and how each is answered."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from typing import Any

from consent.deciding.words import CombiningAlgorithm
from services.interfaces.access.authzen import EvaluationResponse, request_from
from services.interfaces.access.consent_files import evaluate_by_consents
from tests.support.consents.ihe_pcf import consent_document, group_members
from tests.support.consents.pcf_expectations import ACTORS, LABELS, PROJECT, Expected

_OTHER = "Practitioner/ex-author"
_PROJECT = "http://example.org/policies/purposeOfUse|FooBar"


@dataclass(frozen=True)
class PcfCase:
    """One request to one consent, and whether the notes let it through."""

    expected: Expected
    purpose: str
    actor: str
    label: str | None

    @property
    def is_permitted(self) -> bool:
        """What the notes state."""
        return any(
            self.purpose == purpose and self.actor in actors and (self.label or "N") in labels
            for purpose, labels, actors in self.expected.permitted
        )

    def ask(self, algorithm: CombiningAlgorithm) -> EvaluationResponse:
        """Ask the consent, through the same door as `tell-once decide`."""
        evaluate = evaluate_by_consents(
            [consent_document(self.expected.consent)],
            algorithm,
            now=datetime(2026, 1, 1, tzinfo=UTC),
            at=datetime.fromisoformat(self.expected.at),
            members=group_members("ex-privilegedUsers"),
        )
        return evaluate(request_from(self._request()))

    def _request(self) -> dict[str, Any]:
        reference = self.expected.named if self.actor == "named" else _OTHER
        kind, _, own = reference.partition("/")
        properties = {} if self.label is None else {"labels": [self.label]}
        return {
            "subject": {"type": kind, "id": own},
            "action": {"name": "read"},
            "resource": {"type": "Patient", "id": "ex-patient", "properties": properties},
            "context": {"purpose": _PROJECT if self.purpose == PROJECT else self.purpose},
        }


def cases_of(expected: Expected) -> Iterator[PcfCase]:
    """Purposes, actors and labels, each with each."""
    for purpose, actor, label in product(expected.purposes, ACTORS, LABELS):
        yield PcfCase(expected, purpose, actor, label)


def unlabelled_cases_of(expected: Expected) -> Iterator[tuple[PcfCase, str]]:
    """Requests that say nothing of the data, with the note that states what is left over."""
    for (purpose, actor), note in expected.residuals.items():
        yield PcfCase(expected, purpose, actor, None), note

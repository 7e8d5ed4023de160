"""A decision on record as pages list it."""

from collections.abc import Callable
from datetime import datetime

from consent.decision_states import state_of
from consent.model import SharingDecision
from consent.remedies import remedies
from schemas.identifiers import PractitionerId
from services.portal.decision_ports import DecisionSummary

_PRACTITIONER = "practitioner:"

NameOf = Callable[[PractitionerId], str | None]
"""The name of a practitioner; None where nobody has that id any more."""


def summary_of(decision: SharingDecision, at: datetime, name_of: NameOf) -> DecisionSummary:
    """One line of the list, with the state it is in and what can be done about it at that time."""
    told = decision.circumstances
    return DecisionSummary(
        decision_id=decision.id,
        response=decision.response,
        basis=decision.basis,
        categories=tuple(sorted(decision.categories)),
        purposes=tuple(sorted(decision.purposes)),
        recipients=tuple(sorted(decision.recipients)),
        sources=tuple(sorted(decision.sources)),
        decider_kind=decision.decided_by.kind,
        decider_reference=decision.decided_by.reference,
        decided_at=decision.decided_at,
        until=decision.until,
        withdrawn_at=decision.withdrawn_at,
        state=state_of(decision, at),
        subjects=tuple(sorted(decision.subjects)),
        mode=decision.mode,
        remedies=remedies(decision, at),
        because=decision.because,
        article_9=decision.article_9,
        gateways=tuple(sorted(decision.gateways)),
        review_at=decision.review_at,
        invalidated_at=decision.invalidated_at,
        invalidated_because=decision.invalidated_because,
        superseded_at=decision.superseded_at,
        superseded_by=decision.superseded_by,
        supersedes=decision.supersedes,
        objects_to=decision.objects_to,
        circumstances=told,
        recorded_by=_name(told.recorded_by, name_of),
        judged_by=name_of(PractitionerId(told.competence.judged_by)) if told.competence else None,
    )


def _name(actor: str | None, name_of: NameOf) -> str | None:
    if actor is None or not actor.startswith(_PRACTITIONER):
        return None
    return name_of(PractitionerId(actor.removeprefix(_PRACTITIONER)))

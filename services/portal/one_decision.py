"""The decision that an address names, for whoever may see the decisions about that person."""

from starlette.exceptions import HTTPException

from consent.remedies import Remedy
from schemas.identifiers import DecisionId, PersonId
from services.aggregation.profile import ProfileRefused
from services.portal.decision_ports import DecisionSummary
from services.portal.signed_in import Visit

_ASKS_OF_ALL = frozenset({Remedy.REPLACE, Remedy.END, Remedy.INVALIDATE})


def decision_of(
    visit: Visit, person: PersonId, wanted: DecisionId, remedy: Remedy | None = None
) -> DecisionSummary | ProfileRefused:
    """Find the decision about the person, to which the remedy must be open.

    What could share more of somebody is open only to who may open everybody whom it is about.
    Raises HTTPException 404 where there is none: then there is nothing to ask about it.
    """
    decisions = visit.services.decisions(visit.who, person)
    if isinstance(decisions, ProfileRefused):
        return decisions
    found = next((d for d in decisions if d.decision_id == wanted), None)
    if found is None or (remedy is not None and remedy not in found.remedies):
        raise HTTPException(404)
    asks_of_all = remedy in _ASKS_OF_ALL and len(found.subjects) > 1
    return (asks_of_all and visit.services.refusal_about(visit.who, found.subjects)) or found

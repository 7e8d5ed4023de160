"""The confirmation of what became of a decision."""

from enum import StrEnum
from typing import Annotated

from fastapi import Query
from starlette.exceptions import HTTPException
from starlette.responses import Response

from schemas.identifiers import DecisionId, PersonId
from services.portal.addresses import DecisionInPath, PersonInPath
from services.portal.csrf import form_token, is_form_token
from services.portal.guard import guarded_router
from services.portal.permissions import Permission
from services.portal.presenters.outcomes import outcome_in_words
from services.portal.presenters.references import record_reference
from services.portal.signed_in import CurrentVisit, Visit

router = guarded_router(Permission.FAMILY_RECORDS)


class Outcome(StrEnum):
    """What became of the decision."""

    RECORDED = "recorded"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    OBJECTED = "objected"
    ENDED = "ended"
    INVALIDATED = "invalidated"


def done_address(visit: Visit, person: PersonId, decision: DecisionId, outcome: Outcome) -> str:
    """Give the confirmation's address, proven so that nobody else can make one up."""
    proof = form_token(visit.session.csrf_secret, _what(person, decision, outcome))
    return visit.addresses(person).done(decision, outcome, proof)


@router.get("/families/{person}/consent/{decision}/{outcome}")
def show(
    visit: CurrentVisit,
    person: PersonInPath,
    decision: DecisionInPath,
    outcome: Outcome,
    proof: Annotated[str, Query(max_length=64)],
) -> Response:
    """Confirm what this session did, and say what to do next."""
    if not is_form_token(proof, visit.session.csrf_secret, _what(person, decision, outcome)):
        raise HTTPException(404)
    return visit.show(
        "decision_done.html",
        done=outcome_in_words(outcome.value),
        reference=record_reference(decision),
        addresses=visit.addresses(person),
    )


def _what(person: PersonId, decision: DecisionId, outcome: Outcome) -> str:
    return f"done {person} {decision} {outcome}"

"""Ending what a practitioner decided or a duty demanded, after asking once."""

from fastapi import Depends
from starlette.responses import Response

from consent.remedies import Remedy
from services.aggregation.profile import ProfileRefused
from services.portal.addresses import DecisionInPath, PersonInPath
from services.portal.csrf import FormPurpose
from services.portal.form_check import FormCheck
from services.portal.guard import guarded_router
from services.portal.one_decision import decision_of
from services.portal.permissions import Permission
from services.portal.presenters.decisions import decision_card
from services.portal.presenters.frame import FamilyPage
from services.portal.routes.decision_done import Outcome, done_address
from services.portal.signed_in import CurrentVisit, go_to

router = guarded_router(Permission.FAMILY_RECORDS)


@router.get("/families/{person}/consent/{decision}/end")
def ask(visit: CurrentVisit, person: PersonInPath, decision: DecisionInPath) -> Response:
    """Show the decision and ask whether to end it."""
    found = decision_of(visit, person, decision, Remedy.END)
    if isinstance(found, ProfileRefused):
        return visit.show_refused(person, found)
    return visit.show_family(
        "end_decision.html",
        FamilyPage.CONSENT,
        person,
        decision=decision_card(found),
        action=visit.addresses(person).end(decision),
        token=visit.token(FormPurpose.END_DECISION),
    )


@router.post(
    "/families/{person}/consent/{decision}/end",
    dependencies=[Depends(FormCheck(FormPurpose.END_DECISION))],
)
def end(visit: CurrentVisit, person: PersonInPath, decision: DecisionInPath) -> Response:
    """End it from now on, then confirm."""
    found = decision_of(visit, person, decision, Remedy.END)
    if isinstance(found, ProfileRefused):
        return visit.show_refused(person, found)
    ended = visit.services.end_decision(visit.who, decision)
    if isinstance(ended, ProfileRefused):
        return visit.show_refused(person, ended)
    return go_to(done_address(visit, person, ended.decision_id, Outcome.ENDED))

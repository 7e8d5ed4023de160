"""Taking back a decision for the family, after asking once."""

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
from services.portal.presenters.decision_words import withdrawing_in_words
from services.portal.presenters.decisions import decision_card
from services.portal.presenters.frame import FamilyPage
from services.portal.routes.decision_done import Outcome, done_address
from services.portal.signed_in import CurrentVisit, go_to

router = guarded_router(Permission.FAMILY_RECORDS)


@router.get("/families/{person}/consent/{decision}/withdraw")
def ask(visit: CurrentVisit, person: PersonInPath, decision: DecisionInPath) -> Response:
    """Show the decision and ask whether the family withdraws it."""
    found = decision_of(visit, person, decision, Remedy.WITHDRAW)
    if isinstance(found, ProfileRefused):
        return visit.show_refused(person, found)
    return visit.show_family(
        "withdraw_decision.html",
        FamilyPage.CONSENT,
        person,
        decision=decision_card(found),
        meaning=withdrawing_in_words(found),
        action=visit.addresses(person).withdraw(decision),
        token=visit.token(FormPurpose.WITHDRAW_DECISION),
    )


@router.post(
    "/families/{person}/consent/{decision}/withdraw",
    dependencies=[Depends(FormCheck(FormPurpose.WITHDRAW_DECISION))],
)
def withdraw(visit: CurrentVisit, person: PersonInPath, decision: DecisionInPath) -> Response:
    """Withdraw it from now on, then confirm."""
    found = decision_of(visit, person, decision, Remedy.WITHDRAW)
    if isinstance(found, ProfileRefused):
        return visit.show_refused(person, found)
    withdrawn = visit.services.withdraw_decision(visit.who, decision)
    if isinstance(withdrawn, ProfileRefused):
        return visit.show_refused(person, withdrawn)
    return go_to(done_address(visit, person, withdrawn.decision_id, Outcome.WITHDRAWN))

"""Marking a decision as invalid that was recorded in error; this cannot be undone."""

from fastapi import Depends
from starlette.responses import Response

from consent.circumstances import InvalidationReason
from consent.remedies import Remedy
from services.aggregation.profile import ProfileRefused
from services.portal.addresses import DecisionInPath, PersonInPath
from services.portal.csrf import FormPurpose
from services.portal.decision_ports import DecisionSummary
from services.portal.form_check import Form, FormCheck
from services.portal.forms import FormErrors, read_choice
from services.portal.guard import guarded_router
from services.portal.one_decision import decision_of
from services.portal.permissions import Permission
from services.portal.presenters.choices import choices_of
from services.portal.presenters.decisions import decision_card
from services.portal.presenters.frame import FamilyPage
from services.portal.routes.decision_done import Outcome, done_address
from services.portal.signed_in import CurrentVisit, Visit, go_to

router = guarded_router(Permission.FAMILY_RECORDS)


@router.get("/families/{person}/consent/{decision}/invalidate")
def ask(visit: CurrentVisit, person: PersonInPath, decision: DecisionInPath) -> Response:
    """Show the decision and ask why it never counted."""
    found = decision_of(visit, person, decision, Remedy.INVALIDATE)
    if isinstance(found, ProfileRefused):
        return visit.show_refused(person, found)
    return _form(visit, person, found, FormErrors())


@router.post(
    "/families/{person}/consent/{decision}/invalidate",
    dependencies=[Depends(FormCheck(FormPurpose.INVALIDATE_DECISION))],
)
def invalidate(
    visit: CurrentVisit, person: PersonInPath, decision: DecisionInPath, form: Form
) -> Response:
    """Mark it, then confirm."""
    found = decision_of(visit, person, decision, Remedy.INVALIDATE)
    if isinstance(found, ProfileRefused):
        return visit.show_refused(person, found)
    errors = FormErrors()
    reason = read_choice(form, errors, "reason", InvalidationReason, "Select why it is invalid")
    if reason is None:
        return _form(visit, person, found, errors)
    marked = visit.services.invalidate_decision(visit.who, decision, reason)
    if isinstance(marked, ProfileRefused):
        return visit.show_refused(person, marked)
    return go_to(done_address(visit, person, marked.decision_id, Outcome.INVALIDATED))


def _form(
    visit: Visit, person: PersonInPath, decision: DecisionSummary, errors: FormErrors
) -> Response:
    return visit.show_family(
        "invalidate_decision.html",
        FamilyPage.CONSENT,
        person,
        status=422 if errors else 200,
        decision=decision_card(decision),
        reasons=choices_of(InvalidationReason, ()),
        errors=errors,
        action=visit.addresses(person).invalidate(decision.decision_id),
        token=visit.token(FormPurpose.INVALIDATE_DECISION),
    )

"""Recording what was decided about somebody who is known here."""

from fastapi import Depends
from starlette.responses import Response

from schemas.identifiers import PersonId
from services.aggregation.profile import ProfileRefused
from services.portal.addresses import PersonInPath
from services.portal.csrf import FormPurpose
from services.portal.decision_form import DecisionContext, note_invalid, read_decision
from services.portal.errors import InvalidDecisionError
from services.portal.form_check import Form, FormCheck
from services.portal.forms import FormErrors, Submitted
from services.portal.guard import guarded_router
from services.portal.permissions import Permission
from services.portal.presenters.decision_choices import decision_choices
from services.portal.presenters.frame import FamilyPage
from services.portal.routes.decision_done import Outcome, done_address
from services.portal.signed_in import CurrentVisit, Visit, go_to

router = guarded_router(Permission.FAMILY_RECORDS)


@router.get("/families/{person}/consent/new")
def show(visit: CurrentVisit, person: PersonInPath) -> Response:
    """Show the form to who may open the family."""
    refused = visit.services.refusal_about(visit.who, [person])
    if refused is not None:
        return visit.show_refused(person, refused)
    return _form(visit, person, Submitted(), FormErrors())


@router.post(
    "/families/{person}/consent/new",
    dependencies=[Depends(FormCheck(FormPurpose.RECORD_DECISION))],
)
def record(visit: CurrentVisit, person: PersonInPath, form: Form) -> Response:
    """Record it, then confirm."""
    refused = visit.services.refusal_about(visit.who, [person])
    if refused is not None:
        return visit.show_refused(person, refused)
    errors = FormErrors()
    decision = read_decision(form, errors, DecisionContext((person,), visit.who.id, visit.today))
    if decision is None:
        return _form(visit, person, form, errors)
    try:
        recorded = visit.services.record_decision(visit.who, decision)
    except InvalidDecisionError as error:
        note_invalid(errors, error)
        return _form(visit, person, form, errors)
    if isinstance(recorded, ProfileRefused):
        return visit.show_refused(person, recorded)
    return go_to(done_address(visit, person, recorded.decision_id, Outcome.RECORDED))


def _form(visit: Visit, person: PersonId, form: Submitted, errors: FormErrors) -> Response:
    return visit.show_family(
        "record_decision.html",
        FamilyPage.CONSENT,
        person,
        status=422 if errors else 200,
        form=form,
        errors=errors,
        choices=decision_choices(form),
        token=visit.token(FormPurpose.RECORD_DECISION),
    )

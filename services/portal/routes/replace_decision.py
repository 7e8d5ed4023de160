"""Recording a decision in the place of another, by who decided that and about the same people."""

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.responses import Response

from consent.remedies import Remedy
from services.aggregation.profile import ProfileRefused
from services.portal.addresses import DecisionInPath, PersonInPath
from services.portal.csrf import FormPurpose
from services.portal.decision_form import DecisionContext, note_invalid, read_decision
from services.portal.decision_ports import DecisionSummary
from services.portal.errors import InvalidDecisionError
from services.portal.form_check import Form, FormCheck
from services.portal.forms import FormErrors, Submitted
from services.portal.guard import guarded_router
from services.portal.one_decision import decision_of
from services.portal.permissions import Permission
from services.portal.presenters.decision_choices import decision_choices
from services.portal.presenters.decision_page import may_replace
from services.portal.presenters.decisions import decision_card
from services.portal.presenters.frame import FamilyPage
from services.portal.replacement_form import filled_in_from
from services.portal.routes.decision_done import Outcome, done_address
from services.portal.signed_in import CurrentVisit, Visit, go_to

router = guarded_router(Permission.FAMILY_RECORDS)


@router.get("/families/{person}/consent/{decision}/replace")
def show(visit: CurrentVisit, person: PersonInPath, decision: DecisionInPath) -> Response:
    """Show the form as it was filled in for the decision that is to be replaced."""
    found = _replaceable(visit, person, decision)
    if isinstance(found, ProfileRefused):
        return visit.show_refused(person, found)
    return _form(visit, person, found, filled_in_from(found), FormErrors())


@router.post(
    "/families/{person}/consent/{decision}/replace",
    dependencies=[Depends(FormCheck(FormPurpose.REPLACE_DECISION))],
)
def record(
    visit: CurrentVisit, person: PersonInPath, decision: DecisionInPath, form: Form
) -> Response:
    """Record the new decision, then confirm."""
    found = _replaceable(visit, person, decision)
    if isinstance(found, ProfileRefused):
        return visit.show_refused(person, found)
    errors = FormErrors()
    context = DecisionContext(found.subjects, visit.who.id, visit.today, replaced=found)
    new = read_decision(form, errors, context)
    if new is None:
        return _form(visit, person, found, form, errors)
    try:
        recorded = visit.services.record_decision(visit.who, new)
    except InvalidDecisionError as error:
        note_invalid(errors, error)
        return _form(visit, person, found, form, errors)
    if isinstance(recorded, ProfileRefused):
        return visit.show_refused(person, recorded)
    return go_to(done_address(visit, person, recorded.decision_id, Outcome.REPLACED))


def _replaceable(
    visit: Visit, person: PersonInPath, decision: DecisionInPath
) -> DecisionSummary | ProfileRefused:
    found = decision_of(visit, person, decision, Remedy.REPLACE)
    if not isinstance(found, ProfileRefused) and not may_replace(found, visit.who.id):
        raise HTTPException(404)
    return found


def _form(
    visit: Visit,
    person: PersonInPath,
    replaced: DecisionSummary,
    form: Submitted,
    errors: FormErrors,
) -> Response:
    return visit.show_family(
        "replace_decision.html",
        FamilyPage.CONSENT,
        person,
        status=422 if errors else 200,
        form=form,
        errors=errors,
        replaced=decision_card(replaced),
        choices=decision_choices(form),
        action=visit.addresses(person).replace(replaced.decision_id),
        token=visit.token(FormPurpose.REPLACE_DECISION),
    )

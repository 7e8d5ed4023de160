"""Recording that somebody of the family objects to what a public task lets services share."""

from fastapi import Depends
from starlette.responses import Response

from consent.remedies import Remedy
from services.aggregation.profile import ProfileRefused
from services.portal.addresses import DecisionInPath, PersonInPath
from services.portal.csrf import FormPurpose
from services.portal.deciders import OF_THE_FAMILY
from services.portal.decision_form import note_invalid
from services.portal.decision_ports import DecisionSummary
from services.portal.errors import InvalidDecisionError
from services.portal.form_check import Form, FormCheck
from services.portal.forms import FormErrors, Submitted
from services.portal.guard import guarded_router
from services.portal.objection_form import read_objection
from services.portal.one_decision import decision_of
from services.portal.permissions import Permission
from services.portal.presenters.choices import choices_of
from services.portal.presenters.decisions import decision_card
from services.portal.presenters.frame import FamilyPage
from services.portal.presenters.how_choices import how_choices
from services.portal.routes.decision_done import Outcome, done_address
from services.portal.signed_in import CurrentVisit, Visit, go_to

router = guarded_router(Permission.FAMILY_RECORDS)


@router.get("/families/{person}/consent/{decision}/object")
def ask(visit: CurrentVisit, person: PersonInPath, decision: DecisionInPath) -> Response:
    """Show the decision and ask who objects."""
    found = decision_of(visit, person, decision, Remedy.OBJECT)
    if isinstance(found, ProfileRefused):
        return visit.show_refused(person, found)
    return _form(visit, person, found, Submitted(), FormErrors())


@router.post(
    "/families/{person}/consent/{decision}/object",
    dependencies=[Depends(FormCheck(FormPurpose.OBJECT_TO_DECISION))],
)
def record(
    visit: CurrentVisit, person: PersonInPath, decision: DecisionInPath, form: Form
) -> Response:
    """Record the objection, then confirm."""
    found = decision_of(visit, person, decision, Remedy.OBJECT)
    if isinstance(found, ProfileRefused):
        return visit.show_refused(person, found)
    errors = FormErrors()
    objection = read_objection(form, errors, decision, person)
    if objection is None:
        return _form(visit, person, found, form, errors)
    try:
        recorded = visit.services.object_to_decision(visit.who, objection)
    except InvalidDecisionError as error:
        note_invalid(errors, error)
        return _form(visit, person, found, form, errors)
    if isinstance(recorded, ProfileRefused):
        return visit.show_refused(person, recorded)
    return go_to(done_address(visit, person, recorded.decision_id, Outcome.OBJECTED))


def _form(
    visit: Visit,
    person: PersonInPath,
    decision: DecisionSummary,
    form: Submitted,
    errors: FormErrors,
) -> Response:
    return visit.show_family(
        "object_to_decision.html",
        FamilyPage.CONSENT,
        person,
        status=422 if errors else 200,
        decision=decision_card(decision),
        form=form,
        errors=errors,
        deciders=choices_of(OF_THE_FAMILY, form.chosen("decided-by")),
        how=how_choices(form),
        action=visit.addresses(person).object_to(decision.decision_id),
        token=visit.token(FormPurpose.OBJECT_TO_DECISION),
    )

"""Recording what was decided about somebody by number and date of birth."""

from fastapi import Depends
from starlette.responses import Response

from services.aggregation.profile import ProfileRefused
from services.portal.csrf import FormPurpose
from services.portal.decision_form import DecisionContext, note_invalid, read_decision
from services.portal.errors import InvalidDecisionError
from services.portal.form_check import Form, FormCheck
from services.portal.forms import SEARCHABLE_SCHEMES, FormErrors, Submitted, read_subject
from services.portal.guard import guarded_router
from services.portal.permissions import Permission
from services.portal.presenters.choices import choices_of
from services.portal.presenters.decision_choices import decision_choices
from services.portal.routes.decision_done import Outcome, done_address
from services.portal.signed_in import CurrentVisit, Visit, go_to

router = guarded_router(Permission.FAMILY_RECORDS)


@router.get("/record-a-decision")
def show(visit: CurrentVisit) -> Response:
    """Show the form."""
    return _form(visit, Submitted(), FormErrors())


@router.post("/record-a-decision", dependencies=[Depends(FormCheck(FormPurpose.RECORD_DECISION))])
def record(visit: CurrentVisit, form: Form) -> Response:
    """Record it about the person with that number and date of birth, then confirm.

    Who is not known, was born otherwise, or is not theirs to open, is one answer.
    """
    errors = FormErrors()
    subject = read_subject(form, errors, visit.today)
    subjects = () if subject is None else (subject,)
    decision = read_decision(form, errors, DecisionContext(subjects, visit.who.id, visit.today))
    if decision is None:
        return _form(visit, form, errors)
    try:
        recorded = visit.services.record_decision(visit.who, decision)
    except InvalidDecisionError as error:
        note_invalid(errors, error)
        return _form(visit, form, errors)
    if isinstance(recorded, ProfileRefused):
        return visit.show_refused(None, recorded)
    person = recorded.subjects[0]
    return go_to(done_address(visit, person, recorded.decision_id, Outcome.RECORDED))


def _form(visit: Visit, form: Submitted, errors: FormErrors) -> Response:
    return visit.show(
        "record_first_decision.html",
        422 if errors else 200,
        form=form,
        errors=errors,
        schemes=choices_of(SEARCHABLE_SCHEMES, form.chosen("scheme")),
        choices=decision_choices(form),
        token=visit.token(FormPurpose.RECORD_DECISION),
    )

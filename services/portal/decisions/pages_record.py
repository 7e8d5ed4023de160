"""The pages that record a decision: about somebody known, about anybody, in place of another."""

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.responses import Response

from consent.decisions.keeping import Taken
from consent.decisions.states import Remedy
from consent.errors import DecisionInvalidError
from schemas.identifiers import PersonId
from services.people.practitioners.permissions import Permission
from services.portal.decisions.asking.choices import decision_choices
from services.portal.decisions.form import (
    DecisionContext,
    filled_in_from,
    read_decision,
)
from services.portal.decisions.orders import DecisionForm
from services.portal.decisions.pages import DecisionChange, decision_of, done, taken
from services.portal.decisions.refused import note_refused
from services.portal.decisions.summaries import DecisionSummary, RecordedDecision
from services.portal.decisions.words import decision_card, may_replace
from services.portal.frame.addresses import DecisionInPath, PersonInPath
from services.portal.frame.forms import SEARCHABLE_SCHEMES, FormErrors, Submitted, read_subject
from services.portal.frame.guard import Form, FormCheck, guarded_router
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, Visit
from services.portal.words.cards import choices_of
from services.portal.words.frame import FamilyPage
from services.profile.model import ProfileRefused

router = guarded_router(Permission.FAMILY_RECORDS)


@router.get("/families/{person}/consent/new")
def show_form(visit: CurrentVisit, person: PersonInPath) -> Response:
    """Show the form to who may open the family."""
    refused = visit.services.refusal_about(visit.who, [person])
    if refused is not None:
        return visit.show_refused(person, refused)
    return _form(visit, person, visit.typed(), FormErrors())


@router.post(
    "/families/{person}/consent/new",
    dependencies=[Depends(FormCheck(FormPurpose.RECORD_DECISION))],
)
def record(visit: CurrentVisit, person: PersonInPath, form: Form) -> Response:
    """Record it, then confirm. A no is taken from anybody."""
    errors = FormErrors()
    decision = read_decision(form, errors, DecisionContext((person,), visit.who.id, visit.today))
    recorded = _recorded(visit, decision, errors)
    if recorded is not None:
        return done(visit, person, recorded, DecisionChange.RECORDED)
    refused = visit.services.refusal_about(visit.who, [person])
    if refused is not None:
        return visit.show_refused(person, refused)
    return _form(visit, person, form, errors)


def _recorded(
    visit: Visit, decision: DecisionForm | None, errors: FormErrors
) -> RecordedDecision | Taken | ProfileRefused | None:
    """What became of it; None where the form has to be filled in again, with why."""
    if decision is None:
        return None
    try:
        return visit.services.record_decision(visit.who, decision)
    except DecisionInvalidError as error:
        note_refused(errors, error)
        return None


def _form(visit: Visit, person: PersonId, form: Submitted, errors: FormErrors) -> Response:
    listed = visit.services.deciders_to_choose(visit.who, [person])
    return visit.show_family(
        "record_decision.html",
        FamilyPage.CONSENT,
        person,
        status=422 if errors else 200,
        form=form,
        errors=errors,
        choices=decision_choices(form, listed),
        token=visit.token(FormPurpose.RECORD_DECISION),
    )


# Recording what was decided about somebody by number and date of birth.


@router.get("/record-a-decision")
def show_first_form(visit: CurrentVisit) -> Response:
    """Show the form."""
    return _first_form(visit, visit.typed(), FormErrors())


@router.post("/record-a-decision", dependencies=[Depends(FormCheck(FormPurpose.RECORD_DECISION))])
def record_first(visit: CurrentVisit, form: Form) -> Response:
    """Record it about the person with that number and date of birth, then confirm.

    Who is not known, was born otherwise, or is not theirs to open, is one answer.
    """
    errors = FormErrors()
    subject = read_subject(form, errors, visit.today)
    subjects = () if subject is None else (subject,)
    decision = read_decision(form, errors, DecisionContext(subjects, visit.who.id, visit.today))
    recorded = _recorded(visit, decision, errors)
    if recorded is None:
        return _first_form(visit, form, errors)
    if isinstance(recorded, RecordedDecision):
        return done(visit, recorded.subjects[0], recorded, DecisionChange.RECORDED)
    return (
        visit.show_refused(None, recorded) if isinstance(recorded, ProfileRefused) else taken(visit)
    )


def _first_form(visit: Visit, form: Submitted, errors: FormErrors) -> Response:
    return visit.show(
        "record_first_decision.html",
        422 if errors else 200,
        form=form,
        errors=errors,
        schemes=choices_of(SEARCHABLE_SCHEMES, form.chosen("scheme")),
        choices=decision_choices(form),
        token=visit.token(FormPurpose.RECORD_DECISION),
    )


# Recording a decision in the place of another, by who decided that and about the same people.


@router.get("/families/{person}/consent/{decision}/replace")
def show_replacement(
    visit: CurrentVisit, person: PersonInPath, decision: DecisionInPath
) -> Response:
    """Show the form as it was typed, else as filled in for the decision to be replaced."""
    found = _replaceable(visit, person, decision)
    if isinstance(found, ProfileRefused):
        return visit.show_refused(person, found)
    typed = visit.typed()
    form = typed if typed.fields else filled_in_from(found.said)
    return _replacement_form(visit, person, found, form, FormErrors())


@router.post(
    "/families/{person}/consent/{decision}/replace",
    dependencies=[Depends(FormCheck(FormPurpose.REPLACE_DECISION))],
)
def record_replacement(
    visit: CurrentVisit, person: PersonInPath, decision: DecisionInPath, form: Form
) -> Response:
    """Record the new decision, then confirm."""
    found = _replaceable(visit, person, decision)
    if isinstance(found, ProfileRefused):
        return visit.show_refused(person, found)
    errors = FormErrors()
    context = DecisionContext(
        tuple(sorted(found.said.subjects)), visit.who.id, visit.today, replaced=found.said
    )
    new = read_decision(form, errors, context)
    recorded = _recorded(visit, new, errors)
    if recorded is None:
        return _replacement_form(visit, person, found, form, errors)
    return done(visit, person, recorded, DecisionChange.REPLACED)


def _replaceable(
    visit: Visit, person: PersonInPath, decision: DecisionInPath
) -> DecisionSummary | ProfileRefused:
    found = decision_of(visit, person, decision, Remedy.REPLACE)
    if not isinstance(found, ProfileRefused) and not may_replace(found, visit.who.id):
        raise HTTPException(404)
    return found


def _replacement_form(
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

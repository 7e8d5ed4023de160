"""Pages that change a decision, each asking once: withdraw, end, object, invalidate."""

from fastapi import Depends
from starlette.responses import Response

from consent.circumstances import InvalidationReason
from consent.decisions.states import Remedy
from consent.errors import DecisionInvalidError
from services.people.practitioners.permissions import Permission
from services.portal.decisions.asking.choices import how_choices, withdrawal_choices
from services.portal.decisions.form import read_objection, read_withdrawal
from services.portal.decisions.pages import DecisionChange, decision_of, done
from services.portal.decisions.refused import note_refused
from services.portal.decisions.summaries import DecisionSummary
from services.portal.decisions.who import OF_THE_FAMILY, decider_choices
from services.portal.decisions.words import decision_card
from services.portal.frame.addresses import DecisionInPath, PersonInPath
from services.portal.frame.forms import FormErrors, Submitted, read_choice
from services.portal.frame.guard import Form, FormCheck, guarded_router
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, Visit
from services.portal.words.cards import choices_of
from services.portal.words.codes import staying_in_words, withdrawing_in_words
from services.portal.words.frame import FamilyPage
from services.profile.model import ProfileRefused

router = guarded_router(Permission.FAMILY_RECORDS)


@router.get("/families/{person}/consent/{decision}/withdraw")
def ask_to_withdraw(
    visit: CurrentVisit, person: PersonInPath, decision: DecisionInPath
) -> Response:
    """Show the decision, what follows, and ask who takes it back and how: nobody owes it."""
    found = decision_of(visit, person, decision, Remedy.WITHDRAW)
    if isinstance(found, ProfileRefused):
        return visit.show_refused(person, found)
    listed = visit.services.deciders_to_choose(visit.who, found.said.subjects)
    form = visit.typed()
    return visit.show_family(
        "withdraw_decision.html",
        FamilyPage.CONSENT,
        person,
        decision=decision_card(found),
        meaning=withdrawing_in_words(found.said),
        stays=staying_in_words(found.said),
        form=form,
        choices=withdrawal_choices(form, listed),
        errors=FormErrors(),
        action=visit.addresses(person).withdraw(decision),
        token=visit.token(FormPurpose.WITHDRAW_DECISION),
    )


@router.post(
    "/families/{person}/consent/{decision}/withdraw",
    dependencies=[Depends(FormCheck(FormPurpose.WITHDRAW_DECISION))],
)
def withdraw(
    visit: CurrentVisit, person: PersonInPath, decision: DecisionInPath, form: Form
) -> Response:
    """Withdraw it from now on, whatever was answered, then confirm."""
    withdrawn = visit.services.withdraw_decision(visit.who, decision, read_withdrawal(form))
    return done(visit, person, withdrawn, DecisionChange.WITHDRAWN)


# Ending what a practitioner decided or a duty demanded, after asking once.


@router.get("/families/{person}/consent/{decision}/end")
def ask_to_end(visit: CurrentVisit, person: PersonInPath, decision: DecisionInPath) -> Response:
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
    return done(visit, person, ended, DecisionChange.ENDED)


# Marking a decision as invalid that was recorded in error; this cannot be undone.


@router.get("/families/{person}/consent/{decision}/invalidate")
def ask_to_invalidate(
    visit: CurrentVisit, person: PersonInPath, decision: DecisionInPath
) -> Response:
    """Show the decision and ask why it never counted."""
    found = decision_of(visit, person, decision, Remedy.INVALIDATE)
    if isinstance(found, ProfileRefused):
        return visit.show_refused(person, found)
    return _form_to_invalidate(visit, person, found, visit.typed(), FormErrors())


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
        return _form_to_invalidate(visit, person, found, form, errors)
    marked = visit.services.invalidate_decision(visit.who, decision, reason)
    return done(visit, person, marked, DecisionChange.INVALIDATED)


def _form_to_invalidate(
    visit: Visit,
    person: PersonInPath,
    decision: DecisionSummary,
    form: Submitted,
    errors: FormErrors,
) -> Response:
    return visit.show_family(
        "invalidate_decision.html",
        FamilyPage.CONSENT,
        person,
        status=422 if errors else 200,
        decision=decision_card(decision),
        reasons=choices_of(InvalidationReason, form.chosen("reason")),
        errors=errors,
        action=visit.addresses(person).invalidate(decision.decision_id),
        token=visit.token(FormPurpose.INVALIDATE_DECISION),
    )


# Recording that somebody of the family objects to what a public task lets services share.


@router.get("/families/{person}/consent/{decision}/object")
def ask_to_object(visit: CurrentVisit, person: PersonInPath, decision: DecisionInPath) -> Response:
    """Show the decision and ask who objects."""
    found = decision_of(visit, person, decision, Remedy.OBJECT)
    if isinstance(found, ProfileRefused):
        return visit.show_refused(person, found)
    return _form_to_object(visit, person, found, visit.typed(), FormErrors())


@router.post(
    "/families/{person}/consent/{decision}/object",
    dependencies=[Depends(FormCheck(FormPurpose.OBJECT_TO_DECISION))],
)
def record_objection(
    visit: CurrentVisit, person: PersonInPath, decision: DecisionInPath, form: Form
) -> Response:
    """Record the objection, then confirm. It is taken from anybody."""
    errors = FormErrors()
    objection = read_objection(form, errors, decision, person)
    if objection is not None:
        try:
            recorded = visit.services.object_to_decision(visit.who, objection)
            return done(visit, person, recorded, DecisionChange.OBJECTED)
        except DecisionInvalidError as error:
            note_refused(errors, error)
    found = decision_of(visit, person, decision, Remedy.OBJECT)
    if isinstance(found, ProfileRefused):
        return visit.show_refused(person, found)
    return _form_to_object(visit, person, found, form, errors)


def _form_to_object(
    visit: Visit,
    person: PersonInPath,
    decision: DecisionSummary,
    form: Submitted,
    errors: FormErrors,
) -> Response:
    listed = visit.services.deciders_to_choose(visit.who, decision.said.subjects)
    return visit.show_family(
        "object_to_decision.html",
        FamilyPage.CONSENT,
        person,
        status=422 if errors else 200,
        decision=decision_card(decision),
        form=form,
        errors=errors,
        deciders=decider_choices(form, listed, OF_THE_FAMILY),
        how=how_choices(form),
        action=visit.addresses(person).object_to(decision.decision_id),
        token=visit.token(FormPurpose.OBJECT_TO_DECISION),
    )

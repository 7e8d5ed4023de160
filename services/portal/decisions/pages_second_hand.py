"""The page of a second hand: for what waits, or for a no about which nobody has asked the family.

Of what a child below 13 decides it is a second professional's, who says that they judged it too.
"""

from fastapi import Depends
from starlette.responses import Response

from consent.circumstances import CompetenceQuestion
from consent.decisions.confirming import NotConfirmed
from consent.decisions.states import Remedy
from services.people.practitioners.permissions import Permission
from services.portal.decisions.form import read_second_judgement
from services.portal.decisions.pages import DecisionChange, decision_of, done
from services.portal.decisions.summaries import DecisionSummary
from services.portal.decisions.words import decision_card, waiting_in_words, who_confirms
from services.portal.frame.addresses import DecisionInPath, PersonInPath
from services.portal.frame.forms import FormErrors, Submitted
from services.portal.frame.guard import Form, FormCheck, guarded_router
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, Visit
from services.portal.words.cards import choices_of
from services.portal.words.frame import FamilyPage
from services.profile.model import ProfileRefused

router = guarded_router(Permission.FAMILY_RECORDS)


@router.get("/families/{person}/consent/{decision}/confirm")
def ask_to_confirm(visit: CurrentVisit, person: PersonInPath, decision: DecisionInPath) -> Response:
    """Show the decision and what waits, and ask whether to confirm it."""
    found = decision_of(visit, person, decision, Remedy.CONFIRM)
    if isinstance(found, ProfileRefused):
        return visit.show_refused(person, found)
    return _form_to_confirm(visit, person, found, visit.typed())


@router.post(
    "/families/{person}/consent/{decision}/confirm",
    dependencies=[Depends(FormCheck(FormPurpose.CONFIRM_DECISION))],
)
def confirm(
    visit: CurrentVisit, person: PersonInPath, decision: DecisionInPath, form: Form
) -> Response:
    """Confirm it, or say that it takes somebody else; of a child below 13 with what is judged."""
    found = decision_of(visit, person, decision, Remedy.CONFIRM)
    if isinstance(found, ProfileRefused):
        return visit.show_refused(person, found)
    errors = FormErrors()
    yes = read_second_judgement(form, errors) if found.waits_for_second_judge else frozenset()
    if errors:
        return _form_to_confirm(visit, person, found, form, errors)
    confirmed = visit.services.confirm_decision(visit.who, decision, yes)
    if isinstance(confirmed, NotConfirmed):
        return _form_to_confirm(visit, person, found, form, is_not_theirs=True)
    return done(visit, person, confirmed, DecisionChange.CONFIRMED)


def _form_to_confirm(
    visit: Visit,
    person: PersonInPath,
    decision: DecisionSummary,
    form: Submitted,
    errors: FormErrors | None = None,
    *,
    is_not_theirs: bool = False,
) -> Response:
    errors = errors or FormErrors()
    status = 422 if errors else 200
    return visit.show_family(
        "confirm_decision.html",
        FamilyPage.CONSENT,
        person,
        status=403 if is_not_theirs else status,
        decision=decision_card(decision),
        waiting=waiting_in_words(decision),
        judges_too=decision.waits_for_second_judge,
        questions=choices_of(CompetenceQuestion, form.chosen("competence")),
        errors=errors,
        is_not_theirs=is_not_theirs,
        who_confirms=who_confirms(decision),
        action=visit.addresses(person).confirm(decision.decision_id),
        token=visit.token(FormPurpose.CONFIRM_DECISION),
    )

"""The page on which whoever works with a family enters what it asks governance: closed choices."""

import re
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query
from starlette.responses import Response

from consent.ledger.fields import OPAQUE_ID
from schemas.identifiers import PersonId
from services.audit.reviews.questions import FamilyAsks, FamilyQuestionRefusal
from services.people.practitioners.permissions import Permission
from services.portal.frame.addresses import PersonInPath
from services.portal.frame.forms import FormErrors, Submitted, read_choice
from services.portal.frame.guard import Form, FormCheck, guarded_router
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, Visit, go_to
from services.portal.words.cards import choices_of
from services.portal.words.dates import uk_day_in_words
from services.portal.words.frame import FamilyPage

router = guarded_router(Permission.FAMILY_RECORDS)
_QUESTION = "/families/{person}/question"


@router.get(_QUESTION)
def show_question(
    visit: CurrentVisit, person: PersonInPath, asked: Annotated[str | None, Query()] = None
) -> Response:
    """Show the choices to who may open the family; after one, until when it is answered.

    By the question that they entered about this family themselves, and by nothing in the address.
    """
    refused = visit.services.refusal_about(visit.who, [person])
    if refused is not None:
        return visit.show_refused(person, refused)
    due = None
    if asked is not None and re.fullmatch(OPAQUE_ID, asked):
        due = visit.services.governance.due_of(visit.who, person, asked)
    return _form(visit, person, visit.typed(), FormErrors(), due)


@router.post(_QUESTION, dependencies=[Depends(FormCheck(FormPurpose.ASK_GOVERNANCE))])
def ask_question(visit: CurrentVisit, person: PersonInPath, form: Form) -> Response:
    """Enter it, then say until when it is answered."""
    refused = visit.services.refusal_about(visit.who, [person])
    if refused is not None:
        return visit.show_refused(person, refused)
    errors = FormErrors()
    asks = read_choice(form, errors, "asks", FamilyAsks, "Select what the family asks")
    if asks is None:
        return _form(visit, person, form, errors, None)
    asked = visit.services.governance.ask_for_family(visit.who, person, asks)
    if isinstance(asked, FamilyQuestionRefusal):
        return visit.show_nothing()
    return go_to(visit.addresses(person).question_asked(asked.id))


def _form(
    visit: Visit, person: PersonId, form: Submitted, errors: FormErrors, due: datetime | None
) -> Response:
    return visit.show_family(
        "family_question.html",
        FamilyPage.WHO_HAS_LOOKED,
        person,
        status=422 if errors else 200,
        errors=errors,
        asks=choices_of(FamilyAsks, form.chosen("asks")),
        due=None if due is None else uk_day_in_words(due),
        token=visit.token(FormPurpose.ASK_GOVERNANCE),
    )

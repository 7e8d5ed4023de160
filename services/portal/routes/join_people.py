"""Saying that two people are one, after reading what follows from it."""

from fastapi import Depends
from starlette.responses import Response

from services.linking.answering import Answer
from services.linking.joining_ports import JoinRefusal
from services.portal.addresses import ReviewAddresses, ReviewInPath
from services.portal.csrf import FormPurpose
from services.portal.form_check import Form, FormCheck
from services.portal.forms import FormErrors
from services.portal.guard import guarded_router
from services.portal.pair_done import Done, after, pair_of
from services.portal.permissions import Permission
from services.portal.presenters.pair import pair_in_words
from services.portal.signed_in import CurrentVisit, Visit, go_to

router = guarded_router(Permission.WHO_IS_WHO)

_BORN_OTHERWISE = "born-otherwise"
_SAY_SO = "Confirm that one date of birth is wrong, or go back and say that they are two people"


@router.get("/who-may-be-one/{review}/join")
def ask(visit: CurrentVisit, review: ReviewInPath) -> Response:
    """Show whom it is about and what follows, and ask once more."""
    return _form(visit, review, FormErrors())


@router.post(
    "/who-may-be-one/{review}/join", dependencies=[Depends(FormCheck(FormPurpose.JOIN_PEOPLE))]
)
def join(visit: CurrentVisit, review: ReviewInPath, form: Form) -> Response:
    """Join them, then confirm; where the dates differ only if that was said to be a slip."""
    said = bool(form.text(_BORN_OTHERWISE))
    answer = Answer.JOIN_ALTHOUGH_BORN_OTHERWISE if said else Answer.JOIN
    answered = visit.services.answer_review(visit.who, review, answer)
    if answered is JoinRefusal.OTHER_BIRTH:
        errors = FormErrors()
        errors.add(_BORN_OTHERWISE, _SAY_SO)
        return _form(visit, review, errors)
    return after(review, answered, Done.JOINED)


def _form(visit: Visit, review: str, errors: FormErrors) -> Response:
    found = pair_of(visit, review)
    pair, addresses = pair_in_words(found, visit.who.id), ReviewAddresses(review)
    if not pair.answers.join:
        return go_to(addresses.pair)
    return visit.show(
        "join_people.html",
        422 if errors else 200,
        pair=pair,
        born_otherwise=bool(errors) or (pair.side is not None and pair.side.born_otherwise),
        addresses=addresses,
        errors=errors,
        token=visit.token(FormPurpose.JOIN_PEOPLE),
    )

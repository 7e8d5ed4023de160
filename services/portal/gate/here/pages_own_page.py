"""A page of their own for whoever is there: the safety questions, asked alone, and turning it off.

Whatever comes of it is told in the same words: only what the worker typed themselves is answered.
Where families have no pages there is none of this.
"""

from fastapi import Depends
from starlette.responses import Response

from schemas.vocabulary import LabelledCode
from services.people.family_access.model import SafetyAnswers
from services.people.practitioners.permissions import Permission
from services.portal.frame.addresses import HereAddresses, PresenceInPath
from services.portal.frame.forms import FormErrors, Submitted, read_choice
from services.portal.frame.guard import Form, FormCheck, guarded_router
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, Visit
from services.portal.words.cards import choices_of

router = guarded_router(Permission.FAMILY_RECORDS)
_CHECK = [Depends(FormCheck(FormPurpose.OWN_PAGE))]
_AT = "/here/{presence}/own-page"
_SELECT = "Select what they say"


class SafeSaid(LabelledCode):
    """What somebody says, asked alone."""

    YES = "yes", "Yes"
    NO = "no", "No"
    NOT_SURE = "not-sure", "They are not sure"


QUESTIONS = (
    ("shared", "Does anybody else use this telephone or e-mail?", SafeSaid.NO),
    ("send", "Is it safe to send a text or an e-mail there?", SafeSaid.YES),
    ("made", "Could somebody make them show what is on it?", SafeSaid.NO),
)
"""What is asked, and the one answer of each that is safe."""


def has_family_door(visit: Visit) -> bool:
    """Whether families have pages of their own here."""
    return bool(visit.portal.settings.family_page_at)


@router.get(_AT)
def show_questions(visit: CurrentVisit, presence: PresenceInPath) -> Response:
    """Ask the safety questions of who is there, whom somebody else has confirmed."""
    if _is_open(visit, presence):
        return _form(visit, presence, visit.typed(), FormErrors())
    return visit.show_nothing()


@router.post(_AT, dependencies=_CHECK)
def give_or_end(visit: CurrentVisit, presence: PresenceInPath, form: Form) -> Response:
    """Give it where every answer is safe; or turn it off."""
    if not _is_open(visit, presence):
        return visit.show_nothing()
    if form.text("act") == "off":
        visit.here.end_page(visit.who, presence)
        return _done(visit, presence, "off")
    errors = FormErrors()
    told = {n: read_choice(form, errors, n, SafeSaid, _SELECT) for n, _, _ in QUESTIONS}
    if errors:
        return _form(visit, presence, form, errors)
    nobody_else, send, made = (told[name] is safe for name, _, safe in QUESTIONS)
    said = SafetyAnswers(nobody_else, send, made)
    visit.here.give_page(visit.who, presence, said)
    return _done(visit, presence, "given" if said.is_safe else "not-safe")


def _is_open(visit: Visit, presence: str) -> bool:
    found = visit.here.now(visit.who, presence) if has_family_door(visit) else None
    return found is not None and found.person is not None


def _form(visit: Visit, presence: str, form: Submitted, errors: FormErrors) -> Response:
    return visit.show(
        "here_own_page.html",
        422 if errors else 200,
        here=HereAddresses(presence),
        errors=errors,
        asked=[(n, words, choices_of(SafeSaid, form.chosen(n))) for n, words, _ in QUESTIONS],
        token=visit.token(FormPurpose.OWN_PAGE),
        changes=visit.here.changes_to_come(visit.who, presence),
    )


def _done(visit: Visit, presence: str, done: str) -> Response:
    return visit.show(
        "here_own_page_done.html",
        here=HereAddresses(presence),
        done=done,
        at=visit.portal.settings.family_page_at,
    )

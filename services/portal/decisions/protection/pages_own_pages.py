"""The page on which who works with somebody asks that an own page shows less, or shows it again.

The first hand; a confirming officer is the second, among the orders that wait for them. What is
typed wrongly is said; after that the answer is one. Where families have no pages there is none.
"""

from collections.abc import Sequence

from fastapi import Depends
from starlette.responses import Response

from schemas.identifiers import PersonId
from services.decisions.protection.taking_off import (
    AskTaking,
    OwnPageOf,
    TakingAct,
    TakingBecause,
)
from services.people.practitioners.permissions import Permission
from services.portal.frame.addresses import PersonInPath
from services.portal.frame.forms import FormErrors, Submitted, read_choice
from services.portal.frame.guard import Form, FormCheck, FreshSignIn, guarded_router
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, Visit
from services.portal.words.cards import choices_of
from services.portal.words.frame import FamilyPage

router = guarded_router(Permission.FAMILY_RECORDS)
_AT = "/families/{person}/own-pages"
_CHECKED = [Depends(FormCheck(FormPurpose.TAKE_OFF)), Depends(FreshSignIn())]


@router.get(_AT)
def show_whose(visit: CurrentVisit, person: PersonInPath) -> Response:
    """Show whose page can be asked about."""
    listed = _listed(visit, person)
    if listed is None:
        return visit.show_nothing()
    return _form(visit, person, listed, visit.typed(), FormErrors())


@router.post(_AT, dependencies=_CHECKED)
def ask_for_less(visit: CurrentVisit, person: PersonInPath, form: Form) -> Response:
    """Ask; whatever comes of it the answer is the same."""
    listed = _listed(visit, person)
    if listed is None:
        return visit.show_nothing()
    errors = FormErrors()
    whose = next((one for one in listed if one.key == form.text("whose")), None)
    if whose is None:
        errors.add("whose", "Select whose page it is")
    act = read_choice(form, errors, "act", TakingAct, "Select what is to be done")
    because = read_choice(form, errors, "because", TakingBecause, "Select why")
    if whose is not None and whose.name is None and act not in {None, TakingAct.PAGE}:
        errors.add("act", "On their own page people always see themselves. Select another")
    if errors or whose is None or act is None or because is None:
        return _form(visit, person, listed, form, errors)
    visit.services.own_pages.ask(visit.who, AskTaking(person, whose.key, act, because))
    return visit.show_family("own_page_asked.html", FamilyPage.CONSENT, person)


def _listed(visit: Visit, person: PersonId) -> Sequence[OwnPageOf] | None:
    """None, too, where families have no pages of their own."""
    if not visit.portal.settings.family_page_at:
        return None
    return visit.services.own_pages.told(visit.who, person)


def _form(
    visit: Visit,
    person: PersonId,
    listed: Sequence[OwnPageOf],
    form: Submitted,
    errors: FormErrors,
) -> Response:
    return visit.show_family(
        "own_page_less.html",
        FamilyPage.CONSENT,
        person,
        status=422 if errors else 200,
        errors=errors,
        whose=[
            {
                "value": one.key,
                "text": one.name or "This person themselves",
                "hint": {"text": "Two people took this child off that page"} if one.is_off else "",
                "checked": one.key == form.text("whose"),
            }
            for one in listed
        ],
        acts=choices_of(TakingAct, form.chosen("act")),
        becauses=choices_of(TakingBecause, form.chosen("because")),
        token=visit.token(FormPurpose.TAKE_OFF),
    )

"""The page on which who works with a person protects them, and answers what waits about it."""

from fastapi import Depends
from starlette.responses import Response

from consent.model import Restriction, RestrictionScope
from schemas.identifiers import PersonId
from services.decisions.protection.restricting import Why
from services.people.governance.orders import Order
from services.people.practitioners.permissions import Permission
from services.portal.decisions.protection.services import ProtectionTold
from services.portal.decisions.protection.words import WHY_NOT_PROTECTED
from services.portal.frame.addresses import PersonInPath
from services.portal.frame.forms import FormErrors, Submitted
from services.portal.frame.guard import Form, FormCheck, FreshSignIn, guarded_router
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, Visit, go_to
from services.portal.words.cards import choices_of
from services.portal.words.dates import moment_in_words
from services.portal.words.frame import FamilyPage
from services.profile.model import ProfileRefused

router = guarded_router(Permission.FAMILY_RECORDS)
_CHECKED = [Depends(FormCheck(FormPurpose.PROTECT)), Depends(FreshSignIn())]


@router.get("/families/{person}/protection")
def show(visit: CurrentVisit, person: PersonInPath) -> Response:
    """Show what protects the person, as far as this practitioner may know, and what waits."""
    return _page(visit, person, visit.typed(), FormErrors())


@router.post("/families/{person}/protection/place", dependencies=_CHECKED)
def place(visit: CurrentVisit, person: PersonInPath, form: Form) -> Response:
    """Protect them at once."""
    scope = form.text("scope")
    if scope not in set(RestrictionScope):
        errors = FormErrors()
        errors.add("scope", "Select what to protect")
        return _page(visit, person, form, errors)
    placed = visit.services.protection.place(visit.who, person, RestrictionScope(scope))
    return _after(visit, person, placed)


@router.post("/families/{person}/protection/ask", dependencies=_CHECKED)
def ask(visit: CurrentVisit, person: PersonInPath, form: Form) -> Response:
    """Ask that it lasts as it is, or ends; somebody else confirms it."""
    asked = visit.services.protection.ask(
        visit.who,
        form.text("restriction"),
        lifts=form.text("change") == "lift",
        asked_safely=form.text("asked-safely") == "yes",
    )
    return _after(visit, person, asked)


@router.post("/families/{person}/protection/answer", dependencies=_CHECKED)
def answer(visit: CurrentVisit, person: PersonInPath, form: Form) -> Response:
    """Be the second hand, or decline."""
    confirms = form.text("answer") == "confirm"
    found = visit.services.protection.answer(visit.who, form.text("order"), confirms=confirms)
    return _after(visit, person, found)


def _after(visit: Visit, person: PersonId, done: Restriction | Order | Why) -> Response:
    """Back to the page; with why, where they may know; else what everybody else is told."""
    if isinstance(done, Restriction | Order):
        return go_to(visit.addresses(person).protection)
    why = WHY_NOT_PROTECTED.get(done)
    if why is None:
        return visit.show_nothing()
    errors = FormErrors()
    errors.add("protection", why)
    return _page(visit, person, Submitted(), errors)


def _page(visit: Visit, person: PersonId, form: Submitted, errors: FormErrors) -> Response:
    told = visit.services.protection.told(visit.who, person)
    if isinstance(told, ProfileRefused):
        return visit.show_refused(person, told)
    return visit.show_family(
        "protection.html",
        FamilyPage.CONSENT,
        person,
        status=422 if errors else 200,
        errors=errors,
        told=[_in_words(one) for one in told],
        scopes=choices_of(RestrictionScope, form.chosen("scope")),
        token=visit.token(FormPurpose.PROTECT),
    )


def _in_words(told: ProtectionTold) -> dict[str, object]:
    restriction = told.restriction
    return {
        "id": restriction.id,
        "what": restriction.scope.label,
        "since": moment_in_words(restriction.placed_at),
        "people": len(restriction.allowed),
        "is_provisional": restriction.is_provisional,
        "orders": [
            {
                "id": order.id,
                "what": "to lift it" if order.document["allowed"] is None else "to let it last",
                "until": moment_in_words(order.lapses_at),
            }
            for order in told.orders
        ],
    }

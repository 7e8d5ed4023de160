"""The first pages: my families, find one by number or name; and assets."""

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from schemas.vocabulary import Role, Source
from services.people.practitioners.permissions import Permission, allows
from services.portal.audit.addresses import AUDIT
from services.portal.audit.figures.pages import FIGURES_OF_SERVICES
from services.portal.frame.addresses import OFFICER, ORDERS, WHO_MAY_BE_ONE
from services.portal.frame.forms import (
    SEARCHABLE_SCHEMES,
    FormErrors,
    Submitted,
    read_birth,
    read_subject,
)
from services.portal.frame.guard import Form, FormCheck, guarded_router
from services.portal.frame.portal import portal_of
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, Visit, go_to
from services.portal.front.orders_words import how_many_wait
from services.portal.front.words import families_view, family_lines, how_many_ended
from services.portal.gate.words import emergency_lines, request_lines
from services.portal.words.cards import Item, choices_of
from services.profile.families import NameSought, TooManySearches

signed_in_router = guarded_router(Permission.SIGNED_IN)


@signed_in_router.get("/")
def show_home(visit: CurrentVisit) -> Response:
    """List the families one works with; a role that opens no records is told so, or has its own."""
    if allows(Permission.WHO_IS_WHO, visit.who.role):
        return go_to(WHO_MAY_BE_ONE)
    if allows(Permission.CONFIRMS, visit.who.role):
        return go_to(OFFICER)
    if allows(Permission.AUDIT, visit.who.role):
        return go_to(AUDIT)
    if allows(Permission.FIGURES, visit.who.role):
        return go_to(FIGURES_OF_SERVICES)
    is_second_hand = allows(Permission.SECOND_HAND, visit.who.role)
    if not allows(Permission.FAMILY_RECORDS, visit.who.role):
        return go_to(ORDERS) if is_second_hand else visit.show("no_records.html")
    orders = visit.services.orders.waiting(visit.who) if is_second_hand else ()
    families = visit.services.my_families(visit.who)
    due = [one.person for one in visit.services.decisions_due(visit.who)] if families else []
    is_lead = visit.who.role is Role.LEAD_PRACTITIONER
    ended = visit.services.governance.reviews_told(visit.who) if is_lead else ()
    return visit.show(
        "home.html",
        families=families_view(families, visit.today, due),
        agency=visit.who.agency_name,
        sends_lists=visit.who.agency_kind is Source.SCHOOLS,
        requests=request_lines(visit.gate.to_answer(visit.who)),
        answer_token=visit.token(FormPurpose.ANSWER_REQUEST),
        emergencies=emergency_lines(visit.gate.emergencies_told(visit.who)),
        seen_token=visit.token(FormPurpose.SEEN_EMERGENCY),
        orders_wait=how_many_wait(orders),
        reviews_ended=how_many_ended(ended),
    )


# Finding a family by a number and a date of birth. Nothing typed comes into an address.

router = guarded_router(Permission.FAMILY_RECORDS)


@router.get("/find-a-family")
def show_find_family(visit: CurrentVisit) -> Response:
    """Show the form."""
    return _find_form(visit, visit.typed(), FormErrors())


@router.post("/find-a-family", dependencies=[Depends(FormCheck(FormPurpose.FIND_FAMILY))])
def find_family(visit: CurrentVisit, form: Form) -> Response:
    """Go to the family; unknown and protected people get the same answer."""
    errors = FormErrors()
    if form.text("scheme") == BY_NAME:
        return _find_by_name(visit, form, errors)
    subject = read_subject(form, errors, visit.today)
    if subject is None:
        return _find_form(visit, form, errors)
    person = visit.services.find_family(visit.who, subject)
    if isinstance(person, TooManySearches):
        errors.add("identifier", "You have searched too often. Try again in a few minutes")
        return _find_form(visit, form, errors)
    if person is None:
        return visit.show_nothing()
    return go_to(visit.addresses(person).overview)


def _find_by_name(visit: Visit, form: Submitted, errors: FormErrors) -> Response:
    """Go to the one of one's own who is called so, or list them; nobody else is looked at."""
    born = read_birth(form, errors, visit.today)
    if not form.text("identifier"):
        errors.add("identifier", "Enter their surname; a first name may stand with it")
    if errors or born is None:
        return _find_form(visit, form, errors)
    found = visit.services.find_by_name(visit.who, NameSought(form.text("identifier"), born))
    if isinstance(found, TooManySearches):
        errors.add("identifier", "You have searched too often. Try again in a few minutes")
        return _find_form(visit, form, errors)
    if not found:
        return visit.show_nothing()
    if len(found) == 1:
        return go_to(visit.addresses(found[0].person).overview)
    return visit.show("found_families.html", families=family_lines(found, visit.today))


def _find_form(visit: Visit, form: Submitted, errors: FormErrors) -> Response:
    return visit.show(
        "find_family.html",
        422 if errors else 200,
        form=form,
        errors=errors,
        schemes=[_by_name(form), *choices_of(SEARCHABLE_SCHEMES, form.chosen("scheme"))],
        token=visit.token(FormPurpose.FIND_FAMILY),
    )


BY_NAME = "surname"
"""What stands among the numbers for who has none of them at hand."""


def _by_name(form: Submitted) -> Item:
    hint = "Among the families that you work with or that are your own service’s"
    is_chosen = form.text("scheme") in ("", BY_NAME)
    return {
        "value": BY_NAME,
        "text": "Surname",
        "hint": {"text": hint},
        "checked": is_chosen,
    }


# Style, script and pictures, under an address that changes with any byte of them.


open_router = guarded_router(Permission.ANYONE)


@open_router.get("/assets/{digest}/{name}")
def read_asset(request: Request, digest: str, name: str) -> Response:
    """Give a file, compressed for those who take it so, to be kept for a year."""
    asset = portal_of(request).assets.find(digest, name)
    if asset is None:
        raise HTTPException(404)
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(asset.content, media_type=asset.media_type, headers=headers)
    headers["Content-Encoding"] = "gzip"
    return Response(asset.compressed, media_type=asset.media_type, headers=headers)

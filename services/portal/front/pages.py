"""The first pages: sign in and out, my families, find one, say that it is there; and assets."""

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from schemas.identifiers import PractitionerId
from services.people.practitioners.permissions import Permission, allows
from services.portal.frame.addresses import HOME, OFFICER, ORDERS, SIGN_IN, WHO_MAY_BE_ONE
from services.portal.frame.forms import SEARCHABLE_SCHEMES, FormErrors, Submitted, read_subject
from services.portal.frame.guard import Form, FormCheck, guarded_router
from services.portal.frame.portal import portal_of
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, Visit, go_to
from services.portal.front.orders_words import how_many_wait
from services.portal.front.words import family_lines, people_choices
from services.portal.gate.words import emergency_lines, request_lines
from services.portal.words.cards import choices_of
from services.profile.families import TooManySearches

signed_in_router = guarded_router(Permission.SIGNED_IN)


@signed_in_router.get("/")
def show_home(visit: CurrentVisit) -> Response:
    """List the families one works with; a role that opens no records is told so, or has its own."""
    if allows(Permission.WHO_IS_WHO, visit.who.role):
        return go_to(WHO_MAY_BE_ONE)
    if allows(Permission.CONFIRMS, visit.who.role):
        return go_to(OFFICER)
    is_second_hand = allows(Permission.SECOND_HAND, visit.who.role)
    if not allows(Permission.FAMILY_RECORDS, visit.who.role):
        return go_to(ORDERS) if is_second_hand else visit.show("no_records.html")
    orders = visit.services.orders.waiting(visit.who) if is_second_hand else ()
    families = visit.services.my_families(visit.who)
    return visit.show(
        "home.html",
        families=family_lines(families, visit.today),
        requests=request_lines(visit.gate.to_answer(visit.who)),
        answer_token=visit.token(FormPurpose.ANSWER_REQUEST),
        emergencies=emergency_lines(visit.gate.emergencies_told(visit.who)),
        seen_token=visit.token(FormPurpose.SEEN_EMERGENCY),
        orders_wait=how_many_wait(orders),
    )


# Signing in. In the demonstration one picks an invented person.

open_router = guarded_router(Permission.ANYONE)
demonstration_router = guarded_router(Permission.ANYONE)


@open_router.get("/sign-in")
def show_sign_in(request: Request) -> Response:
    """Show who one may sign in as."""
    return _sign_in_page(request, FormErrors())


@demonstration_router.post("/sign-in")
def sign_in(request: Request, form: Form) -> Response:
    """Open a session for the invented person that was picked, and end the one before it.

    Without a form token, so that programs can sign in: there is no session to bind it to, and
    the guard has refused other sites' pages.
    """
    portal = portal_of(request)
    person = PractitionerId(form.text("person"))
    known = {p.id for p in portal.services.demonstration_people()}
    secret = portal.services.sign_in(person) if person in known else None
    if secret is None:
        errors = FormErrors()
        errors.add("person", "Select who you are")
        return _sign_in_page(request, errors)
    former = portal.cookie.read(request)
    if former is not None:
        portal.services.sign_out(former)
    response = go_to(HOME)
    portal.cookie.give(response, secret)
    return response


def _sign_in_page(request: Request, errors: FormErrors) -> Response:
    portal = portal_of(request)
    people = portal.services.demonstration_people() if portal.settings.is_demonstration else ()
    words = {"people": people_choices(people), "errors": errors}
    return portal.templates.page(request, "sign_in.html", words, 422 if errors else 200)


# Signing out.


@signed_in_router.post("/sign-out", dependencies=[Depends(FormCheck(FormPurpose.SIGN_OUT))])
def sign_out(request: Request) -> Response:
    """End the session at once, in the database and in the browser."""
    portal = portal_of(request)
    secret = portal.cookie.read(request)
    if secret is not None:
        portal.services.sign_out(secret)
    response = go_to(SIGN_IN)
    portal.cookie.take_back(response)
    return response


# Finding a family by a number and a date of birth. Nothing typed comes into an address.

router = guarded_router(Permission.FAMILY_RECORDS)


@router.get("/find-a-family")
def show_find_family(visit: CurrentVisit) -> Response:
    """Show the form."""
    return _find_form(visit, Submitted(), FormErrors())


@router.post("/find-a-family", dependencies=[Depends(FormCheck(FormPurpose.FIND_FAMILY))])
def find_family(visit: CurrentVisit, form: Form) -> Response:
    """Go to the family; unknown and protected people get the same answer."""
    errors = FormErrors()
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


def _find_form(visit: Visit, form: Submitted, errors: FormErrors) -> Response:
    return visit.show(
        "find_family.html",
        422 if errors else 200,
        form=form,
        errors=errors,
        schemes=choices_of(SEARCHABLE_SCHEMES, form.chosen("scheme")),
        token=visit.token(FormPurpose.FIND_FAMILY),
    )


# Style, script and pictures, under an address that changes with any byte of them.


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

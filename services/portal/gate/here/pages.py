"""A family is with the practitioner: who is there, how they show it, or a sheet to write on."""

from fastapi import Depends
from starlette.responses import Response

from consent.circumstances import Present
from schemas.identifiers import PersonId
from schemas.vocabulary import Category
from services.people.practitioners.people import SubjectEntry
from services.people.practitioners.permissions import Permission
from services.people.presence.beginning import BeginPresence
from services.people.presence.model import Sheet, Way, WithWhom
from services.portal.frame.addresses import HERE, HereAddresses, PersonInPath, PresenceInPath
from services.portal.frame.forms import (
    SEARCHABLE_SCHEMES,
    FormErrors,
    Submitted,
    read_choice,
    read_choices,
    read_subject,
)
from services.portal.frame.guard import Form, FormCheck, guarded_router
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, Visit, go_to
from services.portal.gate.here.pages_own_page import has_family_door
from services.portal.words.cards import choices_of
from services.portal.words.dates import time_of_day

router = guarded_router(Permission.FAMILY_RECORDS)
_MOST_WORDS = 4000
_WORDS = ("name", "born", "story", "needs", "proposed")
_NO_SUCH_CODE = (
    "That code opens nothing. Check the 6 figures, ask for a new code, or ask a confirming officer"
)
_BEGIN = [Depends(FormCheck(FormPurpose.FAMILY_IS_HERE))]
_CONFIRM = [Depends(FormCheck(FormPurpose.CONFIRM_FAMILY))]
_WRITE = [Depends(FormCheck(FormPurpose.WRITE_SHEET))]


@router.get(HERE)
def show_card(visit: CurrentVisit) -> Response:
    """Say what it means, and ask who is there, by number and date of birth."""
    return _card(visit, None, visit.typed(), FormErrors())


@router.post(HERE, dependencies=_BEGIN)
def begin(visit: CurrentVisit, form: Form) -> Response:
    """Write it down and go on, whoever that is."""
    errors = FormErrors()
    return _begin(visit, None, read_subject(form, errors, visit.today), form, errors)


@router.get("/families/{person}/here")
def show_card_of_family(visit: CurrentVisit, person: PersonInPath) -> Response:
    """Ask who of this family is there; the same page whether or not there is one."""
    return _card(visit, person, visit.typed(), FormErrors())


@router.post("/families/{person}/here", dependencies=_BEGIN)
def begin_with_family(visit: CurrentVisit, person: PersonInPath, form: Form) -> Response:
    """Write it down and go on."""
    return _begin(visit, person, person, form, FormErrors())


def _begin(
    visit: Visit,
    person: PersonId | None,
    about: PersonId | SubjectEntry | None,
    form: Submitted,
    errors: FormErrors,
) -> Response:
    whom = read_choice(form, errors, "with", WithWhom, "Select who is with you")
    room = read_choices(form, errors, "room", Present, "Select who else is in the room")
    if about is None or whom is None or errors:
        return _card(visit, person, form, errors)
    presence = visit.here.begin(visit.who, BeginPresence(about, whom, room))
    return go_to(HereAddresses(presence).ways)


def _card(visit: Visit, person: PersonId | None, form: Submitted, errors: FormErrors) -> Response:
    return visit.show(
        "here_card.html",
        422 if errors else 200,
        action=HERE if person is None else visit.addresses(person).here,
        is_typed=person is None,
        form=form,
        errors=errors,
        schemes=choices_of(SEARCHABLE_SCHEMES, form.chosen("scheme")),
        whom=choices_of(WithWhom, form.chosen("with")),
        room=choices_of(Present, form.chosen("room")),
        token=visit.token(FormPurpose.FAMILY_IS_HERE),
    )


# How they show that it is them.


@router.get("/here/{presence}")
def show_ways(visit: CurrentVisit, presence: PresenceInPath) -> Response:
    """Offer the ways, or go on from the one that opened it."""
    found = visit.here.now(visit.who, presence)
    if found is None:
        return visit.show_nothing()
    if found.person is not None and found.until is not None:
        return visit.show(
            "here_open.html",
            overview=visit.addresses(found.person).overview,
            record_decision=visit.addresses(found.person).record_decision,
            until=time_of_day(found.until),
            sheets=found.sheets,
            own_page=HereAddresses(presence) if has_family_door(visit) else None,
        )
    return visit.show(
        "here_ways.html",
        here=HereAddresses(presence),
        may_be_confirmed=found.may_be_confirmed,
        token=visit.token(FormPurpose.CONFIRM_FAMILY),
    )


@router.post("/here/{presence}/code", dependencies=_CONFIRM)
def ask_for_code(visit: CurrentVisit, presence: PresenceInPath) -> Response:
    """Send a code where one may go, and ask for it."""
    visit.here.ask_for_code(visit.who, presence)
    return go_to(HereAddresses(presence).code)


@router.get("/here/{presence}/code")
def show_code(visit: CurrentVisit, presence: PresenceInPath) -> Response:
    """Ask for the code; nothing is looked up, so nothing can be told."""
    return _code_form(visit, presence, FormErrors())


@router.post("/here/{presence}/typed-code", dependencies=_CONFIRM)
def try_code(visit: CurrentVisit, presence: PresenceInPath, form: Form) -> Response:
    """Open what a right code opens; all others get one page."""
    if visit.here.try_code(visit.who, presence, form.text("code")):
        return go_to(HereAddresses(presence).ways)
    errors = FormErrors()
    errors.add("code", _NO_SUCH_CODE)
    return _code_form(visit, presence, errors)


def _code_form(visit: Visit, presence: str, errors: FormErrors) -> Response:
    return visit.show(
        "here_code.html",
        422 if errors else 200,
        here=HereAddresses(presence),
        errors=errors,
        token=visit.token(FormPurpose.CONFIRM_FAMILY),
    )


@router.post("/here/{presence}/request", dependencies=_CONFIRM)
def ask_to_confirm(visit: CurrentVisit, presence: PresenceInPath, form: Form) -> Response:
    """Ask a confirming officer, or a colleague who sees them too."""
    way = Way.COLLEAGUE if form.text("way") == Way.COLLEAGUE else Way.OFFICER
    reference = visit.here.ask_to_confirm(visit.who, presence, way)
    if reference is None:
        return visit.show_nothing()
    here = HereAddresses(presence)
    is_officer = way is Way.OFFICER
    return visit.show("here_asked.html", here=here, reference=reference, is_officer=is_officer)


# A sheet that shows nothing that is held.


@router.get("/here/{presence}/sheet")
def show_sheet(visit: CurrentVisit, presence: PresenceInPath) -> Response:
    """Show it empty."""
    return _sheet_form(visit, presence, visit.typed(), FormErrors())


@router.post("/here/{presence}/sheet", dependencies=_WRITE)
def write_sheet(visit: CurrentVisit, presence: PresenceInPath, form: Form) -> Response:
    """Keep what was written; a no counts at once."""
    errors = FormErrors()
    for name in _WORDS:
        if len(form.text(name)) > _MOST_WORDS:
            errors.add(name, f"Write no more than {_MOST_WORDS} characters")
    refused = _refused(form, errors)
    if not refused and not any(map(form.text, _WORDS)):
        errors.add("name", "Write something on the sheet")
    if errors:
        return _sheet_form(visit, presence, form, errors)
    name, born, story, needs, proposed = map(form.text, _WORDS)
    sheet = Sheet(name, born, story, needs, proposed, refused)
    if not visit.here.write_sheet(visit.who, presence, sheet):
        return visit.show_nothing()
    return visit.show("here_written.html", here=HereAddresses(presence))


def _refused(form: Submitted, errors: FormErrors) -> frozenset[Category]:
    if not form.chosen("refused"):
        return frozenset()
    return read_choices(form, errors, "refused", Category, "Select what they say no to")


def _sheet_form(visit: Visit, presence: str, form: Submitted, errors: FormErrors) -> Response:
    return visit.show(
        "here_sheet.html",
        422 if errors else 200,
        here=HereAddresses(presence),
        form=form,
        errors=errors,
        refusable=choices_of(Category, form.chosen("refused")),
        token=visit.token(FormPurpose.WRITE_SHEET),
    )

"""Pages of the services that we list: see them, write one, agree to one, look at what is wrong."""

from uuid import UUID

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.interfaces.directory.entries.form import CAPACITIES
from services.interfaces.directory.entries.needs import LANGUAGES, Need, PlaceAccess
from services.interfaces.directory.entries.postgres_own import OwnEntry
from services.interfaces.directory.entries.writing import NotWritten, WaitsForSecond
from services.people.practitioners.permissions import Permission
from services.portal.frame.addresses import OrderInPath
from services.portal.frame.forms import FormErrors, Submitted
from services.portal.frame.guard import Form, FormCheck, guarded_router
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, Visit, go_to
from services.portal.front.listed.form import DAYS, STATUSES, WAYS, filled_in, read_entry
from services.portal.front.listed.services import ListedForWriter
from services.portal.front.listed.words import DONE, entry_lines, waiting_lines, wrong_lines

LISTED = "/services-we-list"
router = guarded_router(Permission.SIGNED_IN)
_CHECKED = [Depends(FormCheck(FormPurpose.WRITE_LISTED))]


@router.get(LISTED)
def show_listed(visit: CurrentVisit, done: str | None = None) -> Response:
    """List what one may write, what waits, and what families say is wrong."""
    listed = _listed(visit)
    return visit.show(
        "listed.html",
        entries=entry_lines(listed),
        waiting=waiting_lines(listed),
        wrong=wrong_lines(listed.wrong, visit.today),
        partners=listed.partners,
        token=visit.token(FormPurpose.WRITE_LISTED),
        notice=DONE.get(done or ""),
    )


@router.get(f"{LISTED}/new")
def begin_entry(visit: CurrentVisit) -> Response:
    """Ask for a new entry."""
    return _form_page(visit, _listed(visit), visit.typed(), FormErrors())


@router.post(f"{LISTED}/new", dependencies=_CHECKED)
def add_entry(visit: CurrentVisit, form: Form) -> Response:
    """List a new service, or let it wait until somebody else agrees."""
    listed = _listed(visit)
    partner = form.text("partner")
    errors = FormErrors()
    if partner not in {one.code for one in listed.partners}:
        errors.add("partner", "Select whose service it is")
    return _write(visit, listed, form, errors, partner=partner, entry=None)


@router.get(f"{LISTED}/{{service}}")
def show_entry(visit: CurrentVisit, service: UUID) -> Response:
    """Show an entry's form as it is filled in now."""
    entry, typed = _entry(visit, service), visit.typed()
    form = typed if typed.fields else filled_in(entry)
    return _form_page(visit, _listed(visit), form, FormErrors(), entry=entry)


@router.post(f"{LISTED}/{{service}}", dependencies=_CHECKED)
def change_entry(visit: CurrentVisit, service: UUID, form: Form) -> Response:
    """Change an entry."""
    entry = _entry(visit, service)
    partner = entry.partner or ""
    return _write(visit, _listed(visit), form, FormErrors(), partner=partner, entry=entry)


@router.post(f"{LISTED}/{{service}}/seen", dependencies=_CHECKED)
def note_seen(visit: CurrentVisit, service: UUID) -> Response:
    """Note that somebody has looked at what families say is wrong."""
    _listed(visit)
    visit.services.listing.seen(visit.who, str(service))
    return go_to(f"{LISTED}?done=seen")


@router.post(f"{LISTED}/waiting/{{order}}", dependencies=_CHECKED)
def answer(visit: CurrentVisit, order: OrderInPath, form: Form) -> Response:
    """Agree to what somebody else wants to list, or not."""
    _listed(visit)
    said = form.text("answer")
    if said not in {"accept", "decline"}:
        raise HTTPException(400)
    found = visit.services.listing.answer(visit.who, order, accepts=said == "accept")
    return go_to(f"{LISTED}?done={found.value if isinstance(found, NotWritten) else said}")


def _write(
    visit: Visit,
    listed: ListedForWriter,
    form: Submitted,
    errors: FormErrors,
    *,
    partner: str,
    entry: OwnEntry | None,
) -> Response:
    services = visit.services.listing
    read = read_entry(form, errors, knows_postcode=services.knows_postcode)
    if not errors:
        written = form.text("revision")
        is_number = written.isascii() and written.isdecimal() and len(written) < 10  # noqa: PLR2004
        found = services.write(
            visit.who,
            partner,
            read,
            service=None if entry is None else entry.id,
            revision=int(written) if is_number else 0,
        )
        if not isinstance(found, NotWritten):
            return go_to(
                f"{LISTED}?done={'waits' if isinstance(found, WaitsForSecond) else 'written'}"
            )
        errors.add("name", found.label)
    return _form_page(visit, listed, form, errors, entry=entry)


def _form_page(
    visit: Visit,
    listed: ListedForWriter,
    form: Submitted,
    errors: FormErrors,
    *,
    entry: OwnEntry | None = None,
) -> Response:
    return visit.show(
        "listed_entry.html",
        422 if errors else 200,
        form=form,
        errors=errors,
        entry=entry,
        here=f"{LISTED}/{'new' if entry is None else entry.id}",
        partners=listed.partners,
        needs=[(one.value, one.label) for one in Need],
        days=[(str(number), day) for number, day in enumerate(DAYS)],
        access=[(one.value, one.label) for one in PlaceAccess],
        languages=list(LANGUAGES.items()),
        ways=list(WAYS.items()),
        statuses=list(STATUSES.items()),
        capacities=list(CAPACITIES.items()),
        token=visit.token(FormPurpose.WRITE_LISTED),
    )


def _listed(visit: Visit) -> ListedForWriter:
    """What they may write; for whoever may write nothing there is no such page."""
    found = visit.services.listing.listed(visit.who)
    if found is None:
        raise HTTPException(404)
    return found


def _entry(visit: Visit, service: UUID) -> OwnEntry:
    found = visit.services.listing.entry(visit.who, str(service))
    if found is None:
        raise HTTPException(404)
    return found

"""What auditors take away: the list of all exports, and a form that makes one."""

from datetime import datetime

from fastapi import Depends
from starlette.responses import Response, StreamingResponse

from schemas.vocabulary import LabelledCode
from services.audit.exports.chosen import (
    MOST_WORDS,
    Chosen,
    ExportBecause,
    ExportRefused,
    Format,
    OrderExport,
)
from services.audit.exports.exporting import BegunExport, ListedExport
from services.audit.exports.postgres_exports import ExportPlace
from services.audit.figures.postgres_counts import agency_names
from services.audit.index.entries import Group, events_of
from services.portal.audit.addresses import EXPORTS, NEW_EXPORT, with_query
from services.portal.audit.csv_files import MOST_ROWS, csv_file
from services.portal.audit.exports.words import export_lines, state_tag
from services.portal.audit.filters import Days, filters_of, read_days, read_family
from services.portal.audit.frame import AuditSection, audit_router, show_audit
from services.portal.frame.errors import NotAllowedError
from services.portal.frame.forms import FormErrors, Submitted, read_choice
from services.portal.frame.guard import Form, FormCheck, FreshSignIn
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, Visit

router = audit_router()
_ON_A_PAGE = 50
_DAYS = 28
_COLUMNS = ("export", "format", "because", "asked_by", "begun_at", "state", "rows", "sha256")
_CHECKED = [Depends(FormCheck(FormPurpose.MAKE_EXPORT)), Depends(FreshSignIn())]


@router.get(EXPORTS)
def show_exports(visit: CurrentVisit) -> Response:
    """List exports, the newest first: by whom, why, and how far each came."""
    filters, errors = filters_of(visit.request), FormErrors()
    before = _read_place(filters, errors)
    is_file = filters.text("as") == "csv"
    most = MOST_ROWS if is_file else _ON_A_PAGE
    # No more are read than are shown: the ledger has how many were.
    found = visit.services.audit.exports(visit.who, most=most, before=before)
    if isinstance(found, ExportRefused):
        raise NotAllowedError(found.label)
    is_cut = len(found) == most
    if is_file and not errors:
        rows = (_row(one, visit) for one in found)
        return csv_file("exports", _COLUMNS, rows, is_cut=is_cut)
    workers = visit.services.audit.ask(
        visit.who,
        lambda auditing: auditing.workers_at({e.kept.asked_by: e.kept.begun_at for e in found}),
    )
    place = found[-1].kept.place if is_cut else None
    return show_audit(
        visit,
        "exports.html",
        AuditSection.EXPORTS,
        status=422 if errors else 200,
        errors=errors,
        lines=export_lines(found, workers, visit.services.now()),
        older=None if place is None else with_query(EXPORTS, {"before": _place_text(place)}),
        csv=with_query(EXPORTS, {"as": "csv"}),
        new=NEW_EXPORT,
    )


def _row(one: ListedExport, visit: Visit) -> tuple[object, ...]:
    kept = one.kept
    return (
        *(kept.id, kept.format.value, kept.because.value, kept.asked_by),
        *(kept.begun_at.isoformat(), state_tag(one, visit.services.now()).text),
        *(kept.rows if kept.rows is not None else kept.so_far, kept.sha256),
    )


def _read_place(filters: Submitted, errors: FormErrors) -> ExportPlace | None:
    typed = filters.text("before")
    if not typed:
        return None
    at, _, export = typed.partition("~")
    try:
        begun_at = datetime.fromisoformat(at)
    except ValueError:
        begun_at = None
    if begun_at is None or begun_at.tzinfo is None or not export:
        errors.add("before", "That page is not there. Begin again with the newest")
        return None
    return ExportPlace(begun_at, export)


def _place_text(place: ExportPlace) -> str:
    return f"{place.begun_at.isoformat()}~{place.id}"


# Making one: entered with who and why before its first row, and then it is the answer.


@router.get(NEW_EXPORT)
def show_new_export(visit: CurrentVisit) -> Response:
    """Ask what is taken away, in which form, and why."""
    typed = visit.typed()
    return _form(visit, typed if typed.fields else filters_of(visit.request), FormErrors())


@router.post(NEW_EXPORT, dependencies=_CHECKED)
def make_export(visit: CurrentVisit, form: Form) -> Response:
    """Enter it and send it, piece by piece; or say what is wrong with the form."""
    errors = FormErrors()
    order = _order(visit, form, errors)
    if order is None:
        return _form(visit, form, errors)
    begun = visit.services.audit.begin_export(visit.who, order)
    if isinstance(begun, ExportRefused):
        if begun is ExportRefused.NOT_THEIRS:
            raise NotAllowedError(begun.label)
        errors.add("format", begun.label)
        return _form(visit, form, errors)
    return _download(visit, begun)


def _download(visit: Visit, begun: BegunExport) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="export-{begun.id}.{begun.format.ending}"',
        "Cache-Control": "no-store",
    }
    pieces = visit.services.audit.stream_export(begun)
    return StreamingResponse(pieces, media_type=begun.format.media_type, headers=headers)


def _order(visit: Visit, form: Submitted, errors: FormErrors) -> OrderExport | None:
    chosen_format = read_choice(form, errors, "format", Format, "Select in which form")
    days = read_days(form, errors, visit.today, days=_DAYS)
    family = read_family(form, errors)
    groups = _read_groups(form, errors)
    agency = _read_agency(visit, form, errors)
    because = read_choice(form, errors, "because", ExportBecause, "Select why")
    words = form.text("why")
    if not 0 < len(words) <= MOST_WORDS:
        errors.add("why", f"Say why in words, up to {MOST_WORDS} letters")
    if errors or chosen_format is None or because is None:
        return None
    chosen = Chosen(
        since=days.since,
        until=days.until,
        persons=() if family is None else (family,),
        agency=agency,
        events=events_of(groups),
    )
    return OrderExport(chosen_format, chosen, because, words)


def _read_groups(form: Submitted, errors: FormErrors) -> list[Group]:
    try:
        return [Group(code) for code in form.chosen("events")]
    except ValueError:
        errors.add("events", "Choose from the list")
        return []


def _read_agency(visit: Visit, form: Submitted, errors: FormErrors) -> str | None:
    typed = form.text("agency")
    if typed and typed not in _agencies(visit):
        errors.add("agency", "Choose an agency of the list")
        return None
    return typed or None


def _agencies(visit: Visit) -> dict[str, str]:
    return visit.services.audit.ask(
        visit.who, lambda auditing: dict(agency_names(auditing.work.connection))
    )


def _form(visit: Visit, form: Submitted, errors: FormErrors) -> Response:
    days = read_days(form, FormErrors(), visit.today, days=_DAYS)
    return show_audit(
        visit,
        "new_export.html",
        AuditSection.EXPORTS,
        is_below=True,
        status=422 if errors else 200,
        errors=errors,
        token=visit.token(FormPurpose.MAKE_EXPORT),
        address=NEW_EXPORT,
        typed=_typed(form, days),
        formats=_choices(Format),
        becauses=_choices(ExportBecause),
        groups=_choices(Group),
        agencies=sorted(_agencies(visit).items(), key=lambda one: one[1]),
        most_words=MOST_WORDS,
    )


def _typed(form: Submitted, days: Days) -> dict[str, object]:
    return {
        "format": form.text("format"),
        "from": form.text("from") or days.first,
        "to": form.text("to") or days.last,
        "family": form.text("family"),
        "agency": form.text("agency"),
        "because": form.text("because"),
        "why": form.text("why"),
        "events": form.chosen("events"),
    }


def _choices(codes: type[LabelledCode]) -> list[tuple[str, str]]:
    return [(code.value, code.label) for code in codes]

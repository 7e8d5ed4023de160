"""Who looked at a family, and what was refused: lists, and the same as files."""

from starlette.requests import Request
from starlette.responses import Response

from services.audit.asked import NotForThem
from services.audit.postgres_answers import Auditing, RefusalsAnswer, VisitsAnswer, family_named
from services.portal.audit import addresses
from services.portal.audit.access.chosen import ListChosen, read_chosen
from services.portal.audit.access.naming import LeadsTo
from services.portal.audit.access.pages_naming import show_naming
from services.portal.audit.access.words_access import (
    COLUMNS,
    VISIT_COLUMNS,
    access_line,
    access_row,
    refusal_counts,
    visit_line,
    visit_row,
)
from services.portal.audit.csv_files import csv_file
from services.portal.audit.filters import filters_of
from services.portal.audit.frame import AuditSection, answered, audit_router, show_audit
from services.portal.audit.words import family_links
from services.portal.frame.forms import FormErrors
from services.portal.frame.visit import CurrentVisit, Visit

router = audit_router()
_A_YEAR, _A_WEEK = 365, 7


@router.get(addresses.LOOKS)
def show_looks(request: Request, visit: CurrentVisit) -> Response:
    """List by visit who looked at a family; without one, ask for it."""
    filters, errors = filters_of(request), FormErrors()
    chosen = read_chosen(filters, errors, addresses.LOOKS, visit.today, days=_A_YEAR)
    if chosen.family is None:
        return show_naming(visit, LeadsTo.LOOKS, filters, errors)
    if errors:
        return _looks(visit, chosen, errors, None)
    answer = answered(visit, lambda auditing: _who_looked(chosen, auditing))
    if not answer.subjects:
        errors.add("family", "Nobody is known by that number")
        return show_naming(visit, LeadsTo.LOOKS, filters, errors)
    if not chosen.is_file:
        return _looks(visit, chosen, errors, answer)
    rows = [visit_row(one, answer.workers) for one in answer.visits]
    return csv_file("who-looked", VISIT_COLUMNS, rows, is_cut=answer.next is not None)


def _who_looked(chosen: ListChosen, auditing: Auditing) -> VisitsAnswer | NotForThem:
    persons = family_named(str(chosen.family), auditing.work)
    days = chosen.days
    return auditing.who_looked(
        persons, days.since, days.until, before=chosen.begins, most=chosen.most
    )


def _looks(
    visit: Visit, chosen: ListChosen, errors: FormErrors, answer: VisitsAnswer | None
) -> Response:
    family = str(chosen.family)
    visits = () if answer is None else answer.visits
    workers = {} if answer is None else answer.workers
    return show_audit(
        visit,
        "looks.html",
        AuditSection.ACCESS,
        is_below=True,
        entered=None if answer is None else answer.entered,
        status=422 if errors else 200,
        chosen=chosen,
        errors=errors,
        family=family_links([family])[0],
        visits=[visit_line(one, workers, family) for one in visits],
        older=None if answer is None else chosen.older(answer.next),
    )


@router.get(addresses.REFUSALS)
def show_refusals(request: Request, visit: CurrentVisit) -> Response:
    """Count what was refused last week by kind and why, and list the newest of it."""
    filters, errors = filters_of(request), FormErrors()
    chosen = read_chosen(filters, errors, addresses.REFUSALS, visit.today, days=_A_WEEK)
    if errors:
        return _refusals(visit, chosen, errors, None)
    days, before, most = chosen.days, chosen.before, chosen.most
    answer = answered(visit, lambda a: a.refusals(days.since, days.until, before=before, most=most))
    if not chosen.is_file:
        return _refusals(visit, chosen, errors, answer)
    rows = [access_row(one, answer.workers) for one in answer.accesses]
    return csv_file("refusals", COLUMNS, rows, is_cut=answer.next is not None)


def _refusals(
    visit: Visit, chosen: ListChosen, errors: FormErrors, answer: RefusalsAnswer | None
) -> Response:
    accesses = () if answer is None else answer.accesses
    workers = {} if answer is None else answer.workers
    return show_audit(
        visit,
        "refusals.html",
        AuditSection.ACCESS,
        is_below=True,
        entered=None if answer is None else answer.entered,
        status=422 if errors else 200,
        chosen=chosen,
        errors=errors,
        counts=() if answer is None else refusal_counts(answer.counts),
        rows=[access_line(one, workers) for one in accesses],
        older=None if answer is None else chosen.older(answer.next),
    )

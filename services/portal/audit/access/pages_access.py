"""Attempts and views, searches and exports, one by one: narrowed as an auditor chooses."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from schemas.vocabulary import LabelledCode, Purpose
from services.audit.asked import NotForThem
from services.audit.index.entries import Group
from services.audit.looks import Answered
from services.audit.postgres_answers import AccessAnswer, Auditing, family_named
from services.audit.postgres_naming import agencies_to_choose
from services.portal.audit import addresses
from services.portal.audit.access.chosen import ListChosen, read_chosen
from services.portal.audit.access.words_access import COLUMNS, access_line, access_row, called
from services.portal.audit.csv_files import csv_file
from services.portal.audit.filters import filters_of
from services.portal.audit.frame import AuditSection, answered, audit_router, show_audit
from services.portal.audit.words import family_links
from services.portal.frame.forms import FormErrors
from services.portal.frame.visit import CurrentVisit, Visit

router = audit_router()
_FOUR_WEEKS = 28
_UNKNOWN = {"family": "Nobody is known by that number", "agency": "Choose one of the list"}


@dataclass(frozen=True, slots=True)
class AccessShown:
    """A page of entries, with what its filters are chosen from. No answer where a filter is wrong.

    `unknown`: filters that choose what is not there.
    """

    agencies: Sequence[tuple[str, str]]
    worker: str | None
    answer: AccessAnswer | None = None
    unknown: tuple[str, ...] = ()


@router.get(addresses.ACCESS)
def show_access(request: Request, visit: CurrentVisit) -> Response:
    """List them, the newest first."""
    filters, errors = filters_of(request), FormErrors()
    chosen = read_chosen(filters, errors, addresses.ACCESS, visit.today, days=_FOUR_WEEKS)
    is_wrong = bool(errors)
    shown = answered(visit, lambda auditing: _shown(chosen, auditing, is_wrong=is_wrong))
    for name in shown.unknown:
        errors.add(name, _UNKNOWN[name])
    answer = shown.answer
    if not chosen.is_file or answer is None or errors:
        return _page(visit, chosen, errors, shown)
    rows = [access_row(one, answer.workers) for one in answer.accesses]
    return csv_file("access", COLUMNS, rows, is_cut=answer.next is not None)


def _shown(chosen: ListChosen, auditing: Auditing, *, is_wrong: bool) -> AccessShown | NotForThem:
    agencies = agencies_to_choose(auditing)
    worker = None
    if chosen.worker is not None:
        actors = {chosen.worker: auditing.work.now}
        worker = called(chosen.worker, auditing.workers_at(actors))
    if is_wrong or chosen.agency not in {None, *(code for code, _ in agencies)}:
        return AccessShown(agencies, worker, unknown=() if is_wrong else ("agency",))
    persons = () if chosen.family is None else family_named(chosen.family, auditing.work)
    # An unknown family has no entries; that it was asked about is one.
    unknown = () if persons or chosen.family is None else (chosen.family,)
    answer = auditing.accesses(chosen.asked(persons or unknown), most=chosen.most)
    if isinstance(answer, NotForThem):
        return answer
    return AccessShown(agencies, worker, answer, ("family",) if unknown else ())


def _page(visit: Visit, chosen: ListChosen, errors: FormErrors, shown: AccessShown) -> Response:
    answer = shown.answer
    accesses = () if answer is None else answer.accesses
    workers = {} if answer is None else answer.workers
    return show_audit(
        visit,
        "access.html",
        AuditSection.ACCESS,
        entered=None if answer is None else answer.entered,
        status=422 if errors else 200,
        chosen=chosen,
        errors=errors,
        agencies=shown.agencies,
        worker=shown.worker,
        family=None if chosen.family is None else family_links([chosen.family])[0],
        purposes=_choices(Purpose),
        kinds=_choices(Group),
        answers=_choices(Answered),
        rows=[access_line(one, workers) for one in accesses],
        older=None if answer is None else chosen.older(answer.next),
        exports=addresses.with_query(addresses.NEW_EXPORT, chosen.export_filters),
    )


def _choices(codes: type[LabelledCode]) -> Sequence[tuple[str, str]]:
    return [(one.value, one.label) for one in codes]

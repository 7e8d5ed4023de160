"""The page of whom a breach affects: families by number, what to do now, and the list as a file."""

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from schemas.identifiers import reference_of
from services.audit.reviews.affected import AffectedAnswer, families_affected
from services.portal.audit.addresses import AFFECTED, ReviewItemInPath, with_query
from services.portal.audit.csv_files import csv_file
from services.portal.audit.filters import Days, filters_of, read_days
from services.portal.audit.frame import AuditSection, answered, audit_router, show_audit
from services.portal.audit.reviews import words_reviews as words
from services.portal.audit.words import worker_line
from services.portal.frame.forms import FormErrors, Submitted
from services.portal.frame.visit import CurrentVisit, Visit
from services.portal.words.dates import uk_day_in_words

router = audit_router()
_AT_ONCE = 100
_USUAL_DAYS = 90


@dataclass(frozen=True, slots=True)
class _AffectedChosen:
    """Of which review, on which days, after which family; no days are those before the breach."""

    review: str
    days: Days | None
    after: str

    def href(self, **other: str) -> str:
        """The list with these filters and others."""
        days = {} if self.days is None else self.days.as_filters
        return with_query(AFFECTED.format(review=self.review), {**days, **other})


def _read(review: str, typed: Submitted, errors: FormErrors, visit: Visit) -> _AffectedChosen:
    is_chosen = bool(typed.text("from") or typed.text("to"))
    days = read_days(typed, errors, visit.today, days=_USUAL_DAYS) if is_chosen else None
    return _AffectedChosen(review, None if errors else days, typed.text("after"))


@router.get(AFFECTED)
def show_affected(visit: CurrentVisit, request: Request, review: ReviewItemInPath) -> Response:
    """List the families that its worker looked at without a reason, and what is to be done now."""
    errors = FormErrors()
    typed = filters_of(request)
    chosen = _read(review, typed, errors, visit)
    since, until = (None, None) if chosen.days is None else (chosen.days.since, chosen.days.until)
    answer = answered(
        visit, lambda auditing: families_affected(review, auditing, since=since, until=until)
    )
    if answer is None:
        raise HTTPException(404)
    if typed.text("as") == "csv" and not errors:
        rows = words.affected_rows(answer)
        return csv_file("affected", words.AFFECTED_COLUMNS, rows, is_cut=answer.is_cut)
    return _page(visit, chosen, answer, errors)


def _page(
    visit: Visit, chosen: _AffectedChosen, answer: AffectedAnswer, errors: FormErrors
) -> Response:
    lines = words.affected_lines(answer)
    left = [one for one in lines if one.family.number > chosen.after]
    shown = left[:_AT_ONCE]
    return show_audit(
        visit,
        "affected.html",
        AuditSection.REVIEWS,
        is_below=True,
        entered=answer.entered,
        status=422 if errors else 200,
        errors=errors,
        reference=reference_of(chosen.review),
        worker=worker_line(answer.breach.worker, answer.workers),
        since=uk_day_in_words(answer.since),
        until=uk_day_in_words(answer.until),
        filters={} if chosen.days is None else chosen.days.as_filters,
        number=len(lines),
        families=shown,
        is_cut=answer.is_cut,
        address=AFFECTED.format(review=chosen.review),
        csv=chosen.href(**{"as": "csv"}),
        more=chosen.href(after=shown[-1].family.number) if len(left) > len(shown) else None,
    )

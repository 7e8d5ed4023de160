"""How long from a no to the first refusal and to the purge: for auditors."""

from starlette.responses import Response

from services.audit.figures.postgres_timings import MOST, timings_in
from services.audit.figures.timings import Timings
from services.portal.audit.addresses import DECISIONS, TIMINGS, with_query
from services.portal.audit.csv_files import csv_file
from services.portal.audit.figures.words import took
from services.portal.audit.filters import filters_of, read_days
from services.portal.audit.frame import AuditSection, answered, audit_router, show_audit
from services.portal.frame.forms import FormErrors
from services.portal.frame.visit import CurrentVisit
from services.portal.words.dates import moment_in_words

router = audit_router()
_DAYS = 28
_COLUMNS = ("measured", "number", "median_seconds", "p95_seconds", "worst_seconds")


@router.get(TIMINGS)
def show_timings(visit: CurrentVisit) -> Response:
    """Show median, 95 in 100 and worst of the withdrawals in a time, or give them as CSV."""
    filters, errors = filters_of(visit.request), FormErrors()
    days = read_days(filters, errors, visit.today, days=_DAYS)
    answer = answered(visit, lambda auditing: timings_in(days.since, days.until, auditing))
    told = answer.timings
    if filters.text("as") == "csv" and not errors:
        return csv_file("timings", _COLUMNS, _csv_rows(told))
    return show_audit(
        visit,
        "timings.html",
        AuditSection.DECISIONS,
        entered=answer.entered,
        is_below=True,
        status=422 if errors else 200,
        errors=errors,
        days=days,
        address=TIMINGS,
        csv=with_query(TIMINGS, {**days.as_filters, "as": "csv"}),
        rows=_rows(told),
        told=told,
        most=MOST,
        is_cut=answer.is_cut,
        slowest=[
            (f"{DECISIONS}/{one.decision}", one.decision, moment_in_words(one.at), took(lasted))
            for one in told.slowest
            if (lasted := None if one.purged_at is None else one.purged_at - one.at) is not None
        ],
        let_through=[(f"{DECISIONS}/{one}", one) for one in told.still_let_through],
    )


def _rows(told: Timings) -> list[tuple[str, ...]]:
    named = {"First refused look": told.to_refusal, "Copies purged": told.to_purge}
    return [
        (name, took(of.median), took(of.often), took(of.worst), f"{of.number:,}")
        for name, of in named.items()
    ]


def _csv_rows(told: Timings) -> list[tuple[object, ...]]:
    named = {"first-refused-look": told.to_refusal, "purged": told.to_purge}
    return [
        (
            name,
            of.number,
            *(None if t is None else t.total_seconds() for t in (of.median, of.often, of.worst)),
        )
        for name, of in named.items()
    ]

"""Figures by agency, week and month, as pictures, tables and CSV: for auditors and managers."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from starlette.responses import Response

from services.audit.figures.measures import month_from_text
from services.audit.figures.postgres_figures import OF_MANAGERS, FiguresAnswer, figures
from services.people.practitioners.permissions import Permission
from services.portal.audit.addresses import FIGURES, with_query
from services.portal.audit.csv_files import csv_file
from services.portal.audit.figures.words import (
    FiguresTable,
    measure_words,
    month_code,
    month_in_words,
    tables_of,
)
from services.portal.audit.figures.words_reviews import review_tables, reviews_words
from services.portal.audit.filters import filters_of
from services.portal.audit.frame import AuditSection, answered, audit_router, show_audit
from services.portal.frame.forms import FormErrors, Submitted
from services.portal.frame.guard import guarded_router
from services.portal.frame.visit import CurrentVisit
from services.portal.words.dates import moment_in_words

router = audit_router()
_NOT_THERE = "Choose a month of the list"


@router.get(FIGURES)
def show_figures(visit: CurrentVisit) -> Response:
    """Show the figures of a month and of the weeks before its end."""
    filters, errors = filters_of(visit.request), FormErrors()
    month = read_month(filters, errors)
    answer = answered(visit, lambda auditing: figures(auditing, month=month))
    asked = asked_table(filters, errors, answer)
    if asked is not None and not errors:
        return csv_file(f"figures-{asked.name}", asked.headings, asked.rows)
    return show_audit(
        visit,
        "figures.html",
        AuditSection.FIGURES,
        entered=answer.entered,
        status=422 if errors else 200,
        errors=errors,
        **figures_words(answer, FIGURES),
    )


def read_month(filters: Submitted, errors: FormErrors) -> date | None:
    """Read `month`, such as 2026-11; None for the newest."""
    typed = filters.text("month")
    if not typed:
        return None
    try:
        return month_from_text(typed)
    except ValueError:
        errors.add("month", _NOT_THERE)
        return None


def asked_table(
    filters: Submitted, errors: FormErrors, answer: FiguresAnswer
) -> FiguresTable | None:
    """The table that is asked for as CSV; None where the page is."""
    if filters.text("month") and month_of(answer) != filters.text("month"):
        errors.add("month", _NOT_THERE)
    if filters.text("as") != "csv":
        return None
    table = _every_table(answer).get(filters.text("of"))
    if table is None:
        errors.add("month", "Choose a table of this page")
    return table


def _every_table(answer: FiguresAnswer) -> Mapping[str, FiguresTable]:
    reviews = {} if answer.reviews is None else review_tables(answer.reviews)
    return {**tables_of(answer), **reviews}


def month_of(answer: FiguresAnswer) -> str | None:
    """The month that is shown, as an address has it."""
    return None if answer.month is None else month_code(answer.month)


def figures_words(answer: FiguresAnswer, address: str) -> dict[str, Any]:
    """What a page of figures says."""
    tables, month = _every_table(answer), month_of(answer)
    measures = [measure_words(one) for one in answer.by_time]
    if answer.reviews is not None and answer.month is not None:
        measures.extend(reviews_words(answer.reviews, answer.month))
    return {
        "address": address,
        "month": month,
        "months": [(month_code(one), month_in_words(one)) for one in answer.months],
        "counted_until": None if answer.until is None else moment_in_words(answer.until),
        "measures": measures,
        "tables": [one for name, one in tables.items() if name in {"decisions", "how-fast"}],
        "csv": {
            name: with_query(address, {"as": "csv", "of": name, "month": month}) for name in tables
        },
    }


# For service managers: the same of other measures, outside the workbench.

FIGURES_OF_SERVICES = "/figures"
services_router = guarded_router(Permission.FIGURES)


@services_router.get(FIGURES_OF_SERVICES)
def show_service_figures(visit: CurrentVisit) -> Response:
    """Show a month, and the months and weeks before its end."""
    filters, errors = filters_of(visit.request), FormErrors()
    month = read_month(filters, errors)
    answer = answered(visit, lambda auditing: figures(auditing, month=month, measures=OF_MANAGERS))
    asked = asked_table(filters, errors, answer)
    if asked is not None and not errors:
        return csv_file(f"figures-{asked.name}", asked.headings, asked.rows)
    words = figures_words(answer, FIGURES_OF_SERVICES)
    return visit.show("service_figures.html", 422 if errors else 200, errors=errors, **words)

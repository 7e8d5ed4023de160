"""Figures for service managers: how the service does, in words and counts, and nobody's record."""

from starlette.responses import Response

from services.audit.figures.postgres_figures import OF_MANAGERS, figures
from services.people.practitioners.permissions import Permission
from services.portal.audit.csv_files import csv_file
from services.portal.audit.filters import filters_of
from services.portal.audit.frame import answered
from services.portal.audit.pages_figures import asked_table, figures_words, read_month
from services.portal.frame.forms import FormErrors
from services.portal.frame.guard import guarded_router
from services.portal.frame.visit import CurrentVisit

FIGURES_OF_SERVICES = "/figures"
router = guarded_router(Permission.FIGURES)


@router.get(FIGURES_OF_SERVICES)
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

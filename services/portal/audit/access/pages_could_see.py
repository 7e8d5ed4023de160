"""What one worker could see of one family on a day, by category and service, and what they saw."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from schemas.identifiers import PersonId, PractitionerId
from services.audit.asked import NotForThem
from services.audit.explain.postgres_could_see import DayAnswer, could_see
from services.audit.postgres_answers import Auditing, family_named
from services.portal.audit import addresses
from services.portal.audit.access.naming import LeadsTo
from services.portal.audit.access.pages_naming import show_naming
from services.portal.audit.access.words_could_see import COLUMNS, day_rows, day_told
from services.portal.audit.csv_files import csv_file
from services.portal.audit.filters import (
    Days,
    filters_of,
    read_day,
    read_family,
    read_worker,
    wants_csv,
)
from services.portal.audit.frame import AuditSection, answered, audit_router, show_audit
from services.portal.audit.words import family_links, worker_line
from services.portal.frame.forms import FormErrors
from services.portal.frame.visit import CurrentVisit, Visit
from services.work.postgres_past import looking_back

router = audit_router()
_PRACTITIONER = "practitioner:"


@dataclass(frozen=True, slots=True)
class DayChosen:
    """A worker, a family and a day, as they stand in the address."""

    family: PersonId
    worker: PractitionerId
    day: Days

    @property
    def filters(self) -> dict[str, str]:
        """The fields of an address that choose them."""
        return {
            "family": self.family,
            "worker": self.worker,
            "day": self.day.first.isoformat(),
        }


@router.get(addresses.COULD_SEE)
def show_could_see(request: Request, visit: CurrentVisit) -> Response:
    """Answer for the worker, the family and the day; ask for what is not chosen yet."""
    filters, errors = filters_of(request), FormErrors()
    family, worker = read_family(filters, errors), read_worker(filters, errors)
    day = read_day(filters, errors, "day", visit.today)
    if worker is not None and not worker.startswith(_PRACTITIONER):
        errors.add("worker", "Choose a worker: other accounts are shown no family")
        worker = None
    if family is None or worker is None or errors:
        return show_naming(visit, LeadsTo.COULD_SEE, filters, errors)
    practitioner = PractitionerId(worker.removeprefix(_PRACTITIONER))
    chosen = DayChosen(family, practitioner, day)
    answer = answered(visit, lambda auditing: _that_day(chosen, auditing))
    if not answer.subjects:
        errors.add("family", "Nobody is known by that number")
        return show_naming(visit, LeadsTo.COULD_SEE, filters, errors)
    if wants_csv(filters):
        return csv_file("could-see", COLUMNS, day_rows(answer.parts))
    return _page(visit, chosen, answer)


def _that_day(chosen: DayChosen, auditing: Auditing) -> DayAnswer | NotForThem:
    persons = family_named(chosen.family, auditing.work)
    with looking_back(auditing.work.outside) as past:
        return could_see(chosen.worker, persons, chosen.day.first, auditing, past)


def _page(visit: Visit, chosen: DayChosen, answer: DayAnswer) -> Response:
    worker, day = answer.worker, chosen.filters["day"]
    that_day = {"family": chosen.family, "worker": chosen.worker, "from": day, "to": day}
    return show_audit(
        visit,
        "could_see.html",
        AuditSection.COULD_SEE,
        entered=answer.entered,
        chosen=chosen,
        told=day_told(answer),
        worker=worker_line(worker.actor, {worker.actor: worker}),
        family=family_links([chosen.family])[0],
        csv=addresses.with_query(addresses.COULD_SEE, {**chosen.filters, "as": "csv"}),
        entries=addresses.with_query(addresses.ACCESS, that_day),
    )

"""The first page of the workbench: how all stands, what waits, the questions, a few figures."""

from dataclasses import dataclass

from starlette.responses import Response

from services.audit.asked import NotForThem
from services.audit.figures.postgres_figures import small_figures
from services.audit.figures.tables import ByTime
from services.audit.integrity.postgres_looking import Integrity, Watched, look_at_integrity
from services.audit.postgres_answers import Auditing
from services.audit.postgres_what_waits import GovernanceWaits, what_waits
from services.portal.audit.addresses import AUDIT, FIGURES, INTEGRITY
from services.portal.audit.figures.words import small_pictures
from services.portal.audit.frame import AuditSection, answered, audit_router, show_audit
from services.portal.audit.home.words import questions, waiting_in_words
from services.portal.audit.integrity.words import standing_line
from services.portal.frame.visit import CurrentVisit
from services.portal.front.orders_words import how_many_wait
from services.portal.words.dates import moment_in_words

router = audit_router()


@dataclass(frozen=True, slots=True)
class _Home:
    """What the page tells, as of one moment."""

    waits: GovernanceWaits
    integrity: Integrity
    figures: tuple[ByTime, ...]


@router.get(AUDIT)
def show_audit_home(visit: CurrentVisit) -> Response:
    """Show whether all is whole, what waits, and where each question is answered."""
    watched = visit.services.audit.watched
    home = answered(visit, lambda auditing: _home(auditing, watched))
    return show_audit(
        visit,
        "home.html",
        AuditSection.HOME,
        entered=home.waits.entered,
        now=moment_in_words(visit.services.now()),
        standing=standing_line(home.integrity),
        integrity=INTEGRITY,
        waiting=waiting_in_words(home.waits),
        orders_wait=how_many_wait(visit.services.orders.waiting(visit.who)),
        questions=questions(),
        small_pictures=small_pictures(home.figures),
        figures=FIGURES,
    )


def _home(auditing: Auditing, watched: Watched) -> _Home | NotForThem:
    waits = what_waits(auditing)
    if isinstance(waits, NotForThem):
        return waits
    work = auditing.work
    integrity = look_at_integrity(work.connection, watched, work.outside.vault, work.now)
    return _Home(waits, integrity, small_figures(auditing))

"""Who has responsibility for a child, as another agency than the recorder's has told it."""

from connectors.publishing.telling.decider_ports import DeciderFact, ToldResponsibility
from schemas.identifiers import PersonId, RecordKey
from schemas.vocabulary import Source
from services.people.deciders.postgres_intake import PostgresDeciderIntake
from services.work import unit_of_work
from tests.support.builders import NOW
from tests.support.fakes.in_process import InProcess
from tests.support.portal.portal_forms import A_MOTHER


def name_a_parent(running: InProcess, child: PersonId) -> None:
    """Let a feed of social care say that A_MOTHER has responsibility for the child."""
    fact = DeciderFact(child, RecordKey("d1" * 16), "2026-01-01/0", ToldResponsibility(A_MOTHER))
    with unit_of_work(running.connectors) as work:
        intake = PostgresDeciderIntake(work.connection, work.keys)
        intake.keep([fact], (), Source.SOCIAL_CARE, at=NOW)

"""Records that a worker's kind of agency sent about a family soon after: work by nobody named.

What somebody does with a family often comes to us as a record of their agency, days later: it may
explain a look as well as what they do here. Known are numbers and days, nothing that a record says.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from schemas.identifiers import PersonId
from schemas.uk_time import uk_day
from services.audit.postgres_answers import Auditing
from services.audit.unusual.postgres import PostgresKnown
from services.audit.unusual.postgres_sweep import PostgresActs
from services.audit.unusual.settings import unusual_rules

_PRACTITIONER = "practitioner:"


def records_after(
    worker: str | None,
    persons: Collection[PersonId],
    at: datetime,
    within: timedelta,
    auditing: Auditing,
) -> int:
    """How many came about any of these people, within so long after a look of this worker."""
    if worker is None or not worker.startswith(_PRACTITIONER) or not persons:
        return 0
    work = auditing.work
    by = worker.removeprefix(_PRACTITIONER)
    ports = (work.connection, work.bound, work.clusters, unusual_rules(None), work.outside.weights)
    _, source = PostgresKnown(*ports).works_for({by}, work.now).get(by, ("", ""))
    everybody = work.clusters.all_of(persons)
    acts = PostgresActs(work.connection).work_for(everybody, uk_day(at), uk_day(at + within))
    return sum(at < act.at <= at + within and not act.by and act.source == source for act in acts)

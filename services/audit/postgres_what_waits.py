"""How much waits for information governance, by what it is: never more than is worth counting."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from services.audit.asked import AuditAsked, AuditQuestion, NotForThem
from services.audit.postgres_answers import Auditing
from services.audit.reviews.waiting import SHOWN_UNLESS_ASKED
from services.audit.unusual.hits import OUTCOMES
from services.people.governance.queue import ItemKind

MOST_COUNTED = 500
"""What is more than this is told as that: nobody does more in a week, and counting costs."""
# The soonest due of each kind.
_OPEN = text("""
    SELECT wanted.kind, count(open.due_at) AS times, min(open.known_at) AS oldest,
           min(open.due_at) AS due,
           count(open.due_at) FILTER (WHERE open.due_at < :now) AS overdue
    FROM unnest(CAST(:kinds AS text[])) AS wanted (kind)
    LEFT JOIN LATERAL (
        SELECT o.known_at, o.due_at FROM governance_open AS o WHERE o.kind = wanted.kind
        ORDER BY o.due_at, o.item_id LIMIT :most) AS open ON true
    GROUP BY wanted.kind
""")
# As the index of what is open has it: a condition with values of its own would not find it.
_CLOSED = ", ".join(sorted(f"'{standing.value}'" for standing in OUTCOMES))
_UNUSUAL = text(f"""
    SELECT count(*) AS times, min(open.raised_at) AS oldest, min(open.due_at) AS due,
           count(*) FILTER (WHERE open.due_at < :now) AS overdue
    FROM (
        SELECT s.raised_at, s.due_at FROM unusual_standing AS s
        WHERE s.standing NOT IN ({_CLOSED})
        ORDER BY s.due_at, s.hit_id LIMIT :most) AS open
""")  # noqa: S608 of our own codes


@dataclass(frozen=True, slots=True)
class OpenItems:
    """How much of one sort is open, since when, and by when the next is due.

    `times` and `overdue` are at most one more than MOST_COUNTED.
    """

    times: int = 0
    oldest: datetime | None = None
    due: datetime | None = None
    overdue: int = 0


@dataclass(frozen=True, slots=True)
class GovernanceWaits:
    """What is open, by kind of item, and what rules of unusual access have found."""

    entered: UUID
    by_kind: Mapping[ItemKind, OpenItems]
    unusual: OpenItems


def what_waits(auditing: Auditing) -> GovernanceWaits | NotForThem:
    """Count what waits for a review."""
    asked = AuditAsked(AuditQuestion.REVIEWS, codes=tuple(SHOWN_UNLESS_ASKED))
    entered = auditing.enter(asked)
    if isinstance(entered, NotForThem):
        return entered
    connection, now = auditing.work.connection, auditing.work.now
    bounds = {"now": now, "most": MOST_COUNTED + 1}
    kinds = {"kinds": sorted(kind.value for kind in SHOWN_UNLESS_ASKED), **bounds}
    by_kind = {
        ItemKind(row.kind): OpenItems(row.times, row.oldest, row.due, row.overdue)
        for row in connection.execute(_OPEN, kinds)
    }
    row = connection.execute(_UNUSUAL, bounds).one()
    return GovernanceWaits(entered, by_kind, OpenItems(row.times, row.oldest, row.due, row.overdue))

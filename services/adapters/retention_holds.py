"""Persons about whom nothing may go for its age: an inquiry or a court wants it kept."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from schemas.identifiers import PersonId
from services.adapters.clusters import PostgresClusters

_HOLD = text("""
    INSERT INTO retention_hold (person_id, because, held_by, held_at)
    VALUES (:person, :because, :by, :at) ON CONFLICT DO NOTHING
""")
_RELEASE = text("DELETE FROM retention_hold WHERE person_id = ANY(:persons)")
_LIST = text("SELECT person_id, because, held_at FROM retention_hold ORDER BY held_at, person_id")
_HELD = text("SELECT person_id FROM retention_hold")


@dataclass(frozen=True, slots=True)
class RetentionHold:
    """Who is held since when, and by which code of whoever asked for it."""

    person: PersonId
    because: str
    at: datetime


class RetentionHolds:
    """Holds as one transaction sees them; whoever is one with a held person is held too."""

    def __init__(self, connection: Connection, clusters: PostgresClusters) -> None:
        self._connection = connection
        self._clusters = clusters

    def hold(self, person: PersonId, *, because: str, by: str, at: datetime) -> bool:
        """Hold everything about the person; false where that was so already."""
        row = {"person": person, "because": because, "by": by, "at": at}
        return self._connection.execute(_HOLD, row).rowcount > 0

    def release(self, person: PersonId) -> bool:
        """Let go again of the person and of who is one with them; false where nobody was held."""
        members = self._clusters.all_of([person])
        return self._connection.execute(_RELEASE, {"persons": members}).rowcount > 0

    def held(self) -> Sequence[RetentionHold]:
        """Every hold, the oldest first."""
        rows = self._connection.execute(_LIST)
        return [RetentionHold(PersonId(row.person_id), row.because, row.held_at) for row in rows]

    def everyone(self) -> list[PersonId]:
        """Whoever is held, themselves or as one with somebody."""
        held = [PersonId(row.person_id) for row in self._connection.execute(_HELD)]
        return self._clusters.all_of(held) if held else []

    def held_among(self, persons: Collection[PersonId]) -> Collection[PersonId]:
        """Those of the persons who are held, themselves or as one with somebody."""
        return set(self.everyone()) & set(persons)

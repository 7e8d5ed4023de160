"""Who is to be compared, and which pairs somebody is asked about, in PostgreSQL."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from schemas.identifiers import PersonId
from services.people.linking.ports import Review, ReviewState
from services.platform.database.engine import Texts

# One number for all who join or compare: they do it one after the other.
_LOCK = 0x7E11_0C05

# In one order, so that two who add the same at once do not wait for each other.
_ADD = text("""
    INSERT INTO link_to_consider (person_id, at)
    SELECT person, :at FROM unnest(CAST(:persons AS text[])) AS person
    ON CONFLICT (person_id) DO UPDATE SET at = excluded.at
""")
_ADD_KNOWN = text("""
    INSERT INTO link_to_consider (person_id, at)
    SELECT DISTINCT person_id, CAST(:at AS timestamptz) FROM person_facts
    WHERE person_id = ANY(:persons) ORDER BY person_id
    ON CONFLICT (person_id) DO UPDATE SET at = excluded.at
""")
_TAKE = text("""
    DELETE FROM link_to_consider WHERE person_id IN (
        SELECT person_id FROM link_to_consider ORDER BY at, person_id LIMIT :most
        FOR UPDATE SKIP LOCKED
    ) RETURNING person_id
""")
_SAVE = text("""
    INSERT INTO link_review (review_id, one, other, bits, weights, state, opened_at, asked_at,
                             answered_at, answered_by)
    VALUES (:id, :one, :other, :bits, :weights, :state, :opened_at, :asked_at, :answered_at,
            :answered_by)
    ON CONFLICT (one, other) DO UPDATE SET review_id = excluded.review_id, bits = excluded.bits,
        weights = excluded.weights, state = excluded.state, opened_at = excluded.opened_at,
        asked_at = excluded.asked_at, answered_at = excluded.answered_at,
        answered_by = excluded.answered_by
""")
_NAMED = text("""
    SELECT one AS person_id FROM link_review WHERE one = ANY(:persons)
    UNION SELECT other FROM link_review WHERE other = ANY(:persons)
""")
_OPEN = ("waiting", "asked-source")


class PostgresLinkQueue:
    """Both lists as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._in_none: set[PersonId] = set()

    def add(self, persons: Collection[PersonId], *, at: datetime) -> None:
        """Let these be compared."""
        if persons:
            self._connection.execute(_ADD, {"persons": sorted(persons), "at": at})

    def add_known(self, persons: Collection[PersonId], *, at: datetime) -> None:
        """Let those of them be compared of whom facts are kept."""
        if persons:
            self._connection.execute(_ADD_KNOWN, {"persons": sorted(persons), "at": at})

    def is_empty(self) -> bool:
        """Whether nobody waits to be compared."""
        waiting = self._connection.execute(text("SELECT 1 FROM link_to_consider LIMIT 1"))
        return waiting.first() is None

    def take(self, most: int) -> Sequence[PersonId]:
        """Those who have waited longest, out of the list; nobody while another takes some."""
        lock = text("SELECT pg_try_advisory_xact_lock(:what)")
        if not self._connection.execute(lock, {"what": _LOCK}).scalar_one():
            return ()
        rows = self._connection.execute(_TAKE, {"most": most}).all()
        return sorted(PersonId(row.person_id) for row in rows)

    def of(self, person: PersonId) -> Sequence[Review]:
        """Every review that names the person, open or answered."""
        if person in self._in_none:
            return ()
        rows = self._connection.execute(
            text("SELECT * FROM link_review WHERE one = :person OR other = :person"),
            {"person": person},
        )
        return [_review_from_row(row) for row in rows]

    def look_ahead(self, persons: Collection[PersonId]) -> None:
        """Know which of these no review names, so that nobody asks about each of them."""
        rows = self._connection.execute(_NAMED, {"persons": Texts(persons)})
        self._in_none.update(set(persons) - {row.person_id for row in rows})

    def find(self, review: str) -> Review | None:
        """One review."""
        row = self._connection.execute(
            text("SELECT * FROM link_review WHERE review_id = :id"), {"id": review}
        ).first()
        return None if row is None else _review_from_row(row)

    def listed(self, states: Collection[ReviewState]) -> Sequence[Review]:
        """The reviews in one of these states, those that are likeliest one person first."""
        rows = self._connection.execute(
            text("""
                SELECT * FROM link_review WHERE state = ANY(:states)
                ORDER BY bits DESC, opened_at, review_id
            """),
            {"states": [state.value for state in states]},
        )
        return [_review_from_row(row) for row in rows]

    def save(self, review: Review) -> None:
        """Write a review or what became of it; of two persons there is one."""
        self._in_none -= {review.one, review.other}
        values: dict[str, Any] = {
            name: getattr(review, name) for name in Review.__dataclass_fields__
        }
        self._connection.execute(_SAVE, {**values, "state": review.state.value})

    def delete(self, review: Review) -> None:
        """Forget a review that is pointless now."""
        self._connection.execute(
            text("DELETE FROM link_review WHERE review_id = :id"), {"id": review.id}
        )


def _review_from_row(row: Row[tuple[object, ...]]) -> Review:
    values = {name: getattr(row, name) for name in Review.__dataclass_fields__ if name != "id"}
    return Review(id=row.review_id, **{**values, "state": ReviewState(row.state)})

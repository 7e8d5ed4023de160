"""Copies of what is held that were asked for on somebody's own page, in PostgreSQL.

What is ready is sealed under whom it is about, and goes when its time is over or they are erased.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, text

from schemas.identifiers import PersonId

_ASK = text("""
    INSERT INTO family_copy (copy_id, access_id, person_id, about_id, asked_at)
    VALUES (:id, :access, :person, :about, :at)
""")
_OF = text("""
    SELECT copy_id, access_id, person_id, about_id, asked_at, ready_at, until
    FROM family_copy WHERE person_id = ANY(:persons) ORDER BY asked_at DESC, copy_id LIMIT 20
""")
_FIND = text("""
    SELECT copy_id, access_id, person_id, about_id, asked_at, ready_at, until
    FROM family_copy WHERE copy_id = :id
""")
_READY = text("""
    UPDATE family_copy SET sealed = :sealed, ready_at = :at, until = :until WHERE copy_id = :id
""")
_SEALED = text("SELECT sealed FROM family_copy WHERE copy_id = :id AND until > :now")


@dataclass(frozen=True, slots=True)
class FamilyCopy:
    """A copy that somebody asked for: of whom; since when, and until when, it can be taken."""

    id: str
    access: str
    asker: PersonId
    about: PersonId
    asked_at: datetime
    ready_at: datetime | None = None
    until: datetime | None = None

    def is_ready(self, at: datetime) -> bool:
        """Whether it can be taken now."""
        return self.until is not None and at < self.until

    def is_waiting(self, at: datetime) -> bool:
        """Whether somebody still has to make it."""
        return self.ready_at is None and at >= self.asked_at


class PostgresFamilyCopies:
    """Copies as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def ask(self, copy: FamilyCopy) -> None:
        """Keep that one was asked for."""
        row = {
            "id": copy.id,
            "access": copy.access,
            "person": copy.asker,
            "about": copy.about,
            "at": copy.asked_at,
        }
        self.connection.execute(_ASK, row)

    def of(self, persons: Collection[PersonId]) -> Sequence[FamilyCopy]:
        """Those that somebody asked for, the newest first; `persons` are all who are one."""
        rows = self.connection.execute(_OF, {"persons": sorted(persons)})
        return [_copy(row) for row in rows]

    def find(self, copy: str) -> FamilyCopy | None:
        """One of them."""
        row = self.connection.execute(_FIND, {"id": copy}).first()
        return None if row is None else _copy(row)

    def ready(self, copy: str, sealed: bytes, *, at: datetime, until: datetime) -> None:
        """Lay it ready; one that is made again takes the place of that before."""
        row = {"id": copy, "sealed": sealed, "at": at, "until": until}
        self.connection.execute(_READY, row)

    def sealed(self, copy: str, *, now: datetime) -> bytes | None:
        """What was laid ready, while it may be taken."""
        found = self.connection.execute(_SEALED, {"id": copy, "now": now}).scalar()
        return None if found is None else bytes(found)


def _copy(row: Row[tuple[object, ...]]) -> FamilyCopy:
    return FamilyCopy(
        row.copy_id,
        row.access_id,
        PersonId(row.person_id),
        PersonId(row.about_id),
        row.asked_at,
        row.ready_at,
        row.until,
    )

"""Who lets whom see their page, in PostgreSQL. A row that the ledger does not vouch for is a no."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Row, text

from schemas.identifiers import PersonId
from services.ledger.bound_tables import FAMILY_LET_SEE
from services.ledger.postgres_bound import BoundRows

LET_SEE_BY = text("""
    SELECT l.* FROM family_let_see l
    WHERE l.person_id = ANY(:persons) AND NOT EXISTS (
        SELECT FROM family_let_see later
        WHERE later.let_see_id = l.let_see_id AND later.state > l.state)
    ORDER BY l.known_at, l.let_see_id
""")


class LetSeeStanding(StrEnum):
    """Whether a parent is let see."""

    LET = "let"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class LetSee:
    """One state of it: `person` lets `other` see what is about them."""

    id: str
    state: int
    person: PersonId
    other: PersonId
    standing: LetSeeStanding
    known_at: datetime


class PostgresLetSee:
    """What was let, and stopped, as one transaction sees it."""

    def __init__(self, connection: Connection, bound: BoundRows) -> None:
        self._connection = connection
        self._bound = bound

    def in_force(self, persons: Collection[PersonId]) -> Sequence[LetSee]:
        """What these, who are one, let others see now."""
        rows = self._connection.execute(LET_SEE_BY, {"persons": sorted(persons)}).all()
        found = [_let_see(row) for row in rows if self._bound.holds(FAMILY_LET_SEE, row)]
        return [one for one in found if one.standing is LetSeeStanding.LET]

    def write(self, one: LetSee, *, by: str) -> None:
        """Keep it, or its next state."""
        row = {
            "let_see_id": one.id,
            "state": one.state,
            "person_id": one.person,
            "other_person_id": one.other,
            "standing": one.standing.value,
            "known_at": one.known_at,
        }
        self._bound.add(FAMILY_LET_SEE, [(row, by)])


def _let_see(row: Row[tuple[object, ...]]) -> LetSee:
    return LetSee(
        row.let_see_id,
        row.state,
        PersonId(row.person_id),
        PersonId(row.other_person_id),
        LetSeeStanding(row.standing),
        row.known_at,
    )

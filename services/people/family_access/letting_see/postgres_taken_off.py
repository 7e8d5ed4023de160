"""Which child two hands took off whose own page, in PostgreSQL: a row a state, never changed.

A row that the ledger does not vouch for still takes off: it denies what it denied, and gives
nothing back.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Row, TextClause, text

from schemas.identifiers import PersonId
from services.ledger.bound_tables import FAMILY_TAKEN_OFF
from services.ledger.postgres_bound import BoundRows

_LATEST = """
    SELECT t.* FROM family_taken_off t WHERE {about} AND NOT EXISTS (
        SELECT FROM family_taken_off later
        WHERE later.taking_id = t.taking_id AND later.state > t.state)
    ORDER BY t.known_at, t.taking_id
"""
TAKEN_OFF_OF = text(_LATEST.format(about="t.other_person_id = ANY(:persons)"))
_ABOUT = text(_LATEST.format(about="t.person_id = ANY(:persons)"))


class TakenOffStanding(StrEnum):
    """Whether it is off."""

    OFF = "off"
    GIVEN_BACK = "given-back"


@dataclass(frozen=True, slots=True)
class TakenOff:
    """One state of it: what is about `person` is not on the own page of `other`."""

    id: str
    state: int
    person: PersonId
    other: PersonId
    standing: TakenOffStanding
    because: str
    order: str
    known_at: datetime


class PostgresTakenOff:
    """What is off, as one transaction sees it."""

    def __init__(self, connection: Connection, bound: BoundRows) -> None:
        self._connection = connection
        self._bound = bound

    def of(self, persons: Collection[PersonId]) -> Sequence[TakenOff]:
        """What is off the pages of these, who are one."""
        return self._off(TAKEN_OFF_OF, persons)

    def about(self, persons: Collection[PersonId]) -> Sequence[TakenOff]:
        """From whose pages these, who are one, were taken."""
        return self._off(_ABOUT, persons)

    def write(self, one: TakenOff, *, by: str) -> None:
        """Keep it, or its next state."""
        row = {
            "taking_id": one.id,
            "state": one.state,
            "person_id": one.person,
            "other_person_id": one.other,
            "standing": one.standing.value,
            "because": one.because,
            "order_id": one.order,
            "known_at": one.known_at,
        }
        self._bound.add(FAMILY_TAKEN_OFF, [(row, by)])

    def _off(self, asked: TextClause, persons: Collection[PersonId]) -> Sequence[TakenOff]:
        rows = self._connection.execute(asked, {"persons": sorted(persons)}).all()
        return [_taken_off(row) for row in rows if self._is_off(row)]

    def _is_off(self, row: Row[tuple[object, ...]]) -> bool:
        return row.standing != TakenOffStanding.GIVEN_BACK or not self._bound.holds(
            FAMILY_TAKEN_OFF, row
        )


def _taken_off(row: Row[tuple[object, ...]]) -> TakenOff:
    return TakenOff(
        row.taking_id,
        row.state,
        PersonId(row.person_id),
        PersonId(row.other_person_id),
        TakenOffStanding.OFF,
        row.because,
        row.order_id,
        row.known_at,
    )

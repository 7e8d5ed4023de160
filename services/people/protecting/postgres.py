"""Restrictions and exclusions in PostgreSQL: read whole, doubted, and only ever added to."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from consent.model import Exclusion, Restriction, RestrictionScope
from schemas.identifiers import PersonId, PractitionerId
from services.ledger.bound_tables import EXCLUSIONS, RESTRICTIONS
from services.ledger.postgres_bound import BoundRows
from services.people.protecting.states import exclusions_from, restrictions_from
from services.people.signing_in.postgres_accounts import one_human
from services.platform.errors import ServiceUnavailableError

RESTRICTIONS_OF = text("SELECT * FROM restriction WHERE person_id = ANY(:persons)")
EXCLUSIONS_OF = text(f"""
    SELECT e.*, {one_human("e.practitioner_id")} AS also FROM exclusion e
    WHERE e.person_id = ANY(:persons)
""")  # noqa: S608 of constant parts
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(CAST(:what AS text), 0))")
_STATES = text("SELECT * FROM restriction WHERE restriction_id = :id ORDER BY state")
_EXCLUSION = text("SELECT * FROM exclusion WHERE exclusion_id = :id ORDER BY state")
# Asked once a day, and by commands: no index is kept for it.
_PROVISIONAL = text("""
    SELECT r.* FROM restriction r WHERE r.is_provisional AND r.lifted_at IS NULL AND NOT EXISTS (
        SELECT FROM restriction later WHERE later.restriction_id = r.restriction_id
        AND later.state > r.state) ORDER BY r.placed_at, r.restriction_id
""")
_ALL_EXCLUSIONS = text("""
    SELECT e.* FROM exclusion e WHERE e.until IS NULL AND NOT EXISTS (
        SELECT FROM exclusion later WHERE later.exclusion_id = e.exclusion_id
        AND later.state > e.state) ORDER BY e.since, e.exclusion_id
""")
_UNCONFIRMED = text("""
    SELECT count(DISTINCT e.claim_id) FROM exclusion e
    WHERE e.state = 1 AND e.confirmed_by IS NULL AND e.asked_by = :actor AND e.known_at > :since
      AND NOT EXISTS (
        SELECT FROM exclusion later WHERE later.exclusion_id = e.exclusion_id AND later.state > 1)
""")


@dataclass(frozen=True, slots=True)
class RecordedExclusion:
    """One exclusion as it is kept. Without a practitioner nobody here is known by that name.

    `named` is what was typed, sealed under the person's key; `claim` is the same for all that one
    name and one saying made. `confirmed_by` is who has asked the family, of its own service.
    """

    id: str
    person: PersonId
    practitioner: PractitionerId | None
    since: datetime
    named: bytes
    claim: str
    asked_by: str
    until: datetime | None = None
    confirmed_by: str | None = None
    warranted_by: str | None = None
    state: int = 1


class PostgresProtection:
    """Who is protected, and from whom, as one transaction sees it."""

    def __init__(self, connection: Connection, bound: BoundRows, at: datetime) -> None:
        self._connection = connection
        self._bound = bound
        self._at = at

    def restrictions(self, persons: Collection[PersonId]) -> Sequence[Restriction]:
        """All that were ever placed, each with its time; a list of its own time each."""
        rows = self._connection.execute(RESTRICTIONS_OF, {"persons": sorted(persons)})
        return self.restrictions_in(rows)

    def restrictions_in(self, rows: Iterable[Row[Any]]) -> Sequence[Restriction]:
        """Those of which these rows, with all states of each, tell."""
        return restrictions_from(_told(rows), self._bound.holds_told)

    def exclusions(self, persons: Collection[PersonId]) -> Sequence[Exclusion]:
        """All that there ever were, each with its time."""
        rows = self._connection.execute(EXCLUSIONS_OF, {"persons": sorted(persons)})
        return exclusions_from(_told(rows), self._bound.holds_told)

    def restriction(self, restriction: str) -> Restriction | None:
        """One as it stands, locked until commit; also one that was lifted.

        None too where any of its states is not as it was written: nothing is built on that.
        """
        self._connection.execute(_LOCK, {"what": f"restriction {restriction}"})
        rows = _told(self._connection.execute(_STATES, {"id": restriction}))
        if not rows or not all(self._bound.holds_told(RESTRICTIONS, row) for row in rows):
            return None
        return restrictions_from(rows, self._bound.holds_told)[-1]

    def made_by(self, restriction: str) -> str | None:
        """Who asked for it to be as it stands; None where there is none of that id."""
        rows = self._connection.execute(_STATES, {"id": restriction}).all()
        return rows[-1].asked_by if rows else None

    def provisional(self) -> Sequence[Restriction]:
        """Those that wait for two hands, the oldest first."""
        return self.restrictions_in(self._connection.execute(_PROVISIONAL))

    def write(self, one: Restriction, *, actor: str, warranted_by: str | None = None) -> None:
        """Write a restriction, or its next state; `actor` made it so, beside `warranted_by`."""
        self._connection.execute(_LOCK, {"what": f"restriction {one.id}"})
        states = self._connection.execute(_STATES, {"id": one.id}).all()
        row = {
            "restriction_id": one.id,
            "state": states[-1].state + 1 if states else 1,
            "person_id": one.subject,
            "scope": one.scope.value,
            "allowed": sorted(one.allowed),
            "placed_at": one.placed_at,
            "lifted_at": one.lifted_at,
            "is_provisional": one.is_provisional,
            "asked_by": actor,
            "warranted_by": warranted_by,
            "known_at": self._at,
        }
        if not self._bound.add(RESTRICTIONS, [(row, actor)]):
            raise ServiceUnavailableError("another change of it came first; try again")

    def exclusion(self, exclusion: str) -> RecordedExclusion | None:
        """One as it stands, locked until commit. None where it is not as it was written."""
        self._connection.execute(_LOCK, {"what": f"exclusion {exclusion}"})
        rows = self._connection.execute(_EXCLUSION, {"id": exclusion}).all()
        return (
            self._as_written(rows)[-1]
            if rows and len(self._as_written(rows)) == len(rows)
            else None
        )

    def exclusions_standing(self) -> Sequence[RecordedExclusion]:
        """Those that have not ended, the oldest first."""
        return self._as_written(self._connection.execute(_ALL_EXCLUSIONS).all())

    def unconfirmed_by(self, actor: str, *, since: datetime) -> int:
        """How many names one actor has written down since then about which nobody has asked."""
        asked = {"actor": actor, "since": since}
        return int(self._connection.execute(_UNCONFIRMED, asked).scalar_one())

    def write_exclusions(self, exclusions: Sequence[RecordedExclusion], *, actor: str) -> None:
        """Write exclusions, or the next state of each."""
        rows = [
            {
                "exclusion_id": one.id,
                "state": one.state,
                "person_id": one.person,
                "practitioner_id": one.practitioner,
                "named": one.named,
                "claim_id": one.claim,
                "since": one.since,
                "until": one.until,
                "confirmed_by": one.confirmed_by,
                "asked_by": one.asked_by,
                "warranted_by": one.warranted_by,
                "known_at": self._at,
            }
            for one in exclusions
        ]
        if len(self._bound.add(EXCLUSIONS, [(row, actor) for row in rows])) != len(rows):
            raise ServiceUnavailableError("another change of it came first; try again")

    def closed_to(
        self, persons: Collection[PersonId], practitioners: Collection[PractitionerId]
    ) -> Collection[PractitionerId]:
        """To which of these practitioners any of these, who are one, are closed as a whole."""
        whole = [
            r
            for r in self.restrictions(persons)
            if r.scope is RestrictionScope.PERSON and r.is_in_force(self._at)
        ]
        named = [e for e in self.exclusions(persons) if e.is_in_force(self._at)]
        return {
            one
            for one in practitioners
            if any(one not in r.allowed for r in whole) or any(e.keeps_out(one) for e in named)
        }

    def _as_written(self, rows: Sequence[Row[Any]]) -> Sequence[RecordedExclusion]:
        return [
            _recorded(row)
            for row in rows
            if self._bound.holds_told(EXCLUSIONS, dict(row._mapping))  # noqa: SLF001 - the documented way to a row by names
        ]


def _told(rows: Iterable[Row[Any]]) -> list[Mapping[str, Any]]:
    return [dict(row._mapping) for row in rows]  # noqa: SLF001 - as above


def _recorded(row: Row[Any]) -> RecordedExclusion:
    practitioner = row.practitioner_id
    return RecordedExclusion(
        id=row.exclusion_id,
        person=PersonId(row.person_id),
        practitioner=None if practitioner is None else PractitionerId(practitioner),
        since=row.since,
        named=bytes(row.named),
        claim=row.claim_id,
        asked_by=row.asked_by,
        until=row.until,
        confirmed_by=row.confirmed_by,
        warranted_by=row.warranted_by,
        state=row.state,
    )

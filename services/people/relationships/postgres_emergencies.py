"""Whom an emergency concerns, and who of them has seen that it was opened, in PostgreSQL."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, text

from consent.model import RelationshipGround
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import OPENS_FAMILY_RECORDS
from services.ledger.bound_tables import MEMBERSHIPS, RELATIONSHIPS
from services.ledger.postgres_bound import BoundRows
from services.people.persons.postgres_clusters import PostgresClusters
from services.people.practitioners.postgres_memberships import member
from services.people.protecting.postgres import PostgresProtection
from services.people.relationships.model import EmergencyReason, EmergencyTold, HeldRelationship

_LATEST = """
    NOT EXISTS (SELECT FROM emergency_told later WHERE later.relationship_id = t.relationship_id
                AND later.practitioner_id = t.practitioner_id AND later.state > t.state)
"""
# Everybody with a case-load, of every agency; where a source names nobody the agency's leads.
_WORKERS = text(f"""
    WITH members AS (SELECT unnest(CAST(:persons AS text[])) AS person_id)
    SELECT DISTINCT {MEMBERSHIPS.selected("w")}, {RELATIONSHIPS.selected("r")}
    FROM members JOIN relationship r USING (person_id)
    JOIN membership w ON w.agency_code = r.agency_code AND w.role = ANY(:roles) AND {member("w")}
    WHERE r.ground = ANY(:grounds) AND r.since <= :now AND (r.until IS NULL OR r.until > :now)
      AND NOT EXISTS (SELECT FROM relationship later
                      WHERE later.relationship_id = r.relationship_id AND later.state > r.state)
      AND (w.practitioner_id = r.practitioner_id AND r.known_at >= w.since
           OR r.practitioner_id IS NULL AND EXISTS (
               SELECT FROM safeguarding_lead l
               WHERE l.practitioner_id = w.practitioner_id AND l.agency_code = r.agency_code
                 AND l.since <= :now AND (l.until IS NULL OR l.until > :now)
                 AND l.known_at >= w.since
                 AND NOT EXISTS (SELECT FROM safeguarding_lead later
                                 WHERE later.practitioner_id = l.practitioner_id
                                   AND later.agency_code = l.agency_code
                                   AND later.state > l.state)))
    ORDER BY 1
""")  # noqa: S608 of constant parts
_TELL = text("""
    INSERT INTO emergency_told (relationship_id, practitioner_id, state, person_id, reason,
                                has_seen, known_at)
    VALUES (:id, :practitioner, :state, :person, :reason, :has_seen, :at)
""")
_UNSEEN = f"""
    SELECT t.relationship_id, t.person_id, t.reason, t.state, r.practitioner_id AS opened_by,
           r.since AS opened_at
    FROM emergency_told t JOIN relationship r ON r.relationship_id = t.relationship_id
     AND r.state = 1
    WHERE t.practitioner_id = :practitioner AND NOT t.has_seen AND {_LATEST}
"""  # noqa: S608 of constant parts
_ALL_UNSEEN = text(f"{_UNSEEN} ORDER BY r.since DESC, t.relationship_id LIMIT :most")
_ONE_UNSEEN = text(f"{_UNSEEN} AND t.relationship_id = :id")
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('emergency told ' || :id, 0))")
_MOST_LISTED = 50


class PostgresEmergencies:
    """Whom emergencies concern, as one transaction sees it at one moment. A row a state."""

    def __init__(
        self,
        connection: Connection,
        at: datetime,
        bound: BoundRows,
        protection: PostgresProtection,
        clusters: PostgresClusters,
    ) -> None:
        self._connection = connection
        self._at = at
        self._bound = bound
        self._protection = protection
        self._clusters = clusters

    def workers(
        self,
        person: PersonId,
        *,
        grounds: Collection[RelationshipGround] = (RelationshipGround.CASE_LOAD,),
    ) -> Sequence[PractitionerId]:
        """Who has the person on their case-load now, and may know of them; or works with them."""
        wanted = {
            "persons": self._clusters.all_of([person]),
            "roles": sorted(OPENS_FAMILY_RECORDS),
            "grounds": sorted(grounds),
            "now": self._at,
        }
        rows = self._connection.execute(_WORKERS, wanted)
        found = dict.fromkeys(
            PractitionerId(row.w_practitioner_id)
            for row in rows
            if self._bound.holds(MEMBERSHIPS, row, "w")
            and self._bound.holds(RELATIONSHIPS, row, "r")
        )
        whose_no_holds = self._clusters.holding_for([person])[person]
        closed = self._protection.closed_to(whose_no_holds.keys(), found)
        return [one for one in found if one not in closed]

    def tell(
        self,
        opened: HeldRelationship,
        reason: EmergencyReason,
        workers: Collection[PractitionerId],
    ) -> None:
        """Put it on the pages of these, until they have seen it."""
        told = {"id": opened.id, "person": opened.person, "reason": reason.value, "at": self._at}
        rows = [{**told, "practitioner": w, "state": 1, "has_seen": False} for w in workers]
        if rows:
            self._connection.execute(_TELL, rows)

    def unseen(self, practitioner: PractitionerId) -> Sequence[EmergencyTold]:
        """What this practitioner was told of and has not seen, the newest first."""
        wanted = {"practitioner": practitioner, "most": _MOST_LISTED}
        return [_told(row) for row in self._connection.execute(_ALL_UNSEEN, wanted)]

    def see(self, relationship: str, practitioner: PractitionerId) -> bool:
        """Write down that they have seen it; false where there is nothing that they have not."""
        self._connection.execute(_LOCK, {"id": f"{relationship} {practitioner}"})
        wanted = {"id": relationship, "practitioner": practitioner}
        row = self._connection.execute(_ONE_UNSEEN, wanted).first()
        if row is None:
            return False
        told = {"person": row.person_id, "reason": row.reason, "at": self._at}
        seen = {**wanted, **told, "state": row.state + 1, "has_seen": True}
        self._connection.execute(_TELL, seen)
        return True


def _told(row: Row[tuple[object, ...]]) -> EmergencyTold:
    return EmergencyTold(
        row.relationship_id,
        PersonId(row.person_id),
        PractitionerId(row.opened_by),
        row.opened_at,
        EmergencyReason(row.reason),
    )

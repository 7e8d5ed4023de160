"""Requests to work with a family, and rotas of cover, in PostgreSQL: a row a state."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, text

from consent.model import RelationshipGround
from schemas.identifiers import PersonId, PractitionerId
from services.ledger.bound_tables import COVERS, MEMBERSHIPS
from services.ledger.postgres_bound import BoundRows
from services.people.persons.postgres_clusters import PostgresClusters
from services.people.practitioners.postgres_memberships import member
from services.people.relationships.model import Cover, Request, RequestStatus
from services.platform.errors import ServiceUnavailableError

_LATEST = """
    NOT EXISTS (SELECT FROM relationship_request later WHERE later.request_id = q.request_id
                AND later.state > q.state)
"""
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('request ' || :id, 0))")
_FIND = text(f"""
    SELECT q.* FROM relationship_request q WHERE q.request_id = :id AND {_LATEST}
""")  # noqa: S608 of constant parts
# For whoever has a case-load with the person, in another agency than would get it.
_TO_ANSWER = text(f"""
    SELECT q.* FROM relationship_request q
    WHERE q.status = :asked AND q.agency_code <> :agency AND q.until > :now AND {_LATEST}
      AND q.person_id = ANY(:persons)
    UNION ALL
    SELECT q.* FROM relationship_request q
    WHERE q.status = :offered AND q.practitioner_id = :practitioner AND q.until > :now AND {_LATEST}
    ORDER BY known_at, request_id
""")  # noqa: S608 as above
_ADD = text("""
    INSERT INTO relationship_request (request_id, state, person_id, practitioner_id, agency_code,
                                      status, until, said_by, known_at)
    VALUES (:id, :state, :person, :practitioner, :agency, :status, :until, :said_by, :at)
""")
_COVERS = text("""
    SELECT c.* FROM cover_rota c
    WHERE c.until > :now AND (CAST(:agency AS text) IS NULL OR c.agency_code = :agency)
      AND NOT EXISTS (
        SELECT FROM cover_rota later WHERE later.cover_id = c.cover_id AND later.state > c.state)
    ORDER BY c.since, c.cover_id
""")
_ON_ROTA = text(f"""
    SELECT c.*, {MEMBERSHIPS.selected("m")} FROM cover_rota c JOIN membership m
      ON m.practitioner_id = c.covering AND m.agency_code = c.agency_code
    WHERE c.covering = :practitioner AND NOT c.is_student AND {member("m")}
      AND c.since <= :now AND c.until > :now AND c.known_at >= m.since
      AND NOT EXISTS (SELECT FROM cover_rota later WHERE later.cover_id = c.cover_id
                      AND later.state > c.state)
""")  # noqa: S608 as above


class PostgresRequests:
    """Requests and offers as one transaction sees them."""

    def __init__(
        self, connection: Connection, bound: BoundRows, clusters: PostgresClusters
    ) -> None:
        self._connection = connection
        self._bound = bound
        self._clusters = clusters

    def find(self, request: str) -> Request | None:
        """One request as it stands, locked until commit against another answer."""
        self._connection.execute(_LOCK, {"id": request})
        row = self._connection.execute(_FIND, {"id": request}).first()
        return None if row is None else _request(row)

    def to_answer(
        self,
        practitioner: PractitionerId,
        agency: str,
        mine: Sequence[tuple[PersonId, RelationshipGround]],
        *,
        at: datetime,
    ) -> Sequence[Request]:
        """What this practitioner may answer: requests about their case-load, offers to them."""
        persons = [p for p, ground in mine if ground is RelationshipGround.CASE_LOAD]
        rows = self._connection.execute(
            _TO_ANSWER,
            {
                "practitioner": practitioner,
                "agency": agency,
                "persons": self._clusters.all_of(persons),
                "asked": RequestStatus.ASKED.value,
                "offered": RequestStatus.OFFERED.value,
                "now": at,
            },
        )
        return [_request(row) for row in rows]

    def add(self, request: Request, *, at: datetime) -> None:
        """Write a request, or its next state."""
        self._connection.execute(
            _ADD,
            {
                "id": request.id,
                "state": request.state,
                "person": request.person,
                "practitioner": request.practitioner,
                "agency": request.agency,
                "status": request.status.value,
                "until": request.until,
                "said_by": request.said_by,
                "at": at,
            },
        )

    def covers(self, *, at: datetime, agency: str | None = None) -> Sequence[Cover]:
        """Every rota entry that is not over, or those of an agency."""
        rows = self._connection.execute(_COVERS, {"now": at, "agency": agency})
        return [_cover(row) for row in rows if self._bound.holds(COVERS, row)]

    def is_on_rota(self, practitioner: PractitionerId, *, at: datetime) -> bool:
        """Whether they stand in for somebody now; a student learns, and stands in for nobody."""
        asked = {"practitioner": practitioner, "now": at}
        rows = self._connection.execute(_ON_ROTA, asked)
        return any(
            self._bound.holds(COVERS, row) and self._bound.holds(MEMBERSHIPS, row, "m")
            for row in rows
        )

    def add_cover(self, cover: Cover, *, at: datetime) -> None:
        """Write a rota entry, or its next state."""
        row = {
            "cover_id": cover.id,
            "state": cover.state,
            "agency_code": cover.agency,
            "covered": cover.covered,
            "covering": cover.covering,
            "is_student": cover.is_student,
            "since": cover.since,
            "until": cover.until,
            "written_by": cover.written_by,
            "known_at": at,
        }
        if not self._bound.add(COVERS, [(row, cover.written_by)]):
            raise ServiceUnavailableError("another change of this cover came first; try again")


def _request(row: Row[tuple[object, ...]]) -> Request:
    return Request(
        row.request_id,
        None if row.person_id is None else PersonId(row.person_id),
        PractitionerId(row.practitioner_id),
        row.agency_code,
        RequestStatus(row.status),
        row.until,
        row.said_by,
        row.state,
    )


def _cover(row: Row[tuple[object, ...]]) -> Cover:
    return Cover(
        row.cover_id,
        row.agency_code,
        PractitionerId(row.covered),
        PractitionerId(row.covering),
        row.since,
        row.until,
        row.written_by,
        row.is_student,
        row.state,
    )

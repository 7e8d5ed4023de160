"""Who works here, in PostgreSQL: agencies, practitioners, sessions; by name, or whom to ring."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, text

from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Purpose, Role, Source
from services.people.practitioners.people import (
    AgencyToRing,
    Directory,
    Heard,
    LastHeard,
    Session,
    SignedInPractitioner,
    SourceToRing,
)

_MOST_TO_RING = 10
_WORKING_WITH = text("""
    SELECT DISTINCT a.name, a.telephone FROM agency a JOIN case_load c USING (agency_code)
    WHERE a.kind = :kind AND c.person_id = ANY(:persons) ORDER BY a.name LIMIT :most
""")
_ALL = text("SELECT name, telephone FROM agency WHERE kind = :kind ORDER BY name LIMIT :most")

_PRACTITIONERS = """
    SELECT p.*, a.name AS agency_name, a.kind AS agency_kind
    FROM practitioner p JOIN agency a USING (agency_code)
"""

_ENTRIES = text("""
    SELECT worker_ref, name, job_title, telephone, agency_code FROM practitioner
    WHERE worker_ref = ANY(:workers)
    UNION ALL SELECT NULL, NULL, NULL, telephone, agency_code FROM agency
    WHERE agency_code = ANY(:agencies) AND telephone IS NOT NULL
""")


@dataclass(frozen=True, slots=True)
class Agency:
    """An organisation that works with families; `kind` is what sort of source it is."""

    code: str
    name: str
    kind: Source
    telephone: str | None


@dataclass(frozen=True, slots=True, repr=False)
class PractitionerEntry:
    """A practitioner as they are entered; `worker_ref` is their agency's own id for them."""

    id: PractitionerId
    name: str
    role: Role
    job_title: str
    agency_code: str
    telephone: str | None
    worker_ref: str | None
    purpose: Purpose


class PostgresDirectory:
    """The directory as one transaction sees it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save_agency(self, agency: Agency) -> None:
        """Enter an agency or change it."""
        self._connection.execute(
            text("""
                INSERT INTO agency (agency_code, name, kind, telephone)
                VALUES (:code, :name, :kind, :telephone)
                ON CONFLICT (agency_code) DO UPDATE SET name = :name, kind = :kind,
                    telephone = :telephone
            """),
            {
                "code": agency.code,
                "name": agency.name,
                "kind": agency.kind.value,
                "telephone": agency.telephone,
            },
        )

    def kind_of(self, agency: str) -> Source | None:
        """What sort of source an agency is; None for one that is not here."""
        kind = self._connection.execute(
            text("SELECT kind FROM agency WHERE agency_code = :code"), {"code": agency}
        ).scalar()
        return None if kind is None else Source(kind)

    def save_practitioner(self, entry: PractitionerEntry) -> None:
        """Enter a practitioner or change them."""
        self._connection.execute(
            text("""
                INSERT INTO practitioner (practitioner_id, name, role, job_title, agency_code,
                                          telephone, worker_ref, purpose)
                VALUES (:id, :name, :role, :job_title, :agency, :telephone, :worker, :purpose)
                ON CONFLICT (practitioner_id) DO UPDATE SET name = :name, role = :role,
                    job_title = :job_title, agency_code = :agency, telephone = :telephone,
                    worker_ref = :worker, purpose = :purpose
            """),
            {
                "id": entry.id,
                "name": entry.name,
                "role": entry.role.value,
                "job_title": entry.job_title,
                "agency": entry.agency_code,
                "telephone": entry.telephone,
                "worker": entry.worker_ref,
                "purpose": entry.purpose.value,
            },
        )

    def practitioners(self) -> Sequence[SignedInPractitioner]:
        """Everyone, in the order in which they were entered as far as names tell."""
        rows = self._connection.execute(text(f"{_PRACTITIONERS} ORDER BY p.role DESC, p.name"))
        return [practitioner_from_row(row) for row in rows]

    def practitioner(self, wanted: PractitionerId) -> SignedInPractitioner | None:
        """One practitioner."""
        row = self._connection.execute(
            text(f"{_PRACTITIONERS} WHERE p.practitioner_id = :id"), {"id": wanted}
        ).first()
        return None if row is None else practitioner_from_row(row)

    def agency_kind_of(self, practitioner: PractitionerId) -> Source | None:
        """In what sort of agency somebody works; None for nobody who is here."""
        found = self.practitioner(practitioner)
        return None if found is None else found.agency_kind

    def count_of(self, role: Role) -> int:
        """How many have this role."""
        counting = text("SELECT count(*) FROM practitioner WHERE role = :role")
        return int(self._connection.execute(counting, {"role": role.value}).scalar_one())

    def entries_for(self, workers: Collection[str], agencies: Collection[str]) -> Directory:
        """These workers, by their agencies' own ids, and these agencies' telephone numbers.

        An id that two agencies use says nothing of who is meant: it is left out.
        """
        if not workers and not agencies:
            return Directory({}, {})
        wanted = {"workers": list(workers), "agencies": list(agencies)}
        rows = self._connection.execute(_ENTRIES, wanted).all()
        named = [row for row in rows if row.worker_ref is not None]
        times = Counter(row.worker_ref for row in named)
        return Directory(
            {
                row.worker_ref: (row.name, row.job_title, row.telephone)
                for row in named
                if times[row.worker_ref] == 1
            },
            {row.agency_code: row.telephone for row in rows if row.worker_ref is None},
        )

    def source_to_ring(self, source: Source, persons: Collection[PersonId]) -> SourceToRing:
        """The agencies of this kind that work with these people; where none is known to, all."""
        wanted = {"kind": source.value, "most": _MOST_TO_RING}
        found = self._connection.execute(
            _WORKING_WITH, {**wanted, "persons": sorted(persons)}
        ).all()
        rows = found or self._connection.execute(_ALL, wanted).all()
        return SourceToRing(source, tuple(AgencyToRing(row.name, row.telephone) for row in rows))

    def last_heard(self) -> LastHeard:
        """When each source was last heard from."""
        rows = self._connection.execute(text("SELECT * FROM source_status"))
        return {Source(row.source): Heard(row.last_received_at, row.failing_since) for row in rows}


class PostgresSessions:
    """Sessions as rows, so that ending one takes effect at once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(
        self,
        secret_hash: bytes,
        practitioner: PractitionerId,
        csrf_secret: bytes,
        *,
        at: datetime,
        until: datetime,
    ) -> None:
        """Open a session; only a hash of its secret is kept."""
        self._connection.execute(
            text("""
                INSERT INTO session (secret_hash, practitioner_id, csrf_secret, signed_in_at,
                                     expires_at)
                VALUES (:hash, :practitioner, :csrf, :at, :until)
            """),
            {
                "hash": secret_hash,
                "practitioner": practitioner,
                "csrf": csrf_secret,
                "at": at,
                "until": until,
            },
        )

    def find(self, secret_hash: bytes, *, at: datetime) -> Session | None:
        """The session, while it lasts."""
        row = self._connection.execute(
            text("""
                SELECT p.*, a.name AS agency_name, a.kind AS agency_kind, s.csrf_secret,
                       s.signed_in_at
                FROM session s JOIN practitioner p USING (practitioner_id)
                JOIN agency a USING (agency_code)
                WHERE s.secret_hash = :hash AND s.expires_at > :at
            """),
            {"hash": secret_hash, "at": at},
        ).first()
        if row is None:
            return None
        return Session(practitioner_from_row(row), bytes(row.csrf_secret), row.signed_in_at)

    def close(self, secret_hash: bytes) -> None:
        """End a session."""
        self._connection.execute(
            text("DELETE FROM session WHERE secret_hash = :hash"), {"hash": secret_hash}
        )


def practitioner_from_row(row: Row[tuple[object, ...]]) -> SignedInPractitioner:
    """A practitioner with their agency."""
    return SignedInPractitioner(
        id=PractitionerId(row.practitioner_id),
        name=row.name,
        role=Role(row.role),
        job_title=row.job_title,
        agency_code=row.agency_code,
        agency_name=row.agency_name,
        agency_kind=Source(row.agency_kind),
        purpose=Purpose(row.purpose),
    )


# Practitioners by name: whom a family may name, and whom it has named.

_KNOWN = text("""
    SELECT p.*, a.name AS agency_name, a.kind AS agency_kind
    FROM practitioner p JOIN agency a USING (agency_code)
    WHERE p.practitioner_id = ANY(:ids) OR p.worker_ref = ANY(:refs)
    ORDER BY p.name, p.practitioner_id
""")


class PostgresColleagues:
    """The directory's practitioners as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def known(
        self, wanted: Collection[PractitionerId]
    ) -> Mapping[PractitionerId, SignedInPractitioner]:
        """Those of them who are in the directory."""
        return {found.id: found for found in self._find(wanted, ())} if wanted else {}

    def behind(self, worker_refs: Collection[str]) -> Sequence[SignedInPractitioner]:
        """The practitioners whom their agencies call so, by name."""
        return self._find((), worker_refs) if worker_refs else ()

    def _find(
        self, ids: Collection[PractitionerId], refs: Collection[str]
    ) -> Sequence[SignedInPractitioner]:
        rows = self._connection.execute(_KNOWN, {"ids": list(ids), "refs": list(refs)})
        return [practitioner_from_row(row) for row in rows]

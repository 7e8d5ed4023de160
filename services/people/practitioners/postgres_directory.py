"""Who works here, in PostgreSQL: agencies and practitioners; by name, or whom to ring.

Where somebody works, and as what, is their newest membership's to say: one that is not as it was
written, or is over, is as if they were not here.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Purpose, Role, Source
from services.ledger.bound_tables import MEMBERSHIPS
from services.ledger.postgres_bound import BoundRows
from services.people.practitioners.memberships import next_membership
from services.people.practitioners.people import (
    AgencyToRing,
    Directory,
    Heard,
    LastHeard,
    SignedInPractitioner,
    SourceToRing,
    plain_name,
)
from services.people.practitioners.postgres_memberships import PostgresMemberships, member
from services.people.signing_in.postgres_accounts import one_human

_MOST_TO_RING = 10
_WORKING_WITH = text("""
    SELECT DISTINCT a.name, a.telephone FROM agency a JOIN case_load c USING (agency_code)
    WHERE a.kind = :kind AND c.person_id = ANY(:persons) ORDER BY a.name LIMIT :most
""")
KIND_OF = text("SELECT kind FROM agency WHERE agency_code = :code")
_ALL = text("SELECT name, telephone FROM agency WHERE kind = :kind ORDER BY name LIMIT :most")

PRACTITIONERS = f"""
    SELECT p.name, p.job_title, p.purpose, a.name AS agency_name, a.kind AS agency_kind,
           {one_human("m.practitioner_id")} AS also, {MEMBERSHIPS.selected("m")}
    FROM membership m JOIN practitioner p USING (practitioner_id)
        JOIN agency a ON a.agency_code = m.agency_code
    WHERE {member("m")}
"""  # noqa: S608 of constant parts
_ALL_PRACTITIONERS = text(f"{PRACTITIONERS} ORDER BY m.role DESC, p.name")
_PRACTITIONER = text(f"{PRACTITIONERS} AND m.practitioner_id = :id")
_IN_ROLE = text(f"SELECT m.* FROM membership m WHERE m.role = :role AND {member('m')}")  # noqa: S608
_IN_ROLES = text(f"""
    {PRACTITIONERS} AND m.role = ANY(:roles) AND a.kind = :kind ORDER BY p.name, m.practitioner_id
""")
_PERSON = text("""
    SELECT practitioner_id AS id, name, job_title, telephone, purpose FROM practitioner
    WHERE practitioner_id = :id
""")
_AGENCY = text("""
    SELECT agency_code AS code, name, kind, telephone, hours FROM agency WHERE agency_code = :code
""")
_LIKE = text("SELECT EXISTS (SELECT FROM agency WHERE lower(agency_code) = lower(:code))")
_AGENCIES = text("""
    SELECT agency_code AS code, name, kind, telephone, hours FROM agency
    WHERE agency_code > :after ORDER BY agency_code LIMIT :most
""")
_ENTER = text("""
    INSERT INTO practitioner (practitioner_id, name, job_title, telephone, purpose)
    VALUES (:id, :name, :job_title, :telephone, :purpose)
""")
_CHANGE = text("""
    UPDATE practitioner SET name = :name, job_title = :job_title, telephone = :telephone,
        purpose = :purpose
    WHERE practitioner_id = :id
""")
_ENTER_AGENCY = text("""
    INSERT INTO agency (agency_code, name, kind, telephone, hours)
    VALUES (:code, :name, :kind, :telephone, :hours)
""")
_CHANGE_AGENCY = text("""
    UPDATE agency SET name = :name, kind = :kind, telephone = :telephone, hours = :hours
    WHERE agency_code = :code
""")
_NAMED = text("SELECT name, job_title FROM practitioner WHERE practitioner_id = :id")
_TELEPHONE = text("SELECT telephone FROM practitioner WHERE practitioner_id = :id")

_WORKERS = text(f"""
    SELECT p.name, p.job_title, p.telephone, {MEMBERSHIPS.selected("m")}
    FROM membership m JOIN practitioner p USING (practitioner_id)
    WHERE m.worker_ref = ANY(:workers) AND {member("m")}
""")  # noqa: S608 as above
# Agencies that work here, and schools as the national register names them, by either number.
TELEPHONES = text("""
    SELECT agency_code, telephone, hours, CAST(NULL AS text) AS school FROM agency
    WHERE agency_code = ANY(:agencies) AND (telephone IS NOT NULL OR hours IS NOT NULL)
    UNION ALL
    SELECT known.code, s.telephone, NULL, s.name
    FROM school s CROSS JOIN LATERAL (VALUES (s.urn), (s.number)) AS known (code)
    WHERE (s.urn = ANY(:agencies) OR s.number = ANY(:agencies)) AND known.code = ANY(:agencies)
""")
SOURCES_HEARD = text("SELECT * FROM source_status")


@dataclass(frozen=True, slots=True)
class Agency:
    """An organisation that works with families; `kind` is what sort of source it is.

    `hours` is when it answers its telephone, in its own words.
    """

    code: str
    name: str
    kind: Source
    telephone: str | None
    hours: str | None = None


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
    """The directory as one transaction sees it at one moment."""

    def __init__(self, connection: Connection, at: datetime, bound: BoundRows) -> None:
        self._connection = connection
        self._at = at
        self._bound = bound
        self._memberships = PostgresMemberships(connection, at, bound)

    def save_agency(self, agency: Agency) -> None:
        """Enter an agency; to change one is the database's owner's."""
        row = {
            "code": agency.code,
            "name": agency.name,
            "kind": agency.kind.value,
            "telephone": agency.telephone,
            "hours": agency.hours,
        }
        found = self._connection.execute(_AGENCY, {"code": agency.code}).first()
        if found is None:
            self._connection.execute(_ENTER_AGENCY, row)
        elif dict(found._mapping) != row:  # noqa: SLF001 - the documented way to a row by names
            self._connection.execute(_CHANGE_AGENCY, row)

    def kind_of(self, agency: str) -> Source | None:
        """What sort of source an agency is; None for one that is not here."""
        kind = self._connection.execute(KIND_OF, {"code": agency}).scalar()
        return None if kind is None else Source(kind)

    def has_agency_like(self, code: str) -> bool:
        """Whether there is one whose code is this one but for capitals."""
        return bool(self._connection.execute(_LIKE, {"code": code}).scalar())

    def agency(self, code: str) -> Agency | None:
        """One agency."""
        row = self._connection.execute(_AGENCY, {"code": code}).first()
        return None if row is None else _agency(row)

    def agencies(self, *, after: str = "", most: int = 1000) -> Sequence[Agency]:
        """Agencies by code, from the first one after that."""
        rows = self._connection.execute(_AGENCIES, {"after": after, "most": most})
        return [_agency(row) for row in rows]

    def telephone_of(self, practitioner: PractitionerId) -> str | None:
        """By which number somebody is reached, if they gave one."""
        found = self._connection.execute(_TELEPHONE, {"id": practitioner}).scalar()
        return None if found is None else str(found)

    def agency_name(self, agency: str) -> str | None:
        """What an agency is called."""
        row = self._connection.execute(_AGENCY, {"code": agency}).first()
        return None if row is None else str(row.name)

    def save_person(self, entry: PractitionerEntry) -> None:
        """Enter what somebody is called; to change it is the database's owner's."""
        row = {
            "id": entry.id,
            "name": entry.name,
            "job_title": entry.job_title,
            "telephone": entry.telephone,
            "purpose": entry.purpose.value,
        }
        found = self._connection.execute(_PERSON, {"id": entry.id}).first()
        if found is None:
            self._connection.execute(_ENTER, row)
        elif dict(found._mapping) != row:  # noqa: SLF001 - the documented way to a row by names
            self._connection.execute(_CHANGE, row)

    def save_practitioner(self, entry: PractitionerEntry, *, by: str = "job:demonstration") -> None:
        """Enter somebody with where they work, by one who counts as both hands.

        For invented people; others come by `services.people.relationships.staff`.
        """
        self.save_person(entry)
        before = self._memberships.newest(entry.id)
        membership = next_membership(
            before,
            entry.agency_code,
            entry.id,
            entry.role,
            entry.worker_ref,
            asked_by=by,
            warranted_by=by,
            at=self._at,
        )
        if before is None or replace(before, state=membership.state) != membership:
            self._memberships.add(membership)

    def practitioners(self) -> Sequence[SignedInPractitioner]:
        """Everyone, in the order in which they were entered as far as names tell."""
        rows = self._connection.execute(_ALL_PRACTITIONERS, {"now": self._at})
        return [practitioner_in(row) for row in rows if self._holds(row)]

    def practitioner(self, wanted: PractitionerId) -> SignedInPractitioner | None:
        """One practitioner."""
        row = self._connection.execute(_PRACTITIONER, {"id": wanted, "now": self._at}).first()
        return None if row is None or not self._holds(row) else practitioner_in(row)

    def in_roles(self, roles: Collection[Role], kind: Source) -> Sequence[SignedInPractitioner]:
        """Who has one of these roles in an agency of this kind."""
        wanted = {"roles": sorted(roles), "kind": kind.value, "now": self._at}
        rows = self._connection.execute(_IN_ROLES, wanted)
        return [practitioner_in(row) for row in rows if self._holds(row)]

    def person(self, practitioner: PractitionerId) -> tuple[str, str, str | None, Purpose] | None:
        """Name, job title, telephone and purpose of somebody, wherever they work or do not."""
        row = self._connection.execute(_PERSON, {"id": practitioner}).first()
        if row is None:
            return None
        return row.name, row.job_title, row.telephone, Purpose(row.purpose)

    def name_of(self, practitioner: PractitionerId) -> str | None:
        """The name of somebody who works here, did, or may come to."""
        row = self._connection.execute(_NAMED, {"id": practitioner}).first()
        return None if row is None else str(row.name)

    def named(self, name: str, kind: Source | None) -> Sequence[PractitionerId]:
        """Everybody of that name in agencies of this kind, or in any; suspended or not."""
        found = self._memberships.standing().may_be(name, ()) if plain_name(name) else ()
        return [one.practitioner for one in found if kind in {None, self.kind_of(one.agency)}]

    def called(self, practitioner: PractitionerId) -> str | None:
        """What somebody is called who works here or did."""
        row = self._connection.execute(_NAMED, {"id": practitioner}).first()
        return None if row is None else f"{row.name}, {row.job_title}"

    def called_by_actor(self, actor: str) -> str:
        """Who did something: by name, or as which account of the system."""
        kind, _, who = actor.partition(":")
        if kind == "practitioner":
            return self.called(PractitionerId(who)) or "somebody who works here no more"
        return f"the system account {who}" if kind == "operator" else "Tell Once itself"

    def agency_kind_of(self, practitioner: PractitionerId) -> Source | None:
        """In what sort of agency somebody works; None for nobody who is here."""
        found = self.practitioner(practitioner)
        return None if found is None else found.agency_kind

    def count_of(self, role: Role) -> int:
        """How many have this role."""
        rows = self._connection.execute(_IN_ROLE, {"role": role.value, "now": self._at})
        return sum(self._bound.holds(MEMBERSHIPS, row) for row in rows)

    def entries_for(self, workers: Collection[str], agencies: Collection[str]) -> Directory:
        """These workers, by their agencies' own ids, and on what and when these agencies answer.

        An id that two agencies use says nothing of who is meant: it is left out.
        """
        rows = self._agencies_to_ring(agencies) if agencies else ()
        here = [row for row in rows if row.school is None]
        return Directory(
            self._workers(workers) if workers else {},
            {row.agency_code: row.telephone for row in here if row.telephone},
            {row.agency_code: row.hours for row in here if row.hours},
            {row.agency_code: (row.school, row.telephone) for row in rows if row.school},
        )

    def _workers(self, refs: Collection[str]) -> dict[str, tuple[str, str, str | None]]:
        rows = self._connection.execute(_WORKERS, {"workers": list(refs), "now": self._at})
        named = [row for row in rows if self._holds(row)]
        times = Counter(row.m_worker_ref for row in named)
        return {
            row.m_worker_ref: (row.name, row.job_title, row.telephone)
            for row in named
            if times[row.m_worker_ref] == 1
        }

    def _agencies_to_ring(self, agencies: Collection[str]) -> Sequence[Row[Any]]:
        return list(self._connection.execute(TELEPHONES, {"agencies": list(agencies)}))

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
        rows = self._connection.execute(SOURCES_HEARD)
        return {Source(row.source): Heard(row.last_received_at, row.failing_since) for row in rows}

    def _holds(self, row: Row[tuple[object, ...]]) -> bool:
        return self._bound.holds(MEMBERSHIPS, row, "m")


def _agency(row: Row[tuple[object, ...]]) -> Agency:
    return Agency(row.code, row.name, Source(row.kind), row.telephone, row.hours)


def practitioner_in(row: Row[tuple[object, ...]]) -> SignedInPractitioner:
    """Who stands in a row of PRACTITIONERS."""
    return SignedInPractitioner(
        id=PractitionerId(row.m_practitioner_id),
        name=row.name,
        role=Role(row.m_role),
        job_title=row.job_title,
        agency_code=row.m_agency_code,
        agency_name=row.agency_name,
        agency_kind=Source(row.agency_kind),
        purpose=Purpose(row.purpose),
        also=frozenset(map(PractitionerId, row.also)),
    )


# Practitioners by name: whom a family may name, and whom it has named.

_KNOWN = text(f"""
    {PRACTITIONERS} AND (m.practitioner_id = ANY(:ids) OR m.worker_ref = ANY(:refs))
    ORDER BY p.name, m.practitioner_id
""")


class PostgresColleagues:
    """The directory's practitioners as one transaction sees them at one moment."""

    def __init__(self, connection: Connection, at: datetime, bound: BoundRows) -> None:
        self._connection = connection
        self._at = at
        self._bound = bound

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
        wanted = {"ids": list(ids), "refs": list(refs), "now": self._at}
        rows = self._connection.execute(_KNOWN, wanted)
        return [practitioner_in(row) for row in rows if self._bound.holds(MEMBERSHIPS, row, "m")]

"""Whom to ring about what a source says of somebody, in PostgreSQL."""

from collections.abc import Collection

from sqlalchemy import Connection, text

from schemas.identifiers import PersonId
from schemas.vocabulary import Source
from services.portal.steward_ports import AgencyToRing, SourceToRing

_MOST = 10
_WORKING_WITH = text("""
    SELECT DISTINCT a.name, a.telephone FROM agency a JOIN case_load c USING (agency_code)
    WHERE a.kind = :kind AND c.person_id = ANY(:persons) ORDER BY a.name LIMIT :most
""")
_ALL = text("SELECT name, telephone FROM agency WHERE kind = :kind ORDER BY name LIMIT :most")


def source_to_ring(
    connection: Connection, source: Source, persons: Collection[PersonId]
) -> SourceToRing:
    """The agencies of this kind that work with these people; where none is known to, all."""
    wanted = {"kind": source.value, "most": _MOST}
    found = connection.execute(_WORKING_WITH, {**wanted, "persons": sorted(persons)}).all()
    rows = found or connection.execute(_ALL, wanted).all()
    return SourceToRing(source, tuple(AgencyToRing(row.name, row.telephone) for row in rows))

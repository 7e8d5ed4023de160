"""For which practitioners a partner may speak, by the directory of those who work here."""

from collections.abc import Collection

from sqlalchemy import Connection, text

from schemas.identifiers import PractitionerId
from schemas.vocabulary import OPENS_FAMILY_RECORDS

_FIND = text("""
    SELECT practitioner_id, role FROM practitioner
    WHERE (practitioner_id = :name OR worker_ref = :name) AND agency_code = ANY(:agencies)
    LIMIT 2
""")


class PostgresPractitioners:
    """services.partners.acting.Practitioners."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, name: str, agencies: Collection[str]) -> PractitionerId | None:
        """The one practitioner of these agencies with this opaque id, or their agency's own."""
        rows = self._connection.execute(_FIND, {"name": name, "agencies": list(agencies)}).all()
        found = [PractitionerId(row.practitioner_id) for row in rows if opens_records(row.role)]
        return found[0] if len(rows) == 1 and found else None


def opens_records(role: str) -> bool:
    """Whether somebody in this role opens families' records on pages, and so by a partner too."""
    return role in OPENS_FAMILY_RECORDS

"""Practitioners by name: whom a family may name, and whom it has named."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, text

from schemas.identifiers import PractitionerId
from services.adapters.directory import practitioner_from_row
from services.portal.people import SignedInPractitioner

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

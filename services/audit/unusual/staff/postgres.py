"""The list of staff in PostgreSQL: hashes and days, written whole."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, text

from services.audit.unusual.model import OnStaffList
from services.platform.database.engine import Blobs

_KNOWN_STAFF = text("SELECT practitioner_id FROM practitioner")
_LISTED = text("SELECT practitioner_id FROM staff_list")
_CLEAR = text("DELETE FROM staff_list")
_LIST = text("""
    INSERT INTO staff_list (practitioner_id, surnames, postcodes, places, team, leave_from,
                            leave_to, duty, import_id)
    VALUES (:practitioner, :surnames, :postcodes, :places, :team, :leave_from, :leave_to, :duty,
            :import)
""")


class PostgresStaffList:
    """The list as one transaction of the database's owner writes it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def known(self) -> frozenset[str]:
        """Every practitioner of the directory."""
        return frozenset(self._connection.execute(_KNOWN_STAFF).scalars())

    def listed(self) -> frozenset[str]:
        """Who is on the list now."""
        return frozenset(self._connection.execute(_LISTED).scalars())

    def replace(self, rows: Sequence[OnStaffList], import_id: str) -> None:
        """Let this be the list; what was there before is gone."""
        self._connection.execute(_CLEAR)
        if rows:
            self._connection.execute(_LIST, [_values(row, import_id) for row in rows])


def _values(row: OnStaffList, import_id: str) -> Mapping[str, object]:
    return {
        "practitioner": row.practitioner,
        "surnames": Blobs(sorted(row.surnames)),
        "postcodes": Blobs(sorted(row.postcodes)),
        "places": Blobs(sorted(row.places)),
        "team": row.team or b"",
        "leave_from": [first for first, _ in row.leave],
        "leave_to": [last for _, last in row.leave],
        "duty": sorted(row.duty),
        "import": import_id,
    }

"""Who works where and as what, in PostgreSQL: a row a state, bound to the ledger, never changed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, text

from schemas.identifiers import PractitionerId
from schemas.vocabulary import Role
from services.ledger.bound_tables import MEMBERSHIPS
from services.ledger.postgres_bound import BoundRows
from services.people.practitioners.memberships import Membership
from services.platform.errors import ServiceUnavailableError


def member(alias: str) -> str:
    """What a query asks of a membership: that its holder is here at `:now`.

    It is the newest known then, not over, and not suspended. Whoever reads it asks
    `BoundRows.holds` before it counts for anything.
    """
    return f"{enrolled(alias)} AND {alias}.suspended_at IS NULL"


def enrolled(alias: str) -> str:
    """The same, also of one that is suspended: what is theirs stays theirs, and nobody else's."""
    return f"""
        {alias}.known_at <= :now AND ({alias}.until IS NULL OR {alias}.until > :now)
        AND NOT EXISTS (SELECT FROM membership later
                        WHERE later.practitioner_id = {alias}.practitioner_id
                          AND later.state > {alias}.state AND later.known_at <= :now)
    """


_NEWEST = text("""
    SELECT * FROM membership WHERE practitioner_id = :practitioner ORDER BY state DESC LIMIT 1
""")
_OF_AGENCY = text(f"""
    SELECT m.* FROM membership m WHERE m.agency_code = :agency AND {member("m")}
    ORDER BY m.since, m.practitioner_id
""")  # noqa: S608 of constant parts
_NAMESAKES = text(f"""
    SELECT m.*, p.name AS called FROM membership m JOIN practitioner p USING (practitioner_id)
    WHERE {member("m")}
""")  # noqa: S608 as above
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('staff of ' || :agency, 0))")


class PostgresMemberships:
    """Memberships as one transaction sees them at one moment."""

    def __init__(self, connection: Connection, at: datetime, bound: BoundRows) -> None:
        self._connection = connection
        self._at = at
        self._bound = bound

    def lock(self, agency: str) -> None:
        """Let nobody else change who works in an agency until commit."""
        self._connection.execute(_LOCK, {"agency": agency})

    def newest(self, practitioner: PractitionerId) -> Membership | None:
        """The newest state of somebody, whether or not it is over; None where there is none.

        One that is not as it was written counts as over, so that the next state can follow it.
        """
        row = self._connection.execute(_NEWEST, {"practitioner": practitioner}).first()
        if row is None:
            return None
        found = _membership(row)
        return found if self._bound.holds(MEMBERSHIPS, row) else found.ended(found.since)

    def of(self, agency: str) -> Sequence[Membership]:
        """Who works in an agency now, the longest first."""
        rows = self._connection.execute(_OF_AGENCY, {"agency": agency, "now": self._at})
        return [_membership(row) for row in rows if self._bound.holds(MEMBERSHIPS, row)]

    def everybody(self) -> Sequence[tuple[Membership, str]]:
        """Who works anywhere now, each with their name."""
        rows = self._connection.execute(_NAMESAKES, {"now": self._at})
        return [
            (_membership(row), row.called) for row in rows if self._bound.holds(MEMBERSHIPS, row)
        ]

    def add(self, membership: Membership) -> None:
        """Write a state. Raises ServiceUnavailableError where another came first."""
        row = {
            "practitioner_id": membership.practitioner,
            "state": membership.state,
            "agency_code": membership.agency,
            "role": membership.role.value,
            "worker_ref": membership.worker_ref,
            "since": membership.since,
            "until": membership.until,
            "asked_by": membership.asked_by,
            "warranted_by": membership.warranted_by,
            "known_at": self._at,
            "suspended_at": membership.suspended_at,
        }
        if not self._bound.add(MEMBERSHIPS, [(row, membership.warranted_by)]):
            raise ServiceUnavailableError("another change of this membership came first; try again")


def _membership(row: Row[tuple[object, ...]]) -> Membership:
    return Membership(
        PractitionerId(row.practitioner_id),
        row.agency_code,
        Role(row.role),
        row.worker_ref,
        row.since,
        row.asked_by,
        row.warranted_by,
        row.until,
        row.state,
        row.suspended_at,
    )

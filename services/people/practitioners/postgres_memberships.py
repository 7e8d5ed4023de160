"""Who works where and as what, in PostgreSQL: a row a state, bound to the ledger, never changed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, text

from schemas.identifiers import PractitionerId
from schemas.vocabulary import Role
from services.ledger.bound_tables import MEMBERSHIPS
from services.ledger.postgres_bound import BoundRows
from services.people.practitioners.memberships import Membership, StandingStaff
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
_LEADS = text(f"""
    SELECT m.* FROM membership m
    WHERE m.agency_code = :agency AND m.role = :role AND {member("m")}
    ORDER BY m.since, m.practitioner_id
""")  # noqa: S608 as above
_IN_ROLE = text(f"SELECT m.* FROM membership m WHERE m.role = :role AND {member('m')}")  # noqa: S608 as above
_ENROLLED = text(f"""
    SELECT m.* FROM membership m WHERE m.agency_code = :agency AND {enrolled("m")}
    ORDER BY m.since, m.practitioner_id
""")  # noqa: S608 as above
_PAGE = text(f"""
    SELECT m.*, p.name AS called, p.job_title FROM membership m JOIN practitioner p
        ON p.practitioner_id = m.practitioner_id
    WHERE m.agency_code = :agency AND {enrolled("m")}
      AND (CAST(:after AS text) IS NULL OR (p.name, p.practitioner_id) > (
          SELECT name, practitioner_id FROM practitioner WHERE practitioner_id = :after))
    ORDER BY p.name, p.practitioner_id LIMIT :most
""")  # noqa: S608 as above
# Also what another transaction has written after this one's moment: whoever waited for the lock is
# compared with whom it let in.
_EVERYBODY = text("""
    SELECT m.*, p.name AS called FROM membership m JOIN practitioner p USING (practitioner_id)
    WHERE (m.until IS NULL OR m.until > :now)
      AND NOT EXISTS (SELECT FROM membership later WHERE later.practitioner_id = m.practitioner_id
                      AND later.state > m.state)
    ORDER BY m.practitioner_id
""")
_HISTORY = text("SELECT * FROM membership WHERE practitioner_id = :practitioner ORDER BY state")
_EVER = text("SELECT count(DISTINCT practitioner_id) FROM membership WHERE role = :role")
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('staff', 0))")


class PostgresMemberships:
    """Memberships as one transaction sees them at one moment."""

    def __init__(self, connection: Connection, at: datetime, bound: BoundRows) -> None:
        self._connection = connection
        self._at = at
        self._bound = bound
        self._standing: StandingStaff | None = None
        self._leads: dict[str, Sequence[Membership]] = {}
        self._is_locked = False

    def lock(self) -> None:
        """Let nobody else change who works anywhere until commit.

        By two accounts, each of another agency, somebody may come to be what does not go together.
        """
        if not self._is_locked:
            self._connection.execute(_LOCK)
            self._forget()
        self._is_locked = True

    def newest(self, practitioner: PractitionerId) -> Membership | None:
        """The newest state of somebody, whether or not it is over; None where there is none.

        One that is not as it was written counts as over, so that the next state can follow it.
        """
        row = self._connection.execute(_NEWEST, {"practitioner": practitioner}).first()
        if row is None:
            return None
        found = _membership(row)
        return found if self._bound.holds(MEMBERSHIPS, row) else found.ended(found.since)

    def of(self, agency: str, *, also_suspended: bool = False) -> Sequence[Membership]:
        """Who works in an agency now, the longest first."""
        query = _ENROLLED if also_suspended else _OF_AGENCY
        rows = self._connection.execute(query, {"agency": agency, "now": self._at})
        return [_membership(row) for row in rows if self._bound.holds(MEMBERSHIPS, row)]

    def leads_of(self, agency: str) -> Sequence[Membership]:
        """Who leads an agency now, the longest first; read once until something is written.

        A list of staff asks for each of its rows, and an agency has thousands who are no leads.
        """
        if agency not in self._leads:
            wanted = {"agency": agency, "role": Role.LEAD_PRACTITIONER.value, "now": self._at}
            rows = self._connection.execute(_LEADS, wanted)
            holding = [row for row in rows if self._bound.holds(MEMBERSHIPS, row)]
            self._leads[agency] = [_membership(row) for row in holding]
        return self._leads[agency]

    def in_role(self, role: Role) -> Sequence[Membership]:
        """Who has this role in any agency now."""
        rows = self._connection.execute(_IN_ROLE, {"role": role.value, "now": self._at})
        return [_membership(row) for row in rows if self._bound.holds(MEMBERSHIPS, row)]

    def page_of(
        self, agency: str, *, after: PractitionerId | None, most: int
    ) -> Sequence[tuple[Membership, str, str]]:
        """Who works in an agency by name, suspended or not, with name and job title.

        `after` is who was the last on the page before.
        """
        wanted = {"agency": agency, "now": self._at, "after": after, "most": most}
        rows = self._connection.execute(_PAGE, wanted)
        return [
            (_membership(row), row.called, row.job_title)
            for row in rows
            if self._bound.holds(MEMBERSHIPS, row)
        ]

    def everybody(self) -> Sequence[tuple[Membership, str]]:
        """Who works anywhere now, suspended or not, each with their name."""
        rows = self._connection.execute(_EVERYBODY, {"now": self._at})
        return [
            (_membership(row), row.called) for row in rows if self._bound.holds(MEMBERSHIPS, row)
        ]

    def standing(self) -> StandingStaff:
        """The same, to compare with; read once until something is written."""
        if self._standing is None:
            self._standing = StandingStaff(self.everybody())
        return self._standing

    def history(self, practitioner: PractitionerId) -> Sequence[Membership]:
        """Every state of somebody that is as it was written, the first first."""
        rows = self._connection.execute(_HISTORY, {"practitioner": practitioner})
        return [_membership(row) for row in rows if self._bound.holds(MEMBERSHIPS, row)]

    def count_ever(self, role: Role) -> int:
        """How many have this role or ever had it, also by a state that was changed since."""
        return int(self._connection.execute(_EVER, {"role": role.value}).scalar_one())

    def add(self, membership: Membership) -> None:
        """Write a state. Raises ServiceUnavailableError where another came first."""
        self._forget()
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

    def _forget(self) -> None:
        """What was read may be so no more: somebody else held the lock, or something is written."""
        self._standing = None
        self._leads.clear()


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

"""The lists of safeguarding leads in PostgreSQL: a row a state, never changed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, text

from schemas.identifiers import PractitionerId
from schemas.vocabulary import OPENS_FAMILY_RECORDS
from services.ledger.bound_tables import LEADS, MEMBERSHIPS
from services.ledger.postgres_bound import BoundRows
from services.people.practitioners.postgres_memberships import member
from services.people.relationships.leads import SafeguardingLead, WhyNoLead
from services.platform.errors import ServiceUnavailableError

_FIND = text("""
    SELECT * FROM safeguarding_lead
    WHERE agency_code = :agency AND practitioner_id = :practitioner ORDER BY state DESC LIMIT 1
""")
_LISTED = text("""
    SELECT l.* FROM safeguarding_lead l
    WHERE l.agency_code = :agency AND l.since <= :now AND (l.until IS NULL OR l.until > :now)
      AND NOT EXISTS (SELECT FROM safeguarding_lead later
                      WHERE later.practitioner_id = l.practitioner_id
                        AND later.agency_code = l.agency_code AND later.state > l.state)
    ORDER BY l.since, l.practitioner_id
""")
_MEMBER = text(f"""
    SELECT m.* FROM membership m
    WHERE m.practitioner_id = :practitioner AND m.agency_code = :agency AND {member("m")}
""")  # noqa: S608 of constant parts


class PostgresLeads:
    """services.people.relationships.leads.Leads over one transaction."""

    def __init__(self, connection: Connection, at: datetime, bound: BoundRows) -> None:
        self._connection = connection
        self._at = at
        self._bound = bound

    def find(self, agency: str, practitioner: PractitionerId) -> SafeguardingLead | None:
        """One practitioner of a list as it stands."""
        row = self._connection.execute(
            _FIND, {"agency": agency, "practitioner": practitioner}
        ).first()
        return _lead(row) if row is not None and self._bound.holds(LEADS, row) else None

    def of(self, agency: str) -> Sequence[SafeguardingLead]:
        """Who is on the list now, the longest first."""
        rows = self._connection.execute(_LISTED, {"agency": agency, "now": self._at})
        return [_lead(row) for row in rows if self._bound.holds(LEADS, row)]

    def add(self, lead: SafeguardingLead) -> None:
        """Write a state."""
        row = {
            "practitioner_id": lead.practitioner,
            "agency_code": lead.agency,
            "state": lead.state,
            "since": lead.since,
            "until": lead.until,
            "asked_by": lead.asked_by,
            "warranted_by": lead.warranted_by,
            "known_at": self._at,
        }
        if not self._bound.add(LEADS, [(row, lead.warranted_by)]):
            raise ServiceUnavailableError("another change of this list came first; try again")

    def why_not(self, agency: str, practitioner: PractitionerId) -> WhyNoLead | None:
        """What keeps a practitioner from being a lead of the agency, if anything does."""
        wanted = {"agency": agency, "practitioner": practitioner, "now": self._at}
        row = self._connection.execute(_MEMBER, wanted).first()
        if row is None or not self._bound.holds(MEMBERSHIPS, row):
            return WhyNoLead.NOT_OF_THE_AGENCY
        return None if row.role in OPENS_FAMILY_RECORDS else WhyNoLead.OPENS_NO_RECORDS


def _lead(row: Row[tuple[object, ...]]) -> SafeguardingLead:
    return SafeguardingLead(
        row.agency_code,
        PractitionerId(row.practitioner_id),
        row.since,
        row.asked_by,
        row.warranted_by,
        row.until,
        row.state,
    )

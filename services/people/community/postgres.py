"""Partners' registrations in PostgreSQL, as one transaction sees them: sealed, a row a state."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, text

from services.ledger.bound_tables import COMMUNITY_PARTNERS
from services.ledger.postgres_bound import BoundRows
from services.people.community.model import PartnerRegistration, PartnerStanding
from services.platform.errors import ServiceUnavailableError
from services.platform.keys.sealing import open_at_rest, seal_at_rest

_STANDING: Final = text("""
    SELECT DISTINCT ON (p.partner_code) p.*, who.sealed
    FROM community_partner AS p LEFT JOIN community_people AS who USING (partner_code, state)
    WHERE CAST(:partner AS text) IS NULL OR p.partner_code = :partner
    ORDER BY p.partner_code, p.state DESC
""")
_ADD_PEOPLE: Final = text("""
    INSERT INTO community_people (partner_code, state, sealed) VALUES (:partner, :state, :sealed)
""")
_HAS_SYSTEM: Final = text("""
    SELECT EXISTS (SELECT FROM partner WHERE answers_for = :partner AND suspended_at IS NULL)
""")
_AGENCY: Final = text("SELECT agency_code FROM directory_partner WHERE partner_code = :partner")
# Those whose last state is that old: who is asked to confirm is looked for every few seconds.
_SINCE: Final = text("""
    SELECT partner_code FROM community_partner GROUP BY partner_code
    HAVING max(known_at) <= :before ORDER BY partner_code
""")
_LISTED: Final = text("SELECT EXISTS (SELECT FROM directory_partner WHERE partner_code = :partner)")
_EVER: Final = text("SELECT EXISTS (SELECT FROM community_partner WHERE partner_code = :partner)")
_LOCK: Final = text("""
    SELECT pg_advisory_xact_lock(hashtextextended('community partner ' || :partner, 0))
""")
_PROPOSE: Final = text("""
    INSERT INTO community_proposal (proposal_id, partner_code, sealed, proposed_at)
    VALUES (:id, :partner, :sealed, :at)
""")
_PROPOSAL: Final = text("""
    SELECT partner_code, sealed FROM community_proposal WHERE proposal_id = :id
""")
_FORGET: Final = text("DELETE FROM community_proposal WHERE proposal_id = :id")


@dataclass(frozen=True, slots=True, repr=False)
class ProposedRegistration:
    """What is asked for of which partner."""

    partner: str
    registration: PartnerRegistration


class PostgresCommunity:
    """Registrations. One that the ledger does not vouch for is none: nobody is reached by it."""

    def __init__(self, connection: Connection, bound: BoundRows, key: bytes) -> None:
        self._connection = connection
        self._bound = bound
        self._key = key

    def digest(self, content: bytes) -> bytes:
        """By what a registration is known to be as it was: keyed, as it holds numbers."""
        return hmac.digest(self._key, b"community-partner:" + content, "sha256")

    def is_listed(self, partner: str) -> bool:
        """Whether the directory knows such a partner."""
        return bool(self._connection.execute(_LISTED, {"partner": partner}).scalar_one())

    def was_registered(self, partner: str) -> bool:
        """Whether anybody ever was, whatever became of it."""
        return bool(self._connection.execute(_EVER, {"partner": partner}).scalar_one())

    def agency_of(self, partner: str) -> str | None:
        """Whose people work for it, if it is an agency here."""
        found: str | None = self._connection.execute(_AGENCY, {"partner": partner}).scalar()
        return found

    def unchanged_since(self, before: datetime) -> Sequence[str]:
        """The codes of those of whom nothing was confirmed or changed since then."""
        return list(self._connection.execute(_SINCE, {"before": before}).scalars())

    def has_system(self, partner: str) -> bool:
        """Whether a system of its own, which is let in, asks for its requests by itself."""
        return bool(self._connection.execute(_HAS_SYSTEM, {"partner": partner}).scalar_one())

    def lock(self, partner: str) -> None:
        """Against anybody else who registers this partner."""
        self._connection.execute(_LOCK, {"partner": partner})

    def standing(self, partner: str) -> PartnerStanding | None:
        """How a partner stands."""
        rows = self._connection.execute(_STANDING, {"partner": partner}).all()
        return self._standing(rows[0]) if rows else None

    def all_standing(self) -> Sequence[PartnerStanding]:
        """How all of them stand, by code."""
        rows = self._connection.execute(_STANDING, {"partner": None}).all()
        return [one for row in rows if (one := self._standing(row)) is not None]

    def add(self, standing: PartnerStanding, *, by: str) -> None:
        """Keep the next state."""
        content = standing.registration.as_bytes()
        row = {
            "partner_code": standing.partner,
            "state": standing.state,
            "people": self.digest(content),
            "is_commissioned": standing.registration.is_commissioned,
            "asked_by": standing.asked_by,
            "warranted_by": standing.warranted_by,
            "order_id": standing.order,
            "known_at": standing.known_at,
        }
        if not self._bound.add(COMMUNITY_PARTNERS, [(row, by)]):
            raise ServiceUnavailableError("another registration came first; try again")
        bound_to = _bound_to(standing.partner, standing.state)
        sealed = seal_at_rest(self._key, content, bound_to=bound_to)
        values = {"partner": standing.partner, "state": standing.state, "sealed": sealed}
        self._connection.execute(_ADD_PEOPLE, values)

    def propose(self, proposal: str, partner: str, content: bytes, *, at: datetime) -> None:
        """Keep what is asked for until it is answered."""
        sealed = seal_at_rest(self._key, content, bound_to=f"community-proposal:{proposal}")
        values = {"id": proposal, "partner": partner, "sealed": sealed, "at": at}
        self._connection.execute(_PROPOSE, values)

    def proposal(self, proposal: str) -> tuple[str, bytes] | None:
        """For which partner something is asked, and what."""
        row = self._connection.execute(_PROPOSAL, {"id": proposal}).first()
        if row is None:
            return None
        bound_to = f"community-proposal:{proposal}"
        return row.partner_code, open_at_rest(self._key, bytes(row.sealed), bound_to=bound_to)

    def proposed(self, proposal: str) -> ProposedRegistration | None:
        """The same, read: for whoever has to confirm it."""
        found = self.proposal(proposal)
        if found is None:
            return None
        return ProposedRegistration(found[0], PartnerRegistration.from_bytes(found[1]))

    def forget_proposal(self, proposal: str) -> None:
        """It is answered."""
        self._connection.execute(_FORGET, {"id": proposal})

    def _standing(self, row: Row[Any]) -> PartnerStanding | None:
        if row.sealed is None or not self._bound.holds(COMMUNITY_PARTNERS, row):
            return None
        bound_to = _bound_to(row.partner_code, row.state)
        content = open_at_rest(self._key, bytes(row.sealed), bound_to=bound_to)
        if not hmac.compare_digest(self.digest(content), bytes(row.people)):
            return None
        return PartnerStanding(
            row.partner_code,
            row.state,
            PartnerRegistration.from_bytes(content),
            row.asked_by,
            row.warranted_by,
            row.order_id,
            row.known_at,
        )


def _bound_to(partner: str, state: int) -> str:
    return f"community-partner:{partner}:{state}"

"""Who is tied to whom, by what sources hold for deciding and for ringing back; in PostgreSQL."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, text

from schemas.identifiers import PersonId
from services.ledger.bound_tables import CONTACTS
from services.ledger.postgres_bound import BoundRows
from services.people.family_access.contacts import HeldOf, only_theirs
from services.people.presence.postgres_contacts_held import LATEST

HOLDING = text(f"""
    SELECT h.* FROM contact_held h
    WHERE h.contact = :contact AND h.until IS NULL AND {LATEST}
""")  # noqa: S608 of constant parts
CHILDREN_OF = text("""
    SELECT DISTINCT f.person_id FROM decider_fact f JOIN person p USING (person_id)
    WHERE f.other_person_id = ANY(:persons) AND f.sealed IS NOT NULL
        AND p.wrapped_key IS NOT NULL AND p.left_behind_at IS NULL
    ORDER BY f.person_id
""")
_WARRANT = text("""
    SELECT c.person_id, c.warrant, code.contact FROM presence_confirmed c
    LEFT JOIN presence_code code ON code.code_id = c.reference
    WHERE c.presence_id = :presence
""")


@dataclass(frozen=True, slots=True)
class ConfirmedBy:
    """Who was confirmed to be there, by what hand, and to which contact a code went."""

    person: PersonId
    warrant: str
    contact: bytes | None


class PostgresFamilyTies:
    """Ties as one transaction sees them; of what the ledger does not vouch for, none."""

    def __init__(self, connection: Connection, bound: BoundRows) -> None:
        self._connection = connection
        self._bound = bound

    def is_of_one(self, contact: bytes, persons: Collection[PersonId]) -> bool:
        """Whether everybody who holds this contact means the one whom `persons` are."""
        rows = self._connection.execute(HOLDING, {"contact": contact}).all()
        held = [
            HeldOf(
                PersonId(row.person_id),
                row.held_as,
                None if row.other_person_id is None else PersonId(row.other_person_id),
            )
            for row in rows
        ]
        children = self.children_of(persons)
        # One row that was changed makes all of it doubtful.
        doubtful = [row for row in rows if not self._bound.holds(CONTACTS, row)]
        return only_theirs(held, persons, children) and not doubtful

    def children_of(self, persons: Collection[PersonId]) -> Collection[PersonId]:
        """In whose records a source names one of these as having responsibility."""
        found = self._connection.execute(CHILDREN_OF, {"persons": sorted(persons)}).scalars()
        return [PersonId(one) for one in found]

    def confirmed_by(self, presence: str) -> ConfirmedBy | None:
        """By what hand a visit was confirmed."""
        row = self._connection.execute(_WARRANT, {"presence": presence}).first()
        if row is None:
            return None
        contact = None if row.contact is None else bytes(row.contact)
        return ConfirmedBy(PersonId(row.person_id), row.warrant, contact)

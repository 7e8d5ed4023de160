"""How people want to be reached, in PostgreSQL: a row a state; of the contact its keyed hash alone.

A message goes only to a contact that sources hold as theirs: whoever changed a row could send to
nobody else, and so the rows are not sealed.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from schemas.identifiers import PersonId
from schemas.records.payloads import Telecom
from services.people.presence.contacts import contact_from
from services.people.presence.postgres_contacts_held import contact_digest
from services.platform.keys.hashing import KeyedHasher
from services.platform.messages.ports import Message, MessageChannel

_NEWEST = text("""
    SELECT * FROM family_reach WHERE access_id = :access ORDER BY state DESC LIMIT 1
""")
_WRITE = text("""
    INSERT INTO family_reach (access_id, state, person_id, contact, times, known_at)
    VALUES (:access, :state, :person, :contact, :times, :at)
""")
_SIGNED_IN = text("""
    SELECT opened_at FROM family_session WHERE access_id = :access
    ORDER BY opened_at DESC LIMIT :most
""")
_MARKED = text("SELECT EXISTS (SELECT FROM contact_mark WHERE contact = :contact AND kind = :kind)")
_MOST = 5
UNSAFE = "unsafe"
_SYSTEMS = {MessageChannel.EMAIL: "email", MessageChannel.SMS: "phone"}


@dataclass(frozen=True, slots=True)
class FamilyReach:
    """One state: the keyed hash of where messages go (None for none), and when they may come."""

    access: str
    state: int
    person: PersonId
    contact: bytes | None
    times: tuple[str, ...]
    known_at: datetime


class PostgresFamilyReach:
    """What people chose, as one transaction sees it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, access: str) -> FamilyReach | None:
        """What holds now; None where nothing was ever chosen: then nothing is sent."""
        row = self._connection.execute(_NEWEST, {"access": access}).first()
        if row is None:
            return None
        contact = None if row.contact is None else bytes(row.contact)
        return FamilyReach(
            row.access_id,
            row.state,
            PersonId(row.person_id),
            contact,
            tuple(row.times),
            row.known_at,
        )

    def write(self, reach: FamilyReach) -> None:
        """Keep the next state. Raises ServiceUnavailableError where another came first."""
        row = {
            "access": reach.access,
            "state": reach.state,
            "person": reach.person,
            "contact": reach.contact,
            "times": list(reach.times),
            "at": reach.known_at,
        }
        self._connection.execute(_WRITE, row)

    def signed_in(self, access: str) -> list[datetime]:
        """When they signed in, the last first, as far back as sessions are kept."""
        wanted = {"access": access, "most": _MOST}
        return list(self._connection.execute(_SIGNED_IN, wanted).scalars())


def is_not_safe(message: Message, connection: Connection, hasher: KeyedHasher) -> bool:
    """Whether somebody said that it is not safe to ring or write where this message would go."""
    system = _SYSTEMS.get(message.channel)
    contact = None if system is None else contact_from(Telecom(system, message.to))
    if contact is None:
        return False
    wanted = {"contact": contact_digest(contact, hasher), "kind": UNSAFE}
    return bool(connection.execute(_MARKED, wanted).scalar_one())

"""Accesses, codes and sessions of families in PostgreSQL, as one transaction sees them."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, text

from schemas.identifiers import PersonId, PractitionerId
from services.ledger.bound_tables import FAMILY_ACCESS
from services.ledger.postgres_bound import BoundRows
from services.people.family_access.model import (
    IDLE,
    AccessStanding,
    CodeFor,
    FamilyAccess,
    FamilyCode,
    FamilySession,
)

SEEN_EVERY = timedelta(seconds=10)
_LATEST = """
    NOT EXISTS (SELECT FROM family_access later
                WHERE later.access_id = a.access_id AND later.state > a.state)
"""
_BY_CONTACT = text(f"""
    SELECT a.* FROM family_access a WHERE a.contact = :contact AND {_LATEST}
""")  # noqa: S608 of constant parts
_BY_PERSONS = text(f"""
    SELECT a.* FROM family_access a WHERE a.person_id = ANY(:persons) AND {_LATEST}
    ORDER BY a.known_at, a.access_id
""")  # noqa: S608 as above
ACCESS_BY_ID = text(f"""
    SELECT a.* FROM family_access a WHERE a.access_id = :access AND {_LATEST}
""")  # noqa: S608 as above
# Of two who write the next state at once the second waits, and finds the first's.
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('family access ' || :of, 0))")
# A newer code ends those before it itself: two may be issued at one instant of the clock.
_ISSUE = text("""
    WITH earlier AS (
        UPDATE family_code SET used_at = :created
        WHERE asked = :asked AND use = :use AND used_at IS NULL
    )
    INSERT INTO family_code (code_id, asked, use, code, access_id, person_id, created_at,
                             expires_at)
    VALUES (:id, :asked, :use, :code, :access, :person, :created, :expires)
""")
_NEWEST = text("""
    SELECT * FROM family_code WHERE asked = :asked AND use = :use
    ORDER BY created_at DESC, used_at IS NULL DESC, code_id DESC LIMIT 1 FOR UPDATE
""")
_TRIED = text("UPDATE family_code SET tries = tries + 1 WHERE code_id = :id")
_USED = text("UPDATE family_code SET used_at = :at WHERE code_id = :id")
_OPEN = text("""
    INSERT INTO family_session (secret_hash, session_id, access_id, person_id, csrf_secret,
                                opened_at, code_at, last_seen_at, until)
    VALUES (:hash, :id, :access, :person, :csrf, :at, :at, :at, :until)
""")
SESSION_BEHIND = text("""
    SELECT s.session_id, s.csrf_secret, s.code_at, s.access_id, s.person_id, s.last_seen_at
    FROM family_session s
    WHERE s.secret_hash = :hash AND s.ended_at IS NULL AND s.until > :now
        AND s.opened_at <= :now AND s.last_seen_at > :idle_since
""")
_SEEN = text("""
    UPDATE family_session SET last_seen_at = greatest(last_seen_at, :now) WHERE secret_hash = :hash
""")
_CODE_AT = text("UPDATE family_session SET code_at = :now WHERE session_id = :session")
_END = text("""
    UPDATE family_session SET ended_at = :now
    WHERE ended_at IS NULL AND (session_id = :session OR access_id = :access)
        AND opened_at <= :before
    RETURNING session_id
""")
_GONE = (
    text("DELETE FROM presence_code WHERE created_at < :before"),
    text("DELETE FROM family_code WHERE created_at < :before"),
    text("DELETE FROM family_session WHERE until < :before"),
    text("DELETE FROM family_copy WHERE until < :before"),
)


def forget_ended(connection: Connection, before: datetime) -> int:
    """Delete codes, those of visits too, and sessions that open nothing any more; how many went."""
    return sum(connection.execute(each, {"before": before}).rowcount for each in _GONE)


class PostgresFamilyAccess:
    """What is kept of the family's own door. A row that the ledger does not vouch for is off."""

    def __init__(self, connection: Connection, bound: BoundRows) -> None:
        self._connection = connection
        self._bound = bound

    # Accesses.

    def by_contact(self, contact: bytes) -> Sequence[FamilyAccess]:
        """Every access that this contact signs in to, as it stands."""
        return self._accesses(self._connection.execute(_BY_CONTACT, {"contact": contact}).all())

    def of(self, persons: Collection[PersonId]) -> Sequence[FamilyAccess]:
        """Every access of these, as it stands, in the order in which they were given."""
        wanted = {"persons": sorted(persons)}
        return self._accesses(self._connection.execute(_BY_PERSONS, wanted).all())

    def find(self, access: str) -> FamilyAccess | None:
        """One access as it stands."""
        found = self._accesses(self._connection.execute(ACCESS_BY_ID, {"access": access}).all())
        return found[0] if found else None

    def lock(self, access: str) -> FamilyAccess | None:
        """The same, against anybody else who changes it."""
        self._connection.execute(_LOCK, {"of": access})
        return self.find(access)

    def lock_person(self, person: PersonId) -> None:
        """Against anybody else who gives this person access."""
        self._connection.execute(_LOCK, {"of": person})

    def write(self, access: FamilyAccess, *, by: str) -> None:
        """Keep a new access, or its next state."""
        row = {
            "access_id": access.id,
            "state": access.state,
            "person_id": access.person,
            "contact": access.contact,
            "standing": access.standing.value,
            "given_by": access.given_by,
            "agency_code": access.agency,
            "warrant": access.warrant,
            "presence": access.presence,
            "because": access.because,
            "lapses_at": access.lapses_at,
            "known_at": access.known_at,
        }
        self._bound.add(FAMILY_ACCESS, [(row, by)])

    def _accesses(self, rows: Sequence[Row[tuple[object, ...]]]) -> Sequence[FamilyAccess]:
        return [_access(row) for row in rows if self._bound.holds(FAMILY_ACCESS, row)]

    # Codes.

    def issue(self, code: FamilyCode) -> None:
        """Keep a code's keyed hash, whomever it went to."""
        self._connection.execute(
            _ISSUE,
            {
                "id": code.id,
                "asked": code.asked,
                "use": code.use.value,
                "code": code.code,
                "access": code.access,
                "person": code.person,
                "created": code.created_at,
                "expires": code.expires_at,
            },
        )

    def newest_code(self, asked: bytes, use: CodeFor) -> FamilyCode | None:
        """The code that counts: one asked for again takes the place of that before."""
        wanted = {"asked": asked, "use": use.value}
        row = self._connection.execute(_NEWEST, wanted).first()
        return None if row is None else _code(row)

    def tried(self, code: FamilyCode) -> None:
        """Count one try."""
        self._connection.execute(_TRIED, {"id": code.id})

    def used(self, code: FamilyCode, *, at: datetime) -> None:
        """It opens nothing again."""
        self._connection.execute(_USED, {"id": code.id, "at": at})

    # Sessions.

    def open(
        self,
        secret_hash: bytes,
        session: FamilySession,
        *,
        at: datetime,
        until: datetime,
    ) -> None:
        """Keep a session by the hash of its secret."""
        self._connection.execute(
            _OPEN,
            {
                "hash": secret_hash,
                "id": session.id,
                "access": session.access.id,
                "person": session.person,
                "csrf": session.csrf_secret,
                "at": at,
                "until": until,
            },
        )

    def session(self, secret_hash: bytes, *, at: datetime) -> FamilySession | None:
        """The session behind a secret, while it and its access last; it is seen with this.

        That it was seen is written once in SEEN_EVERY, so that pages that are asked for at once do
        not wait for one another: it ends so much earlier at most, and never later.
        """
        wanted = {"hash": secret_hash, "now": at, "idle_since": at - IDLE}
        row = self._connection.execute(SESSION_BEHIND, wanted).first()
        access = None if row is None else self.find(row.access_id)
        if row is None or access is None or not access.is_on(at):
            return None
        if at - row.last_seen_at >= SEEN_EVERY:
            self._connection.execute(_SEEN, {"hash": secret_hash, "now": at})
        return FamilySession(row.session_id, access, row.code_at, bytes(row.csrf_secret))

    def code_typed(self, session: str, *, at: datetime) -> None:
        """They typed a code now."""
        self._connection.execute(_CODE_AT, {"session": session, "now": at})

    def end(
        self,
        *,
        at: datetime,
        session: str = "",
        access: str = "",
        opened_before: datetime | None = None,
    ) -> Sequence[str]:
        """End one session, or all of one access up to a moment; gives those that were open."""
        before = opened_before or at
        wanted = {"now": at, "session": session, "access": access, "before": before}
        return list(self._connection.execute(_END, wanted).scalars())


def _access(row: Row[tuple[object, ...]]) -> FamilyAccess:
    return FamilyAccess(
        row.access_id,
        row.state,
        PersonId(row.person_id),
        bytes(row.contact),
        AccessStanding(row.standing),
        PractitionerId(row.given_by),
        row.agency_code,
        row.warrant,
        row.presence,
        row.known_at,
        row.lapses_at,
        row.because,
    )


def _code(row: Row[tuple[object, ...]]) -> FamilyCode:
    return FamilyCode(
        row.code_id,
        bytes(row.asked),
        CodeFor(row.use),
        bytes(row.code),
        row.access_id,
        None if row.person_id is None else PersonId(row.person_id),
        row.created_at,
        row.expires_at,
        row.tries,
        row.used_at,
    )

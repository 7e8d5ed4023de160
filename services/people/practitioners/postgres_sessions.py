"""Sessions as rows in PostgreSQL, so that ending one takes effect at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, text

from schemas.identifiers import PractitionerId
from services.ledger.bound_tables import MEMBERSHIPS, SIGN_IN_ACCOUNTS
from services.ledger.postgres_bound import BoundRows
from services.people.practitioners.people import Session
from services.people.practitioners.postgres_directory import PRACTITIONERS, practitioner_in
from services.people.practitioners.postgres_memberships import member

# Written at most so often: a read costs no write but once a minute.
_SEEN_EVERY = timedelta(minutes=1)

# Where role or agency are not those that the sign-in gave, or the sign-in opens that account no
# more, there is no session any more; nor where its holder was suspended since, though let in again.
_SIGN_IN = """
    LEFT JOIN sign_in_account o ON o.practitioner_id = s.practitioner_id
        AND o.subject_digest = s.subject_digest AND o.known_at <= :now
        AND (o.until IS NULL OR o.until > :now)
        AND NOT EXISTS (SELECT FROM sign_in_account later
                        WHERE later.practitioner_id = o.practitioner_id
                          AND later.subject_digest = o.subject_digest
                          AND later.state > o.state AND later.known_at <= :now)
    WHERE
"""
_NOT_SUSPENDED = """
    AND NOT EXISTS (SELECT FROM membership before
                    WHERE before.practitioner_id = s.practitioner_id
                      AND before.suspended_at > s.signed_in_at AND before.known_at <= :now)
"""
_SESSION = text(
    PRACTITIONERS.replace("SELECT", f"SELECT s.*, {SIGN_IN_ACCOUNTS.selected('o')},", 1)
    .replace("FROM membership m", "FROM session s JOIN membership m USING (practitioner_id)", 1)
    .replace(f"    WHERE {member('m')}", f"{_SIGN_IN} {member('m')}", 1)
    + """
    AND s.secret_hash = :hash AND s.ended_at IS NULL
    AND s.expires_at > :now AND s.last_seen_at > :idle_since
    AND coalesce(s.role, m.role) = m.role
    AND coalesce(s.agency_code, m.agency_code) = m.agency_code
    AND (s.subject_digest IS NULL OR o.state IS NOT NULL)
    """
    + _NOT_SUSPENDED
)
_OPEN = text("""
    INSERT INTO session (secret_hash, session_id, practitioner_id, role, agency_code, csrf_secret,
        provider, subject_digest, provider_session, accounts, admitted, id_token,
        signed_in_at, authenticated_at, last_seen_at, expires_at, conditions_until)
    VALUES (:hash, :session, :practitioner, :role, :agency, :csrf,
        :provider, :subject, :there, :accounts, :admitted, :id_token,
        :signed_in_at, :authenticated_at, :now, :until, :conditions_until)
""")
_SEEN = text("""
    UPDATE session SET last_seen_at = greatest(last_seen_at, :now) WHERE secret_hash = :hash
""")
_ENDED = "RETURNING session_id, practitioner_id, ended_because"
_CLOSE = "UPDATE session SET ended_at = :now, ended_because = :because WHERE ended_at IS NULL AND"
_CLOSE_ONE = text(f"{_CLOSE} secret_hash = :hash {_ENDED}")
_CLOSE_BY_ID = text(f"{_CLOSE} session_id = :session AND practitioner_id = :of {_ENDED}")
_CLOSE_OTHERS = text(f"{_CLOSE} session_id <> :session AND practitioner_id = :of {_ENDED}")
# No session id, or no subject, of the provider stands for all of them. A session of that subject
# whose id there was never told may be the one that is meant.
_CLOSE_THERE = text(f"""
    {_CLOSE} provider = :provider AND signed_in_at <= :begun_by
    AND subject_digest = coalesce(:subject, subject_digest)
    AND (CAST(:there AS bytea) IS NULL OR provider_session = :there
         OR (CAST(:subject AS bytea) IS NOT NULL AND provider_session IS NULL)) {_ENDED}
""")
# What no longer lasts ended when it did, and not when somebody came by it.
_OVER = """
    UPDATE session SET
        ended_at = CASE WHEN least(last_seen_at + :idle, expires_at) <= :now
                        THEN least(last_seen_at + :idle, expires_at) ELSE :now END,
        ended_because = CASE WHEN expires_at <= :now AND expires_at <= last_seen_at + :idle
                             THEN 'over'
                             WHEN last_seen_at + :idle <= :now THEN 'idle' ELSE 'membership' END
    WHERE ended_at IS NULL AND
"""
_LAY_DOWN = text(f"{_OVER} secret_hash = :hash {_ENDED}")
_LAY_DOWN_MANY = text(f"""
    {_OVER} secret_hash IN (
        SELECT secret_hash FROM session WHERE ended_at IS NULL AND last_seen_at <= :now - :idle
        ORDER BY last_seen_at LIMIT :most FOR UPDATE SKIP LOCKED) {_ENDED}
""")  # noqa: S608 as above
_LATELY = text("""
    SELECT practitioner_id, csrf_secret FROM session
    WHERE secret_hash = :hash AND ended_because IN ('idle', 'over') AND ended_at > :after
""")
_LISTED = """
    SELECT s.session_id, s.practitioner_id, p.name, s.provider, s.signed_in_at, s.last_seen_at
    FROM session s JOIN practitioner p USING (practitioner_id)
    WHERE s.ended_at IS NULL AND s.expires_at > :now AND s.last_seen_at > :idle_since
"""
_OF = text(f"{_LISTED} AND s.practitioner_id = :of ORDER BY s.signed_in_at DESC LIMIT :most")
_ALL = text(f"""
    {_LISTED} AND (CAST(:after AS text) IS NULL OR (p.name, s.session_id) > (
        SELECT told.name, last.session_id FROM session last
        JOIN practitioner told USING (practitioner_id) WHERE last.session_id = :after))
    ORDER BY p.name, s.session_id LIMIT :most
""")  # noqa: S608 of constant parts
_WAY = text("SELECT * FROM session WHERE secret_hash = :hash AND ended_at IS NULL")
_ACCEPTED = text("""
    SELECT max(accepted_at) FROM conditions_accepted
    WHERE practitioner_id = :who AND version = :version AND accepted_at <= :now
""")
_ACCEPT = text("""
    INSERT INTO conditions_accepted (practitioner_id, version, accepted_at)
    VALUES (:who, :version, :now) ON CONFLICT DO NOTHING
""")
# A session that ended by itself is known for another hour, for what was typed in it.
_FORGET = text("DELETE FROM session WHERE expires_at <= :now - interval '1 hour'")
_FORGET_TYPED = text("DELETE FROM draft WHERE until <= :now")
_CONDITIONS = text("""
    UPDATE session SET conditions_until = :until WHERE practitioner_id = :who AND ended_at IS NULL
        AND conditions_until IS NOT NULL
""")


@dataclass(frozen=True, slots=True, repr=False)
class CameFrom:
    """Through which provider somebody came in, as a session keeps it.

    `subject` and `session` are keyed hashes. `accounts` are those that the sign-in opened, and
    `admitted` the roles of agencies that the provider's mapping gave; `id_token` is sealed.
    """

    provider: str
    subject: bytes
    session: bytes | None
    authenticated_at: datetime
    accounts: tuple[PractitionerId, ...]
    admitted: tuple[str, ...]
    id_token: bytes | None


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session to be opened; `signed_in_at` is when somebody came in, `until` when it ends.

    `conditions_until` is None where nobody is asked to accept any.
    """

    id: str
    practitioner: PractitionerId
    role: str
    agency: str
    signed_in_at: datetime
    authenticated_at: datetime
    until: datetime
    conditions_until: datetime | None


@dataclass(frozen=True, slots=True)
class EndedSession:
    """A session that has just ended."""

    id: str
    practitioner: PractitionerId
    because: str


@dataclass(frozen=True, slots=True)
class ListedSession:
    """A session that is open: whose, through which provider, since when, and when last used."""

    id: str
    practitioner: PractitionerId
    name: str
    provider: str | None
    since: datetime
    last_seen_at: datetime


class PostgresSessions:
    """Sessions as one transaction sees them. Times come from the caller; only hashes are kept."""

    def __init__(self, connection: Connection, bound: BoundRows) -> None:
        self._connection = connection
        self._bound = bound

    def open(
        self,
        secret_hash: bytes,
        csrf_secret: bytes,
        new: NewSession,
        came: CameFrom | None,
        *,
        at: datetime,
    ) -> None:
        """Open a session; without `came` it is an invented person's."""
        row = {
            "hash": secret_hash,
            "session": new.id,
            "practitioner": new.practitioner,
            "role": new.role,
            "agency": new.agency,
            "csrf": csrf_secret,
            "provider": None if came is None else came.provider,
            "subject": None if came is None else came.subject,
            "there": None if came is None else came.session,
            "accounts": [] if came is None else list(came.accounts),
            "admitted": [] if came is None else list(came.admitted),
            "id_token": None if came is None else came.id_token,
            "signed_in_at": new.signed_in_at,
            "authenticated_at": new.authenticated_at,
            "now": at,
            "until": new.until,
            "conditions_until": new.conditions_until,
        }
        self._connection.execute(_OPEN, row)

    def find(self, secret_hash: bytes, *, at: datetime, idle: timedelta) -> Session | None:
        """The session, while it lasts; whoever is no member any more has none."""
        wanted = {"hash": secret_hash, "now": at, "idle_since": at - idle}
        row = self._connection.execute(_SESSION, wanted).first()
        if row is None or not self._bound.holds(MEMBERSHIPS, row, "m"):
            return None
        if row.subject_digest is not None and not self._bound.holds(SIGN_IN_ACCOUNTS, row, "o"):
            return None
        if at - row.last_seen_at >= _SEEN_EVERY:
            self._connection.execute(_SEEN, {"hash": secret_hash, "now": at})
        return Session(
            practitioner=practitioner_in(row),
            csrf_secret=bytes(row.csrf_secret),
            signed_in_at=row.signed_in_at,
            authenticated_at=row.authenticated_at,
            id=row.session_id,
            provider=row.provider,
            accounts=tuple(map(PractitionerId, row.accounts)),
            conditions_until=row.conditions_until,
        )

    def way_of(self, secret_hash: bytes) -> tuple[CameFrom | None, datetime, datetime] | None:
        """By what provider an open session came, when it began and when it ends at the latest."""
        row = self._connection.execute(_WAY, {"hash": secret_hash}).first()
        if row is None:
            return None
        came = None if row.provider is None else came_from(row)
        return came, row.signed_in_at, row.expires_at

    def close(self, secret_hash: bytes, because: str, *, at: datetime) -> Sequence[EndedSession]:
        """End the session of a secret."""
        return self._end(_CLOSE_ONE, at, because, hash=secret_hash)

    def close_one(
        self, session: str, of: PractitionerId, because: str, *, at: datetime
    ) -> Sequence[EndedSession]:
        """End one of somebody's sessions, by its id."""
        return self._end(_CLOSE_BY_ID, at, because, session=session, of=of)

    def close_others(
        self, session: str, of: PractitionerId, because: str, *, at: datetime
    ) -> Sequence[EndedSession]:
        """End all of somebody's sessions but one."""
        return self._end(_CLOSE_OTHERS, at, because, session=session, of=of)

    def close_there(
        self,
        provider: str,
        subject: bytes | None,
        session: bytes | None,
        because: str,
        *,
        begun_by: datetime,
        at: datetime,
    ) -> Sequence[EndedSession]:
        """End what somebody opened through a provider: of one session there, or of all."""
        wanted = {"provider": provider, "subject": subject, "there": session, "begun_by": begun_by}
        return self._end(_CLOSE_THERE, at, because, **wanted)

    def lay_down(
        self, secret_hash: bytes, *, at: datetime, idle: timedelta
    ) -> Sequence[EndedSession]:
        """Note the end of a session that no longer opens anything, by its secret."""
        found = self._connection.execute(_LAY_DOWN, {"hash": secret_hash, "now": at, "idle": idle})
        return [_ended(row) for row in found]

    def lay_down_idle(self, *, at: datetime, idle: timedelta, most: int) -> Sequence[EndedSession]:
        """Note the end of sessions that nobody used any more."""
        wanted = {"now": at, "idle": idle, "most": most}
        return [_ended(row) for row in self._connection.execute(_LAY_DOWN_MANY, wanted)]

    def lately_over(
        self, secret_hash: bytes, *, after: datetime
    ) -> tuple[PractitionerId, bytes] | None:
        """Whose session ended by itself after then, and what bound its forms."""
        row = self._connection.execute(_LATELY, {"hash": secret_hash, "after": after}).first()
        return (
            None if row is None else (PractitionerId(row.practitioner_id), bytes(row.csrf_secret))
        )

    def listed(
        self,
        of: PractitionerId | None,
        *,
        at: datetime,
        idle: timedelta,
        most: int,
        after: str | None = None,
    ) -> Sequence[ListedSession]:
        """Open sessions of somebody; or of everybody by name, those after one that was told."""
        wanted = {"of": of, "now": at, "idle_since": at - idle, "most": most, "after": after}
        query = _ALL if of is None else _OF
        return [
            ListedSession(
                row.session_id,
                PractitionerId(row.practitioner_id),
                row.name,
                row.provider,
                row.signed_in_at,
                row.last_seen_at,
            )
            for row in self._connection.execute(query, wanted)
        ]

    def conditions_accepted(
        self, who: PractitionerId, version: str, *, at: datetime
    ) -> datetime | None:
        """When somebody last accepted these conditions of use."""
        wanted = {"who": who, "version": version, "now": at}
        found: datetime | None = self._connection.execute(_ACCEPTED, wanted).scalar()
        return found

    def accept_conditions(
        self, who: PractitionerId, version: str, *, at: datetime, until: datetime
    ) -> None:
        """Write down that somebody accepts them, which counts in each of their sessions."""
        self._connection.execute(_ACCEPT, {"who": who, "version": version, "now": at})
        self._connection.execute(_CONDITIONS, {"who": who, "until": until})

    def _end(
        self, query: object, at: datetime, because: str, **wanted: object
    ) -> Sequence[EndedSession]:
        found = self._connection.execute(query, {"now": at, "because": because, **wanted})  # type: ignore[call-overload]
        return [_ended(row) for row in found]


def came_from(row: Row[tuple[object, ...]]) -> CameFrom:
    """By what provider somebody came, from a row that keeps it."""
    return CameFrom(
        row.provider,
        bytes(row.subject_digest),
        None if row.provider_session is None else bytes(row.provider_session),
        row.authenticated_at,
        tuple(map(PractitionerId, row.accounts)),
        tuple(row.admitted),
        None if row.id_token is None else bytes(row.id_token),
    )


def _ended(row: Row[tuple[object, ...]]) -> EndedSession:
    return EndedSession(row.session_id, PractitionerId(row.practitioner_id), row.ended_because)


def forget_over(connection: Connection, now: datetime) -> int:
    """Delete sessions, and what was typed in them, that are of no use any more; how many."""
    return sum(connection.execute(one, {"now": now}).rowcount for one in (_FORGET, _FORGET_TYPED))

"""Links, codes and sessions of those who answer, in PostgreSQL, as one transaction sees them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, text

from services.interfaces.answering.links.model import AnsweringCode, AnsweringLink, AnsweringSession

_ADD_LINK: Final = text("""
    INSERT INTO answering_link (link_hash, link_id, connection_id, partner_code, person_ref,
                                made_at)
    VALUES (:hash, :id, :connection, :partner, :person, :at)
""")
_LINK: Final = text("SELECT * FROM answering_link WHERE link_hash = :hash")
_LINK_OF_ID: Final = text("SELECT * FROM answering_link WHERE link_id = :id")
_TRY_LINK: Final = text("""
    UPDATE answering_link SET tries = tries + 1 WHERE link_id = :id RETURNING tries
""")
_RIGHT: Final = text("UPDATE answering_link SET tries = 0 WHERE link_id = :id")
_COUNT_LINKS: Final = text("""
    SELECT count(*) FROM answering_link
    WHERE connection_id = :connection AND person_ref = :person AND made_at > :since
""")
# A newer code ends those before it itself: two may be issued at one instant of the clock.
_ISSUE: Final = text("""
    WITH earlier AS (
        UPDATE answering_code SET used_at = :created WHERE asked = :asked AND used_at IS NULL
    )
    INSERT INTO answering_code (code_id, asked, code, link_id, created_at, expires_at)
    VALUES (:id, :asked, :code, :link, :created, :expires)
""")
_NEWEST: Final = text("""
    SELECT * FROM answering_code WHERE asked = :asked
    ORDER BY created_at DESC, used_at IS NULL DESC, code_id DESC LIMIT 1 FOR UPDATE
""")
_TRIED: Final = text("UPDATE answering_code SET tries = tries + 1 WHERE code_id = :id")
_USED: Final = text("UPDATE answering_code SET used_at = :at WHERE code_id = :id")
_OPEN: Final = text("""
    INSERT INTO answering_session (secret_hash, session_id, link_id, connection_id, partner_code,
                                   person_ref, csrf_secret, opened_at, until)
    VALUES (:hash, :id, :link, :connection, :partner, :person, :csrf, :at, :until)
""")
_SESSION: Final = text("""
    SELECT * FROM answering_session
    WHERE secret_hash = :hash AND ended_at IS NULL AND opened_at <= :now AND until > :now
""")
_END: Final = text("""
    UPDATE answering_session SET ended_at = :now
    WHERE ended_at IS NULL AND (session_id = :session
        OR (connection_id = :connection AND person_ref = :person))
    RETURNING session_id
""")


class PostgresAnswering:
    """What is kept of those who come in."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # Links.

    def add_link(self, link_hash: bytes, link: AnsweringLink) -> None:
        """Keep a link by the hash of its secret."""
        self._connection.execute(
            _ADD_LINK,
            {
                "hash": link_hash,
                "id": link.id,
                "connection": link.connection,
                "partner": link.partner,
                "person": link.person,
                "at": link.made_at,
            },
        )

    def link(self, link_hash: bytes) -> AnsweringLink | None:
        """The link behind a secret."""
        row = self._connection.execute(_LINK, {"hash": link_hash}).first()
        return None if row is None else _link(row)

    def link_of_id(self, link: str) -> AnsweringLink | None:
        """A link by its id."""
        row = self._connection.execute(_LINK_OF_ID, {"id": link}).first()
        return None if row is None else _link(row)

    def try_link(self, link: str) -> int:
        """Count one try, before anybody knows whether it is right; which it is."""
        return int(self._connection.execute(_TRY_LINK, {"id": link}).scalar_one())

    def was_right(self, link: str) -> None:
        """A right code was typed: those before it count no more."""
        self._connection.execute(_RIGHT, {"id": link})

    def links_since(self, connection: str, person: str, since: datetime) -> int:
        """How many links somebody was sent about a request since then."""
        wanted = {"connection": connection, "person": person, "since": since}
        return int(self._connection.execute(_COUNT_LINKS, wanted).scalar_one())

    # Codes.

    def issue(self, code: AnsweringCode) -> None:
        """Keep a code's keyed hash, whomever it went to."""
        self._connection.execute(
            _ISSUE,
            {
                "id": code.id,
                "asked": code.asked,
                "code": code.code,
                "link": code.link,
                "created": code.created_at,
                "expires": code.expires_at,
            },
        )

    def newest_code(self, asked: bytes) -> AnsweringCode | None:
        """The code that counts: one asked for again takes the place of that before."""
        row = self._connection.execute(_NEWEST, {"asked": asked}).first()
        if row is None:
            return None
        told = (row.code_id, bytes(row.asked), bytes(row.code), row.link_id)
        return AnsweringCode(*told, row.created_at, row.expires_at, row.tries, row.used_at)

    def tried(self, code: AnsweringCode) -> None:
        """Count one try."""
        self._connection.execute(_TRIED, {"id": code.id})

    def used(self, code: AnsweringCode, *, at: datetime) -> None:
        """It opens nothing again."""
        self._connection.execute(_USED, {"id": code.id, "at": at})

    # Sessions.

    def open(
        self, secret_hash: bytes, session: AnsweringSession, *, at: datetime, until: datetime
    ) -> None:
        """Keep a session by the hash of its secret."""
        self._connection.execute(
            _OPEN,
            {
                "hash": secret_hash,
                "id": session.id,
                "link": session.link,
                "connection": session.connection,
                "partner": session.partner,
                "person": session.person,
                "csrf": session.csrf_secret,
                "at": at,
                "until": until,
            },
        )

    def session(self, secret_hash: bytes, *, at: datetime) -> AnsweringSession | None:
        """The session behind a secret, while it lasts."""
        row = self._connection.execute(_SESSION, {"hash": secret_hash, "now": at}).first()
        if row is None:
            return None
        told = (row.session_id, row.link_id, row.connection_id, row.partner_code, row.person_ref)
        return AnsweringSession(*told, bytes(row.csrf_secret))

    def end(
        self, *, at: datetime, session: str = "", connection: str = "", person: str = ""
    ) -> Sequence[str]:
        """End one session, or all of a person about a request; gives those that were open."""
        wanted = {"now": at, "session": session, "connection": connection, "person": person}
        return list(self._connection.execute(_END, wanted).scalars())


def _link(row: Row[Any]) -> AnsweringLink:
    told = (row.link_id, row.connection_id, row.partner_code, row.person_ref)
    return AnsweringLink(*told, row.made_at, row.tries)

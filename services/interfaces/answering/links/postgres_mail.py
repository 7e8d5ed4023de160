"""Mails about requests in PostgreSQL, what became of them, and the terms that were accepted."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, text

from services.interfaces.answering.links.model import MailKind, MailSent
from services.platform.keys.sealing import open_at_rest, seal_at_rest

_TOLD_WITHIN: Final = timedelta(days=3)
_ADD: Final = text("""
    INSERT INTO answering_mail (message_id, connection_id, partner_code, person_ref, kind,
                                queued_at, failed_at, because)
    VALUES (:message, :connection, :partner, :person, :kind, :at, :failed, :because)
""")
# What is news of a mail is settled anew: its request is told.
_HANDED: Final = text("""
    UPDATE answering_mail SET handed_at = :at, settled_at = NULL WHERE message_id = :message
""")
_FAILED: Final = text("""
    UPDATE answering_mail SET failed_at = :at, because = :because, settled_at = NULL
    WHERE message_id = :message AND failed_at IS NULL
""")
_NEWS: Final = text("""
    SELECT DISTINCT connection_id FROM answering_mail
    WHERE settled_at IS NULL AND (handed_at IS NOT NULL OR failed_at IS NOT NULL)
    ORDER BY connection_id LIMIT 100
""")
_SETTLED: Final = text("""
    UPDATE answering_mail SET settled_at = :at
    WHERE connection_id = :connection AND settled_at IS NULL
        AND (handed_at IS NOT NULL OR failed_at IS NOT NULL)
""")
_OF: Final = text("""
    SELECT * FROM answering_mail WHERE connection_id = :connection ORDER BY queued_at, message_id
""")
_TIMES: Final = text("""
    SELECT count(DISTINCT queued_at) FROM answering_mail
    WHERE connection_id = :connection AND partner_code = :partner AND kind = :kind
        AND queued_at >= :since
""")
_CAME_BACK: Final = text("""
    SELECT DISTINCT m.partner_code FROM answering_mail AS m
    WHERE m.connection_id = :connection AND m.failed_at IS NOT NULL
        AND NOT EXISTS (SELECT FROM community_partner AS p
                        WHERE p.partner_code = m.partner_code AND p.known_at > m.queued_at)
""")
_UNTOLD: Final = text("""
    SELECT DISTINCT c.connection_id, c.partner_code FROM connection AS c
    JOIN answering_mail AS asked USING (connection_id)
    WHERE c.status = 'lapsed' AND c.changed_at > :since AND asked.person_ref <> ''
        AND NOT EXISTS (SELECT FROM answering_mail AS told
                        WHERE told.connection_id = c.connection_id AND told.kind = 'lapsed')
    ORDER BY c.connection_id LIMIT 100
""")
_ACCEPT: Final = text("""
    INSERT INTO partner_terms (person_ref, version, partner_code, sealed, accepted_at)
    VALUES (:person, :version, :partner, :sealed, :at) ON CONFLICT DO NOTHING
""")
_TERMS: Final = text("""
    SELECT sealed FROM partner_terms WHERE person_ref = :person AND version = :version
""")
_WHO: Final = text("""
    SELECT sealed FROM partner_terms WHERE person_ref = :person ORDER BY accepted_at DESC LIMIT 1
""")


def note_handed(connection: Connection, message: str, at: datetime) -> None:
    """A mail server has taken it; of a message that is about no request nothing is noted."""
    connection.execute(_HANDED, {"message": message, "at": at})


def note_failed(connection: Connection, message: str, because: str, at: datetime) -> bool:
    """It was not delivered, and will not be; whether it was about a request, and was news."""
    told = {"message": message, "because": because, "at": at}
    return connection.execute(_FAILED, told).rowcount == 1


class PostgresAnsweringMail:
    """Mails about requests, as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, mail: MailSent) -> None:
        """Note that one is on its way."""
        self._connection.execute(
            _ADD,
            {
                "message": mail.message,
                "connection": mail.connection,
                "partner": mail.partner,
                "person": mail.person,
                "kind": mail.kind.value,
                "at": mail.queued_at,
                "failed": mail.failed_at,
                "because": mail.because,
            },
        )

    def of(self, connection: str) -> Sequence[MailSent]:
        """All about one request, in order."""
        return [_mail(row) for row in self._connection.execute(_OF, {"connection": connection})]

    def times_written(
        self, connection: str, partner: str, kind: MailKind, *, since: datetime
    ) -> int:
        """How often a partner was written to about one thing since then, to however many people."""
        wanted = {"connection": connection, "partner": partner, "kind": kind.value, "since": since}
        return int(self._connection.execute(_TIMES, wanted).scalar_one())

    def came_back(self, connection: str) -> frozenset[str]:
        """The partners to whom mail about it came back, of whom nothing changed since."""
        found = self._connection.execute(_CAME_BACK, {"connection": connection})
        return frozenset(found.scalars())

    def with_news(self) -> Sequence[str]:
        """The requests of whose mails something became that nobody has told them."""
        return list(self._connection.execute(_NEWS).scalars())

    def settled(self, connection: str, *, at: datetime) -> None:
        """They are told."""
        self._connection.execute(_SETTLED, {"connection": connection, "at": at})

    def lapsed_untold(self, now: datetime) -> Sequence[tuple[str, str]]:
        """Requests that lapsed these days, with their partner, of which it was not told yet."""
        rows = self._connection.execute(_UNTOLD, {"since": now - _TOLD_WITHIN})
        return [(row.connection_id, row.partner_code) for row in rows]


class PostgresPartnerTerms:
    """Who has accepted the terms, by the name and role that they gave: sealed under `key`."""

    def __init__(self, connection: Connection, key: bytes) -> None:
        self._connection = connection
        self._key = key

    def accept(
        self, person: str, version: str, partner: str, told: Mapping[str, str], *, at: datetime
    ) -> None:
        """Keep that somebody accepts them; once is enough."""
        sealed = seal_at_rest(self._key, orjson.dumps(told), bound_to=_bound_to(person))
        values = {"person": person, "version": version, "partner": partner}
        self._connection.execute(_ACCEPT, values | {"sealed": sealed, "at": at})

    def has_accepted(self, person: str, version: str) -> bool:
        """Whether they accepted this version."""
        wanted = {"person": person, "version": version}
        return self._connection.execute(_TERMS, wanted).first() is not None

    def who(self, person: str) -> tuple[str, str] | None:
        """The name and role that somebody gave."""
        row = self._connection.execute(_WHO, {"person": person}).first()
        if row is None:
            return None
        told = orjson.loads(open_at_rest(self._key, bytes(row.sealed), bound_to=_bound_to(person)))
        return told["name"], told["role"]


def _bound_to(person: str) -> str:
    return f"partner-terms:{person}"


def _mail(row: Row[Any]) -> MailSent:
    told = (row.message_id, row.connection_id, row.partner_code, row.person_ref)
    kind = MailKind(row.kind)
    return MailSent(*told, kind, row.queued_at, row.handed_at, row.failed_at, row.because)

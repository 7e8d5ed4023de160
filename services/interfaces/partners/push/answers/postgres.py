"""What was answered under which mark of a partner's system, so that it is answered once."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, text

from services.interfaces.partners.ports import PartnerId

_FIND: Final = text("""
    SELECT asked, connection_id, version, status, at FROM connection_answered
    WHERE partner_id = :partner AND once = :once
""")
_ADD: Final = text("""
    INSERT INTO connection_answered (partner_id, once, asked, connection_id, version, status, at)
    VALUES (:partner, :once, :asked, :connection, :version, :status, :at)
""")


@dataclass(frozen=True, slots=True)
class AnsweredOnce:
    """How a request stood after an answer; `asked` is a digest of what was sent."""

    asked: bytes = field(repr=False)
    connection: str
    version: int
    status: str
    at: datetime


class PostgresAnsweredOnce:
    """Answers as one transaction sees them; whoever answers has locked the request."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, partner: PartnerId, once: bytes) -> AnsweredOnce | None:
        """What became of the answer that came under this mark."""
        row = self._connection.execute(_FIND, {"partner": partner, "once": once}).first()
        if row is None:
            return None
        return AnsweredOnce(bytes(row.asked), row.connection_id, row.version, row.status, row.at)

    def add(self, partner: PartnerId, once: bytes, told: AnsweredOnce) -> None:
        """Remember it, as long as the request is kept."""
        values = {
            "partner": partner,
            "once": once,
            "asked": told.asked,
            "connection": told.connection,
            "version": told.version,
            "status": told.status,
            "at": told.at,
        }
        self._connection.execute(_ADD, values)

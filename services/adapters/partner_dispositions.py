"""What became of what partners sent, and when they first sent it; in PostgreSQL."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, text

from schemas.vocabulary import Disposition, Source
from services.partners.errors import Fault, RequestFaultyError
from services.partners.paging import Page
from services.partners.ports import KeptDisposition, PartnerId, PushedMessage

KEPT_FOR = timedelta(days=90)
EVENTS_KEPT_FOR = timedelta(days=365)
"""As long as an event may be asked for again: sent again, it must be the same as at first."""

_ADD = text("""
    INSERT INTO partner_disposition (partner_id, source, receipt, disposition, reason, field, at)
    SELECT :partner, :source, decode(receipt, 'hex'), disposition, reason, field, :at
    FROM unnest(CAST(:receipts AS text[]), CAST(:dispositions AS text[]), CAST(:reasons AS text[]),
                CAST(:fields AS text[])) AS new(receipt, disposition, reason, field)
""")
# A lower number may be committed after a higher one. What is below every transaction still under
# way is complete, and whatever comes later has a higher transaction (PostgreSQL section 9.27.7).
_PAGE = text("""
    SELECT xid::text AS xid, seq, source, encode(receipt, 'hex') AS receipt, disposition, reason,
           field, at
    FROM partner_disposition
    WHERE partner_id = :partner AND xid < pg_snapshot_xmin(pg_current_snapshot())
        AND (xid, seq) > (CAST(CAST(:xid AS text) AS xid8), CAST(:seq AS bigint))
        AND (CAST(:since AS timestamptz) IS NULL OR at >= :since)
    ORDER BY partner_disposition.xid, seq LIMIT :most
""")
_FIRST = text("""
    INSERT INTO partner_event (event, first_at)
    SELECT event, :at FROM unnest(CAST(:events AS bytea[])) AS event ORDER BY event
    ON CONFLICT DO NOTHING
""")
_PLACE = re.compile(r"([0-9]{1,19})-([0-9]{1,18})")


class PostgresDispositions:
    """services.partners.ports.Dispositions."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self, partner: PartnerId, source: Source, messages: Sequence[PushedMessage], *, at: datetime
    ) -> None:
        """Keep them in order."""
        self._connection.execute(
            _ADD,
            {
                "partner": partner,
                "source": source.value,
                "receipts": [message.receipt for message in messages],
                "dispositions": [message.disposition.value for message in messages],
                "reasons": [message.reason for message in messages],
                "fields": [message.field for message in messages],
                "at": at,
            },
        )

    def page(
        self, partner: PartnerId, *, since: datetime | None, cursor: str | None, most: int
    ) -> Page[KeptDisposition]:
        """Those kept since, the oldest first. Raises RequestFaultyError for a foreign cursor."""
        xid, seq = _place_of(cursor)
        rows = self._connection.execute(
            _PAGE,
            {"partner": partner, "xid": xid, "seq": seq, "since": since, "most": most + 1},
        ).all()
        shown = rows[:most]
        more = len(rows) > most
        return Page([_kept(row) for row in shown], _cursor_at(shown[-1]) if more else None)


class PostgresReceivedFirst:
    """services.partners.ports.ReceivedFirst."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def first(self, events: Sequence[bytes], *, at: datetime) -> Mapping[bytes, datetime]:
        """For each keyed hash of an event the moment it first came, which may be now."""
        self._connection.execute(_FIRST, {"events": list(set(events)), "at": at})
        rows = self._connection.execute(
            text("SELECT event, first_at FROM partner_event WHERE event = ANY(:events)"),
            {"events": list(set(events))},
        )
        return {bytes(row.event): row.first_at for row in rows}


def forget_old_pushes(connection: Connection, at: datetime) -> None:
    """Let go of what is no longer told of pushes. For the connectors' role."""
    connection.execute(
        text("DELETE FROM partner_disposition WHERE at <= :before"), {"before": at - KEPT_FOR}
    )
    connection.execute(
        text("DELETE FROM partner_event WHERE first_at <= :before"),
        {"before": at - EVENTS_KEPT_FOR},
    )


def _kept(row: Row[tuple[object, ...]]) -> KeptDisposition:
    return KeptDisposition(
        Source(row.source),
        row.receipt,
        Disposition(row.disposition),
        row.reason,
        row.field,
        row.at,
    )


def _cursor_at(row: Row[tuple[object, ...]]) -> str:
    return f"{row.xid}-{row.seq}"


def _place_of(cursor: str | None) -> tuple[str, int]:
    if cursor is None:
        return "0", 0
    place = _PLACE.fullmatch(cursor)
    if place is None:
        raise RequestFaultyError([Fault("query.cursor", "is-not-one-of-ours")])
    return str(int(place[1])), int(place[2])

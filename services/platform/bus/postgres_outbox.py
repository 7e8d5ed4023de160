"""What is to be announced once a transaction commits; columns as Debezium's outbox router has."""

from collections.abc import Iterable, Sequence
from typing import cast

import orjson
import psycopg
from sqlalchemy import Connection, text

from schemas.envelope import Event
from schemas.topics import PARKED
from services.platform.bus.ports import BusMessage, ReceivedMessage
from services.platform.database.doorbell import Bell, ring

# Arrays of payloads would be written out as text first, at ten times the cost.
_ADD = """
    COPY outbox (aggregatetype, aggregateid, type, headers, payload) FROM STDIN (FORMAT BINARY)
"""
_ADD_TYPES = ("text", "text", "text", "bytea", "bytea")
_UNKNOWN = "unknown"
_TAKE = text("""
    DELETE FROM outbox WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT :most)
    RETURNING id, aggregatetype, aggregateid, headers, payload
""")


class PostgresOutbox:
    """The outbox as one transaction sees it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._has_rung = False

    def add(self, events: Sequence[Event]) -> None:
        """Queue the events in order."""
        self._write(
            (e.topic, e.key, e.type.value, orjson.dumps(e.headers()), e.data) for e in events
        )

    def park(self, messages: Sequence[ReceivedMessage]) -> None:
        """Queue messages that are no events of ours for the parking topic, as they came."""
        self._write((PARKED, m.key, _UNKNOWN, orjson.dumps(m.headers), m.value) for m in messages)

    def _write(self, rows: Iterable[tuple[str, str, str, bytes, bytes]]) -> None:
        queued = list(rows)
        if not queued:
            return
        driver = cast("psycopg.Connection", self._connection.connection.driver_connection)
        with driver.cursor() as cursor, cursor.copy(_ADD) as copy:
            copy.set_types(_ADD_TYPES)
            for row in queued:
                copy.write_row(row)
        if not self._has_rung:
            ring(self._connection, Bell.OUTBOX)
            self._has_rung = True

    def take(self, most: int) -> list[BusMessage]:
        """Take the oldest messages out; they are back when the transaction rolls back."""
        rows = self._connection.execute(_TAKE, {"most": most}).all()
        return [
            BusMessage(
                topic=row.aggregatetype,
                key=row.aggregateid,
                headers=tuple((n, v) for n, v in orjson.loads(bytes(row.headers))),
                value=bytes(row.payload),
            )
            for row in sorted(rows, key=lambda row: row.id)
        ]

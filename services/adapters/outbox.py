"""What is to be announced once a transaction commits; columns as Debezium's outbox router has."""

from collections.abc import Sequence

import orjson
from sqlalchemy import Connection, text

from schemas.envelope import Event
from services.event_bus import BusMessage

_ADD = text("""
    INSERT INTO outbox (aggregatetype, aggregateid, type, headers, payload)
    SELECT * FROM unnest(CAST(:topics AS text[]), CAST(:keys AS text[]), CAST(:types AS text[]),
                         CAST(:headers AS bytea[]), CAST(:payloads AS bytea[]))
""")
_TAKE = text("""
    DELETE FROM outbox WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT :most)
    RETURNING id, aggregatetype, aggregateid, headers, payload
""")


class PostgresOutbox:
    """The outbox as one transaction sees it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, events: Sequence[Event]) -> None:
        """Queue the events in order."""
        if events:
            self._connection.execute(
                _ADD,
                {
                    "topics": [event.topic for event in events],
                    "keys": [event.key for event in events],
                    "types": [event.type.value for event in events],
                    "headers": [orjson.dumps(event.headers()) for event in events],
                    "payloads": [event.data for event in events],
                },
            )

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

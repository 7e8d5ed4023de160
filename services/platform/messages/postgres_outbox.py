"""Messages that wait to be sent, in PostgreSQL: sealed, each until it is sent or past its time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from sqlalchemy import Connection, Engine, text

from services.platform.database.direct import direct_pool
from services.platform.database.engine import database_failures
from services.platform.keys.sealing import open_at_rest, seal_at_rest
from services.platform.messages.ports import Message, MessageChannel

_QUEUE = text("""
    INSERT INTO message_out (message_id, sealed, expires_at, next_at)
    VALUES (:id, :sealed, :expires, :now)
""")
# Claimed before it is sent: whoever dies while sending has used a try, and nobody waits for them.
_CLAIM = text("""
    UPDATE message_out SET tries = tries + 1, next_at = :again
    WHERE message_id = (SELECT message_id FROM message_out WHERE next_at <= :now
                        ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING message_id, sealed, expires_at, tries
""")
_IS_ANY_DUE = text("SELECT EXISTS (SELECT FROM message_out WHERE next_at <= :now)")
_PUT_OFF = text("UPDATE message_out SET next_at = :at WHERE message_id = :id")
_DELETE = text("DELETE FROM message_out WHERE message_id = :id")
_UNADDRESSED = b"{}"


@dataclass(frozen=True, slots=True, repr=False)
class Waiting:
    """A message that was claimed; None where it was addressed to nobody. `tries` counts this."""

    id: str
    message: Message | None
    expires_at: datetime
    tries: int


def is_any_due(engine: Engine, now: datetime) -> bool:
    """Whether a message waits to be sent: one statement, which locks and writes nothing.

    It is asked every second, mostly where nothing is.
    """
    with database_failures(), direct_pool(engine).alone() as connection:
        return bool(connection.execute(_IS_ANY_DUE, {"now": now}).scalar_one())


class PostgresMessagesOut:
    """The messages that wait, as one transaction sees them; `key` is what they are sealed under."""

    def __init__(self, connection: Connection, key: bytes) -> None:
        self._connection = connection
        self._key = key

    def queue(
        self, message_id: str, message: Message | None, *, now: datetime, expires_at: datetime
    ) -> None:
        """Send it once this transaction is committed; None is sent to nobody and costs the same."""
        wanted = {"id": message_id, "now": now, "expires": expires_at}
        self._connection.execute(_QUEUE, wanted | {"sealed": self._sealed(message_id, message)})

    def claim(self, *, now: datetime, lease: timedelta) -> Waiting | None:
        """The one that has waited longest, for nobody else during the lease."""
        row = self._connection.execute(_CLAIM, {"now": now, "again": now + lease}).first()
        if row is None:
            return None
        plain = open_at_rest(self._key, bytes(row.sealed), bound_to=_bound_to(row.message_id))
        return Waiting(row.message_id, _message_from(plain), row.expires_at, row.tries)

    def put_off(self, message_id: str, *, until: datetime) -> None:
        """Try again then."""
        self._connection.execute(_PUT_OFF, {"id": message_id, "at": until})

    def forget(self, message_id: str) -> None:
        """It was sent, or will not be."""
        self._connection.execute(_DELETE, {"id": message_id})

    def _sealed(self, message_id: str, message: Message | None) -> bytes:
        plain = _UNADDRESSED
        if message is not None:
            told = [message.channel.value, message.to, message.text]
            plain = orjson.dumps([*told, message.subject] if message.subject else told)
        return seal_at_rest(self._key, plain, bound_to=_bound_to(message_id))


def _message_from(plain: bytes) -> Message | None:
    if plain == _UNADDRESSED:
        return None
    channel, to, words, *subject = orjson.loads(plain)
    return Message(MessageChannel(channel), to, words, *subject)


def _bound_to(message_id: str) -> str:
    return f"message-out:{message_id}"

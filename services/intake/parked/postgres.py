"""Parked messages in PostgreSQL: listed without their content, opened only to be read again."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

import zstandard
from sqlalchemy import Connection, Row, text

from connectors.ports import Urgency
from schemas.records.message import Version
from schemas.vocabulary import Source
from services.intake.parked.model import ParkedAnswer, ParkedMessage, ParkedState, TakenOut
from services.platform.keys.sealing import open_at_rest

_OPEN = tuple(state for state in ParkedState if state.is_open)
# Not the message itself, which may be large and is opened for few.
_TOLD = """
    parked_id, ref, source, position, message_id, field, reason, at, event, sender, urgency, origin,
    partner_id, state, order_id, pending
"""
# What cannot wait comes first, then what has waited longest.
_LIST = text(f"""
    SELECT {_TOLD} FROM parked
    WHERE (CAST(:source AS text) IS NULL OR source = :source) AND state = ANY(:states)
    ORDER BY urgency IS NULL, at, parked_id
""")  # noqa: S608 of constant parts
_FIND = text(f"SELECT {_TOLD} FROM parked WHERE parked_id = :id FOR UPDATE")  # noqa: S608 as above
_SET = text("""
    UPDATE parked SET state = :state, order_id = :order, pending = :pending WHERE parked_id = :id
""")
_TAKE = text("DELETE FROM parked WHERE parked_id = :id RETURNING *")
_FORGET = text("DELETE FROM message_outcome WHERE source = :source AND ref = :ref")
_TO_TELL = text(f"""
    UPDATE parked SET told_at = :at WHERE urgency IS NOT NULL AND told_at IS NULL
    RETURNING {_TOLD}
""")  # noqa: S608 as above


def bound_origin(ref: str) -> str:
    """What the sealed origin of a parked message is bound to."""
    return f"origin:{ref}"


class ParkedMessages:
    """What is parked, as one transaction sees it."""

    def __init__(self, connection: Connection, key: bytes) -> None:
        self._connection = connection
        self._key = key

    def list(
        self, source: str | None = None, states: Collection[ParkedState] = _OPEN
    ) -> Sequence[ParkedMessage]:
        """Those in these states, of one source or of all, urgent ones first, then the oldest."""
        wanted = {"source": source, "states": [state.value for state in states]}
        return [self._message(row) for row in self._connection.execute(_LIST, wanted)]

    def find(self, parked_id: str) -> ParkedMessage | None:
        """One of them, locked until commit."""
        row = self._connection.execute(_FIND, {"id": parked_id}).first()
        return None if row is None else self._message(row)

    def set(self, message: ParkedMessage) -> None:
        """Write down what was said of it: its state, and what waits for another hand."""
        self._connection.execute(
            _SET,
            {
                "id": message.id,
                "state": message.state.value,
                "order": message.order,
                "pending": None if message.pending is None else message.pending.value,
            },
        )

    def to_be_told(self, *, at: datetime) -> Sequence[ParkedMessage]:
        """Urgent ones of which governance has not been told; it has from now on."""
        return [self._message(row) for row in self._connection.execute(_TO_TELL, {"at": at})]

    def pusher_of(self, parked_id: str) -> tuple[str, str] | None:
        """Which partner pushed it, and under which ref it was told; None for a connector's."""
        row = self._connection.execute(
            text("SELECT partner_id, ref FROM parked WHERE parked_id = :id"), {"id": parked_id}
        ).first()
        if row is None or row.partner_id is None:
            return None
        return row.partner_id, bytes(row.ref).hex()

    def feed_of(self, parked_id: str) -> str | None:
        """By which feed it came, if by any."""
        wanted = text("SELECT feed_id FROM parked WHERE parked_id = :id")
        feed: str | None = self._connection.execute(wanted, {"id": parked_id}).scalar()
        return feed

    def content(self, message: ParkedMessage) -> bytes:
        """The message itself, to look at what contradicts itself in it."""
        wanted = text("SELECT sealed FROM parked WHERE parked_id = :id")
        sealed = self._connection.execute(wanted, {"id": message.id}).scalar_one()
        packed = open_at_rest(self._key, bytes(sealed), bound_to=message.ref)
        return zstandard.decompress(packed)

    def take(self, parked_id: str) -> TakenOut | None:
        """Take one out to be read again.

        It is back when the transaction rolls back. What became of it is forgotten too, so that
        it is decided on anew.
        """
        row = self._connection.execute(_TAKE, {"id": parked_id}).first()
        if row is None:
            return None
        ref = bytes(row.ref)
        self._connection.execute(_FORGET, {"source": row.source, "ref": ref})
        packed = open_at_rest(self._key, bytes(row.sealed), bound_to=ref.hex())
        version = None if row.version is None else Version.of(row.version)
        return TakenOut(Source(row.source), zstandard.decompress(packed), row.at, version)

    def _message(self, row: Row[tuple[object, ...]]) -> ParkedMessage:
        ref = bytes(row.ref).hex()
        message = ParkedMessage(
            row.parked_id,
            ref,
            Source(row.source),
            row.position,
            row.message_id,
            row.field,
            row.reason,
            row.at,
            row.event,
            row.sender,
            None if row.urgency is None else Urgency(row.urgency),
            partner=row.partner_id,
            state=ParkedState(row.state),
            order=row.order_id,
            pending=None if row.pending is None else ParkedAnswer(row.pending),
        )
        if row.origin is None:
            return message
        origin = open_at_rest(self._key, bytes(row.origin), bound_to=bound_origin(ref))
        return replace(message, origin=origin.decode(errors="replace"))

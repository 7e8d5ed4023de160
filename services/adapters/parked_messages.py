"""Parked messages: listed without their content, opened only to be read again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import zstandard
from sqlalchemy import Connection, text

from schemas.vocabulary import Source
from services.adapters.sealing import open_at_rest


@dataclass(frozen=True, slots=True)
class ParkedMessage:
    """Which message, from where, and what was wrong: field and reason, never a value."""

    id: str
    source: Source
    index: int
    message_id: str | None
    field: str
    reason: str
    at: datetime


class ParkedMessages:
    """What is parked, as one transaction sees it."""

    def __init__(self, connection: Connection, key: bytes) -> None:
        self._connection = connection
        self._key = key

    def list(self, source: str | None = None) -> Sequence[ParkedMessage]:
        """All of them, or those of one source, oldest first."""
        rows = self._connection.execute(
            text("""
                SELECT parked_id, source, position, message_id, field, reason, at FROM parked
                WHERE CAST(:source AS text) IS NULL OR source = :source ORDER BY at, parked_id
            """),
            {"source": source},
        )
        return [
            ParkedMessage(
                row.parked_id,
                Source(row.source),
                row.position,
                row.message_id,
                row.field,
                row.reason,
                row.at,
            )
            for row in rows
        ]

    def pusher_of(self, parked_id: str) -> tuple[str, str] | None:
        """Which partner pushed it, and under which ref it was told; None for a connector's."""
        row = self._connection.execute(
            text("SELECT partner_id, ref FROM parked WHERE parked_id = :id"), {"id": parked_id}
        ).first()
        if row is None or row.partner_id is None:
            return None
        return row.partner_id, bytes(row.ref).hex()

    def take(self, parked_id: str) -> tuple[Source, bytes, datetime] | None:
        """Take one out to be read again: its source, its bytes, when it was parked.

        It is back when the transaction rolls back. What became of it is forgotten too, so that
        it is decided on anew.
        """
        row = self._connection.execute(
            text("DELETE FROM parked WHERE parked_id = :id RETURNING source, ref, sealed, at"),
            {"id": parked_id},
        ).first()
        if row is None:
            return None
        ref = bytes(row.ref)
        self._connection.execute(
            text("DELETE FROM message_outcome WHERE source = :source AND ref = :ref"),
            {"source": row.source, "ref": ref},
        )
        packed = open_at_rest(self._key, bytes(row.sealed), bound_to=ref.hex())
        return Source(row.source), zstandard.decompress(packed), row.at

"""What was exported, by whom, and whether it was finished, in PostgreSQL; rows are only added."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Row, text

from schemas.identifiers import PersonId, PractitionerId
from services.audit.exports.chosen import ExportBecause, Format, Worked
from services.people.practitioners.memberships import Membership
from services.people.practitioners.postgres_memberships import PostgresMemberships

_BEGIN = text("""
    INSERT INTO audit_export (export_id, format, because, words, words_of, chosen, asked_by,
                              begun_at, entry_id)
    VALUES (:export, :format, :because, :words, :words_of, CAST(:chosen AS jsonb), :asked_by,
            :begun_at, :entry)
""")
_END = text("""
    INSERT INTO audit_export_end (export_id, ended_at, rows, sha256, broken_off)
    VALUES (:export, :ended_at, :rows, :sha256, :broken_off)
""")
_PROGRESS = text("""
    INSERT INTO audit_export_progress (export_id, rows, at) VALUES (:export, :rows, :at)
    ON CONFLICT (export_id) DO UPDATE SET rows = EXCLUDED.rows, at = EXCLUDED.at
""")
_COLUMNS = """
    b.export_id, b.format, b.because, b.words, b.words_of, b.chosen, b.asked_by, b.begun_at,
    b.entry_id, e.ended_at, e.rows, e.sha256, e.broken_off, p.rows AS so_far, p.at AS so_far_at
"""
_LIST = text(f"""
    SELECT {_COLUMNS} FROM audit_export AS b LEFT JOIN audit_export_end AS e USING (export_id)
        LEFT JOIN audit_export_progress AS p USING (export_id)
    WHERE CAST(:before_at AS timestamptz) IS NULL
       OR (b.begun_at, b.export_id) < (:before_at, :before_id)
    ORDER BY b.begun_at DESC, b.export_id DESC LIMIT :most
""")  # noqa: S608 of constant parts
_EVER_OF = text("""
    SELECT DISTINCT practitioner_id FROM membership WHERE agency_code = :agency
    ORDER BY practitioner_id
""")
_HAS_KEY = text("SELECT wrapped_key IS NOT NULL FROM person WHERE person_id = :person")


class ExportPlace(NamedTuple):
    """When an export began, and which it is."""

    begun_at: datetime
    id: str


@dataclass(frozen=True, slots=True)
class KeptExport:
    """One export. Without `ended_at` it was killed, or is under way.

    `sealed_words` are what was said of it; `words_of` is under whose key, None for the
    installation's. `chosen` are ids, codes and times as the ledger has them. `so_far` is how many
    rows had left when that was last written down.
    """

    id: str
    format: Format
    because: ExportBecause
    sealed_words: bytes
    words_of: PersonId | None
    chosen: dict[str, Any]
    asked_by: str
    begun_at: datetime
    entry_id: UUID
    ended_at: datetime | None = None
    rows: int | None = None
    sha256: str | None = None
    broken_off: str | None = None
    so_far: int | None = None
    so_far_at: datetime | None = None

    @property
    def place(self) -> "ExportPlace":
        """Where it is in the list: what the page after it begins at."""
        return ExportPlace(self.begun_at, self.id)

    @property
    def is_finished(self) -> bool:
        """Whether all of it left."""
        return self.sha256 is not None


class PostgresExports:
    """Exports in the transaction of a connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, export: KeptExport) -> None:
        """Write down that it begins."""
        self._connection.execute(
            _BEGIN,
            {
                "export": export.id,
                "format": export.format.value,
                "because": export.because.value,
                "words": export.sealed_words,
                "words_of": export.words_of,
                "chosen": json.dumps(export.chosen),
                "asked_by": export.asked_by,
                "begun_at": export.begun_at,
                "entry": export.entry_id,
            },
        )

    def end(
        self,
        export: str,
        rows: int,
        *,
        at: datetime,
        sha256: str | None = None,
        broken_off: str | None = None,
    ) -> None:
        """Write down its end: the hash of all that left, or why it broke off."""
        told = {"export": export, "rows": rows, "ended_at": at}
        self._connection.execute(_END, told | {"sha256": sha256, "broken_off": broken_off})

    def progress(self, export: str, rows: int, *, at: datetime) -> None:
        """Write down how many rows have left so far."""
        self._connection.execute(_PROGRESS, {"export": export, "rows": rows, "at": at})

    def newest(self, *, most: int, before: ExportPlace | None = None) -> Sequence[KeptExport]:
        """Up to so many, the newest first; `before` is where the page before ended."""
        place = {
            "before_at": None if before is None else before.begun_at,
            "before_id": None if before is None else before.id,
        }
        return [_kept(row) for row in self._connection.execute(_LIST, place | {"most": most})]

    def has_key(self, person: PersonId) -> bool:
        """Whether something can be sealed for them."""
        return bool(self._connection.execute(_HAS_KEY, {"person": person}).scalar())

    def worked_in(self, agency: str, memberships: PostgresMemberships) -> tuple[Worked, ...]:
        """Who was ever of an agency, and from when until when."""
        rows = self._connection.execute(_EVER_OF, {"agency": agency})
        return tuple(
            stay
            for row in rows
            for stay in stays_in(agency, memberships.history(PractitionerId(row.practitioner_id)))
        )


def stays_in(agency: str, history: Sequence[Membership]) -> Iterator[Worked]:
    """When somebody was of an agency, from all states of their membership, the first first."""
    for state, after in zip(history, (*history[1:], None), strict=True):
        if state.agency != agency:
            continue
        ends = [one for one in (state.until, None if after is None else after.since) if one]
        # A state that goes on in the same agency began when the one before did.
        goes_on = after is not None and after.agency == agency and after.since == state.since
        if not goes_on:
            yield Worked(state.practitioner, state.since, min(ends, default=None))


def _kept(row: Row[Any]) -> KeptExport:
    return KeptExport(
        row.export_id,
        Format(row.format),
        ExportBecause(row.because),
        bytes(row.words),
        None if row.words_of is None else PersonId(row.words_of),
        row.chosen,
        row.asked_by,
        row.begun_at,
        row.entry_id,
        row.ended_at,
        row.rows,
        row.sha256,
        row.broken_off,
        None if row.so_far is None else int(row.so_far),
        row.so_far_at,
    )

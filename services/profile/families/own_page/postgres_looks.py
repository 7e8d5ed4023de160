"""Looks at somebody, with the decisions that let each through, in PostgreSQL."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Connection, text

from consent.ledger import read_entry
from consent.ledger.events import PROFILE_READS
from schemas.identifiers import DecisionId, PersonId
from schemas.vocabulary import Category, Source
from services.profile.families.own_page.looks import KeptLook

MOST = 2000
"""Of so many looks at somebody the newest are gone through; what is told of is counted after."""
_LOOKS = text("""
    SELECT l.disclosure, l.at, l.practitioner_id, l.purpose, l.permitted, l.categories,
           a.kind, worked.role
    FROM look l
    LEFT JOIN LATERAL (
        SELECT m.agency_code, m.role FROM membership m
        WHERE m.practitioner_id = l.practitioner_id
        ORDER BY m.known_at <= l.at DESC,
                 CASE WHEN m.known_at <= l.at THEN m.state ELSE -m.state END DESC
        LIMIT 1) AS worked ON true
    LEFT JOIN agency a USING (agency_code)
    WHERE l.person_id = ANY(:persons)
    ORDER BY l.at DESC, l.disclosure DESC LIMIT :most
""")
# Ids of entries are UUIDs of version 7: those of one moment are neighbours (RFC 9562 section 5.7).
_ENTRIES = text("""
    SELECT entry.body
    FROM unnest(CAST(:firsts AS uuid[]), CAST(:afters AS uuid[])) AS moment (first, after)
    JOIN ledger_entry AS entry ON entry.entry_id >= moment.first AND entry.entry_id < moment.after
""")
_FIRST = text("SELECT body FROM ledger_entry ORDER BY seq LIMIT 1")
_RANDOM_BITS = 80
_KINDS = {one.value: one for one in Source}


class PostgresOwnLooks:
    """Looks as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def at(self, persons: Collection[PersonId]) -> Sequence[KeptLook]:
        """The looks at any of these, who are one, newest first."""
        wanted = {"persons": sorted(persons), "most": MOST}
        rows = self._connection.execute(_LOOKS, wanted).all()
        moments = {row.at for row in rows if row.permitted}
        decided = decisions_behind(moments, self._connection)
        return [
            KeptLook(
                row.disclosure,
                row.at,
                f"practitioner:{row.practitioner_id}",
                _KINDS.get(row.kind),
                row.role,
                row.purpose,
                row.permitted,
                tuple(Category(one) for one in row.categories),
                decided.get(row.disclosure),
            )
            for row in rows
        ]

    def begun(self) -> datetime | None:
        """Since when every look is written down: the first entry of the ledger."""
        body = self._connection.execute(_FIRST).scalar()
        return None if body is None else read_entry(bytes(body)).at


def decisions_behind(
    moments: Collection[datetime], connection: Connection
) -> Mapping[str, frozenset[DecisionId]]:
    """By disclosure, on which decisions looks of these moments rested, as the ledger says."""
    starts = sorted({int(one.astimezone(UTC).timestamp() * 1000) for one in moments})
    spans = {
        "firsts": [UUID(int=start << _RANDOM_BITS) for start in starts],
        "afters": [UUID(int=(start + 1) << _RANDOM_BITS) for start in starts],
    }
    found: dict[str, frozenset[DecisionId]] = {}
    for body in connection.execute(_ENTRIES, spans).scalars():
        entry = read_entry(bytes(body))
        if entry.event in PROFILE_READS:
            rested_on = entry.fields["decided_from"]
            ids = rested_on if isinstance(rested_on, list | tuple) else ()
            told = frozenset(DecisionId(str(one)) for one in ids)
            found[str(entry.fields["disclosure"])] = told
    return found

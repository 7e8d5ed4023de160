"""Uses of practitioners' names by partners, in PostgreSQL; counted, and never whose families."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from schemas.identifiers import PractitionerId

# A token is a use by itself; questions are told by the hour. What is counted is persons, once each.
_MINE = """
    SELECT (array_agg(u.use_id ORDER BY u.at DESC, u.use_id DESC))[1] AS id, u.kind, u.partner_id,
           u.purpose, max(u.at) AS at, count(*) AS asked, max(u.disowned_at) AS disowned_at
    FROM partner_use u
    WHERE u.practitioner_id = :practitioner AND u.at > :since
    GROUP BY u.kind, u.partner_id, u.purpose,
             CASE u.kind WHEN 'families' THEN u.use_id END,
             CASE u.kind WHEN 'question' THEN date_trunc('hour', u.at, 'UTC') END
"""
_PAGE = text(f"""
    SELECT mine.*, looked.shown, looked.refused
    FROM (SELECT * FROM ({_MINE}) one
          WHERE CAST(:before AS text) IS NULL OR (one.at, one.id) < (
              SELECT last.at, last.use_id FROM partner_use last
              WHERE last.use_id = :before AND last.practitioner_id = :practitioner)
          ORDER BY one.at DESC, one.id DESC LIMIT :most) mine
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT l.person_id) FILTER (WHERE l.permitted) AS shown,
               count(DISTINCT l.person_id) FILTER (WHERE NOT l.permitted) AS refused
        FROM look l WHERE l.use_id = mine.id) looked
    ORDER BY mine.at DESC, mine.id DESC
""")  # noqa: S608 of constant parts
_FIND = text("""
    SELECT partner_id, disowned_at FROM partner_use
    WHERE use_id = :use AND practitioner_id = :practitioner FOR UPDATE
""")
_DISOWN = text("UPDATE partner_use SET disowned_at = :at WHERE use_id = :use")
_END_TOKENS = text("""
    DELETE FROM partner_token WHERE partner_id = :partner AND practitioner_id = :practitioner
""")


@dataclass(frozen=True, slots=True)
class UseRow:
    """One use as it is counted; see names_used.NameUse."""

    id: str
    kind: str
    partner_id: str
    purpose: str
    at: datetime
    asked: int
    shown: int
    refused: int
    disowned_at: datetime | None


@dataclass(frozen=True, slots=True)
class UsingPartner:
    """Who used a name, and whether this is the first time that it is disowned."""

    id: str
    is_first: bool


class PostgresNamesUsed:
    """Uses of names as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(
        self, practitioner: PractitionerId, *, since: datetime, before: str | None, most: int
    ) -> Sequence[UseRow]:
        """Uses of one name since then, newest first, those before a use that was told; or none."""
        wanted = {"practitioner": practitioner, "since": since, "before": before, "most": most}
        return [
            UseRow(
                row.id,
                row.kind,
                row.partner_id,
                row.purpose,
                row.at,
                row.asked,
                row.shown,
                row.refused,
                row.disowned_at,
            )
            for row in self._connection.execute(_PAGE, wanted)
        ]

    def disown(
        self, use: str, practitioner: PractitionerId, *, at: datetime
    ) -> UsingPartner | None:
        """Note that it was not them, and end the partner's tokens in their name.

        None where it is no use of theirs.
        """
        asked = {"use": use, "practitioner": practitioner, "at": at}
        row = self._connection.execute(_FIND, asked).first()
        if row is None:
            return None
        is_first = row.disowned_at is None
        if is_first:
            self._connection.execute(_DISOWN, asked)
            self._connection.execute(_END_TOKENS, asked | {"partner": row.partner_id})
        return UsingPartner(row.partner_id, is_first)

"""Who has looked at whom, and which source does not answer, in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Category, Source
from services.people.persons.postgres_clusters import PostgresClusters
from services.platform.database.engine import Texts
from services.profile.ports import VISIT, Disclosure, EarlierLook, ListedLook

SAVE_LOOK = text("""
    INSERT INTO look (disclosure, person_id, practitioner_id, purpose, permitted, categories, at,
                      partner_id, use_id, shown_as_one)
    VALUES (:disclosure, :person, :practitioner, :purpose, :permitted, :categories, :at, :through,
            :use, :shown_as_one)
""")
# With what has come here since: what arrives is dated when its transaction began, and may have been
# under way while they looked.
LOOKED_BEFORE = text("""
    SELECT looked.at, ARRAY(
        SELECT source || ' ' || record_key FROM record
        WHERE person_id = ANY(:persons) AND NOT removed
          AND arrived_at > looked.at - interval '1 minute'
    ) AS arrived
    FROM (SELECT max(at) AS at FROM look
          WHERE practitioner_id = :looker AND person_id = ANY(:persons) AND permitted
            AND at < CAST(:before AS timestamptz)) AS looked
""")


class PostgresLooks:
    """Who has looked at whom; the ledger proves it, this lists it quickly."""

    def __init__(
        self,
        connection: Connection,
        clusters: PostgresClusters,
        *,
        through: str | None = None,
        use: str | None = None,
    ) -> None:
        self._connection = connection
        self._clusters = clusters
        self._through = through
        self._use = use

    def save(self, look: Disclosure) -> None:
        """Write down one reading, permitted or refused, and through which partner it came."""
        self._connection.execute(
            SAVE_LOOK,
            {
                "disclosure": look.disclosure,
                "person": look.person,
                "practitioner": look.practitioner,
                "purpose": look.purpose.value,
                "permitted": look.permitted,
                "categories": Texts(look.categories),
                "at": look.at,
                "shown_as_one": Texts(look.shown_as_one),
                "through": self._through,
                "use": self._use,
            },
        )

    def looked_before(
        self, person: PersonId, practitioner: PractitionerId, *, at: datetime
    ) -> EarlierLook | None:
        """When they last saw the person, as any who is one with them, in another visit."""
        wanted = {"looker": practitioner, "before": at - VISIT}
        persons = self._clusters.all_of([person])
        (row,) = self._connection.execute(LOOKED_BEFORE, {**wanted, "persons": persons})
        return None if row.at is None else EarlierLook(row.at, frozenset(row.arrived))

    def of(self, person: PersonId, *, most: int) -> Sequence[ListedLook]:
        """The latest looks at a person, or who is or was shown as one with them, newest first."""
        rows = self._connection.execute(
            text("""
                SELECT l.at, coalesce(p.name, 'An officer of the council') AS name,
                       coalesce(a.name, 'The council') AS agency_name, l.purpose, l.permitted,
                       l.categories, l.partner_id
                FROM look l LEFT JOIN practitioner p USING (practitioner_id)
                LEFT JOIN LATERAL (
                    SELECT agency_code FROM membership m
                    WHERE m.practitioner_id = l.practitioner_id
                    ORDER BY m.known_at <= l.at DESC,
                             CASE WHEN m.known_at <= l.at THEN m.state ELSE -m.state END DESC
                    LIMIT 1) AS worked ON true
                LEFT JOIN agency a USING (agency_code)
                WHERE l.person_id = ANY(:persons) OR (l.shown_as_one <> '{}'
                    AND l.shown_as_one && CAST(:persons AS text[]))
                ORDER BY l.at DESC LIMIT :most
            """),
            {"persons": self._clusters.all_of([person]), "most": most},
        )
        return [
            ListedLook(
                row.at,
                row.name,
                row.agency_name,
                row.purpose,
                row.permitted,
                tuple(Category(c) for c in row.categories),
                row.partner_id,
            )
            for row in rows
        ]


# Whether a source that has to be asked answers; a profile says so (DESIGN.md section 7).

_NOT_ANSWERING = text("""
    INSERT INTO source_status (source, failing_since) VALUES (:source, :at)
    ON CONFLICT (source) DO UPDATE
        SET failing_since = coalesce(source_status.failing_since, excluded.failing_since)
""")
_ANSWERING = text("UPDATE source_status SET failing_since = NULL WHERE source = :source")


def note_not_answering(connection: Connection, source: Source, *, at: datetime) -> None:
    """From now on, or since it was said before, the source does not answer."""
    connection.execute(_NOT_ANSWERING, {"source": source.value, "at": at})


def note_answering(connection: Connection, source: Source) -> None:
    """The source answers, whether or not it has anything to say."""
    connection.execute(_ANSWERING, {"source": source.value})

"""Who works with whom: case-loads that sources state, and relationships that people record."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from consent.model import LegitimateRelationship, RelationshipGround
from schemas.identifiers import PersonId, PractitionerId
from schemas.records.payloads import Involvement
from schemas.records.published import PublishedRecord
from services.people.linking.joined_record import relationships_with_all
from services.people.persons.postgres_clusters import PostgresClusters

_SAVE = text("""
    INSERT INTO case_load (agency_code, person_id, record_key, since, until, part_of)
    SELECT * FROM unnest(CAST(:agencies AS text[]), CAST(:persons AS text[]),
        CAST(:keys AS text[]), CAST(:sinces AS text[]), CAST(:untils AS text[]),
        CAST(:parts AS text[]))
    ON CONFLICT (record_key, person_id) DO UPDATE SET agency_code = excluded.agency_code,
        since = excluded.since, until = excluded.until, part_of = excluded.part_of
""")
_FORGET = text("""
    DELETE FROM case_load USING unnest(CAST(:persons AS text[]), CAST(:keys AS text[]))
                               AS gone(person_id, record_key)
    WHERE case_load.person_id = gone.person_id AND case_load.record_key = gone.record_key
""")
# What is part of an involvement only tells that it has ended: by itself it is none.
_RELATIONSHIPS = text("""
    SELECT person_id, ground, since, until FROM legitimate_relationship
    WHERE practitioner_id = :practitioner AND person_id = ANY(:persons)
    UNION ALL
    SELECT DISTINCT c.person_id, 'case-load', CAST(:now AS timestamptz), CAST(NULL AS timestamptz)
    FROM case_load c JOIN practitioner p USING (agency_code)
    WHERE p.practitioner_id = :practitioner AND c.person_id = ANY(:persons)
      AND (c.since IS NULL OR left(c.since, 10) <= :today)
      AND (c.until IS NULL OR left(c.until, 10) >= :today) AND c.part_of IS NULL
      AND NOT EXISTS (SELECT FROM case_load AS ending WHERE ending.person_id = c.person_id
                      AND ending.part_of = c.record_key AND left(ending.until, 10) < :today)
""")
# The newest first, so that whoever has more than are listed finds those that they began with last.
_MINE = text("""
    SELECT person_id, ground FROM (
        SELECT c.person_id, 'case-load' AS ground, left(c.since, 10) AS since
        FROM case_load c JOIN practitioner p USING (agency_code)
        WHERE p.practitioner_id = :practitioner
          AND (c.since IS NULL OR left(c.since, 10) <= :today)
          AND (c.until IS NULL OR left(c.until, 10) >= :today) AND c.part_of IS NULL
          AND NOT EXISTS (SELECT FROM case_load AS ending WHERE ending.person_id = c.person_id
                          AND ending.part_of = c.record_key AND left(ending.until, 10) < :today)
        UNION ALL SELECT person_id, ground, to_char(since, 'YYYY-MM-DD')
        FROM legitimate_relationship
        WHERE practitioner_id = :practitioner AND (until IS NULL OR until > :now)
    ) AS mine
    GROUP BY person_id, ground ORDER BY max(since) DESC NULLS LAST, person_id LIMIT :most
""")


class PostgresCaseLoads:
    """Relationships as one transaction sees them at one moment."""

    def __init__(self, connection: Connection, at: datetime, clusters: PostgresClusters) -> None:
        self._connection = connection
        self._at = at
        self._clusters = clusters

    def save(self, records: Sequence[PublishedRecord]) -> None:
        """Take the involvements among these records into the case-loads of their agencies."""
        stated = [
            (payload, record)
            for record in records
            if isinstance(payload := record.payload, Involvement) and payload.agency_code
        ]
        if stated:
            self._connection.execute(
                _SAVE,
                {
                    "agencies": [payload.agency_code for payload, _ in stated],
                    "persons": [record.persons[0] for _, record in stated],
                    "keys": [record.key for _, record in stated],
                    "sinces": [payload.period.start for payload, _ in stated],
                    "untils": [payload.period.end for payload, _ in stated],
                    "parts": [record.part_of for _, record in stated],
                },
            )

    def forget(self, records: Collection[tuple[PersonId, str]]) -> None:
        """Drop what was derived from records that are gone: under whom they were, and their keys.

        A source may have told of one record under two persons; it is gone under one of them.
        """
        if records:
            persons, keys = zip(*records, strict=True)
            self._connection.execute(_FORGET, {"persons": list(persons), "keys": list(keys)})

    def relationships(
        self, practitioner: PractitionerId, persons: Collection[PersonId]
    ) -> Sequence[LegitimateRelationship]:
        """Every legitimate relationship of the practitioner with one of the persons.

        One with anybody who is one with them is one with them too.
        """
        rows = self._connection.execute(
            _RELATIONSHIPS,
            {
                "practitioner": practitioner,
                "persons": self._clusters.all_of(persons),
                "now": self._at,
                "today": self._at.date().isoformat(),
            },
        )
        found = [
            LegitimateRelationship(
                practitioner,
                PersonId(row.person_id),
                RelationshipGround(row.ground),
                row.since,
                row.until,
            )
            for row in rows
        ]
        return relationships_with_all(found, self._clusters.members(persons))

    def of(
        self, practitioner: PractitionerId, *, most: int
    ) -> Sequence[tuple[PersonId, RelationshipGround]]:
        """The persons with whom the practitioner has a relationship now.

        Each by the id known outside, once a ground.
        """
        rows = self._connection.execute(
            _MINE,
            {
                "practitioner": practitioner,
                "today": self._at.date().isoformat(),
                "now": self._at,
                "most": most,
            },
        ).all()
        known = self._clusters.canonical([PersonId(row.person_id) for row in rows])
        mine = ((known[PersonId(row.person_id)], RelationshipGround(row.ground)) for row in rows)
        return list(dict.fromkeys(mine))

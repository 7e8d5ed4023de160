"""What a sweep reads and deletes of the shared profile, in PostgreSQL; nothing is opened."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import Connection, Row, text

from schemas.identifiers import PersonId, RecordKey
from schemas.vocabulary import Category, Source
from services.adapters.case_loads import PostgresCaseLoads
from services.adapters.clusters import PostgresClusters
from services.adapters.retention_holds import RetentionHolds
from services.aggregation.retention import Marks
from services.aggregation.retention_marks import said_on
from services.aggregation.retention_sweep import KeptBatch, KeptRecord

PERSONS_A_BATCH = 300

_PERSONS = text("""
    SELECT DISTINCT person_id FROM record WHERE person_id > :after ORDER BY person_id LIMIT :most
""")
_RECORDS = text("""
    SELECT person_id, other_person_id, also_about, source, category, record_key, part_of,
           version, removed, about_until, born_year, stored_on
    FROM record WHERE person_id = ANY(:persons)
""")
_BIRTHS = text("""
    SELECT person_id, born_year FROM record
    WHERE person_id = ANY(:persons) AND born_year IS NOT NULL
""")
_PURGE = text("""
    DELETE FROM record USING unnest(CAST(:persons AS text[]), CAST(:sources AS text[]),
                                    CAST(:keys AS text[]), CAST(:versions AS text[]))
                       AS past(person_id, source, record_key, version)
    WHERE record.person_id = past.person_id AND record.source = past.source
      AND record.record_key = past.record_key AND record.version = past.version
    RETURNING record.person_id, record.source, record.record_key
""")


class PostgresKept:
    """services.aggregation.retention_sweep.Kept as one transaction sees it."""

    def __init__(
        self, connection: Connection, clusters: PostgresClusters, case_loads: PostgresCaseLoads
    ) -> None:
        self._connection = connection
        self._clusters = clusters
        self._case_loads = case_loads

    def batch(self, after: PersonId, *, today: date) -> KeptBatch | None:
        """The next persons in the order of their ids; None when there are no more."""
        asked = {"after": after, "most": PERSONS_A_BATCH}
        persons = [PersonId(row.person_id) for row in self._connection.execute(_PERSONS, asked)]
        if not persons:
            return None
        rows = self._connection.execute(_RECORDS, {"persons": persons}).all()
        records = [_kept(row, today) for row in rows]
        everyone = {person for record in records for person in record.persons}
        held = RetentionHolds(self._connection, self._clusters).held_among(everyone)
        return KeptBatch(records, self._births(persons), held, persons[-1], len(persons))

    def purge(self, records: Sequence[KeptRecord]) -> Sequence[KeptRecord]:
        """Delete these, with what was derived from them; gives those that went."""
        places = {(r.persons[0], r.source.value, str(r.key)): r for r in records}
        columns = {
            "persons": [r.persons[0] for r in records],
            "sources": [r.source.value for r in records],
            "keys": [r.key for r in records],
            "versions": [r.version for r in records],
        }
        rows = self._connection.execute(_PURGE, columns)
        gone = [places[row.person_id, row.source, row.record_key] for row in rows]
        self._case_loads.forget([(record.persons[0], record.key) for record in gone])
        return gone

    def _births(self, persons: Collection[PersonId]) -> Mapping[PersonId, Sequence[int]]:
        """The years of birth that are stated of those persons and of who is one with them."""
        members = self._clusters.members(persons)
        everyone = {member for cluster in members.values() for member in cluster}
        stated: dict[str, list[int]] = defaultdict(list)
        for row in self._connection.execute(_BIRTHS, {"persons": list(everyone)}).all():
            stated[row.person_id].append(row.born_year)
        return {
            person: [year for member in cluster for year in stated.get(member, ())]
            for person, cluster in members.items()
        }


def _kept(row: Row[tuple[object, ...]], today: date) -> KeptRecord:
    persons = (row.person_id, row.other_person_id, *row.also_about)
    return KeptRecord(
        persons=tuple(PersonId(person) for person in persons if person is not None),
        source=Source(row.source),
        category=Category(row.category),
        key=RecordKey(row.record_key),
        version=row.version,
        marks=Marks(
            said_on(row.version, stored_on=row.stored_on, today=today),
            row.about_until,
            row.born_year,
        ),
        part_of=None if row.part_of is None else RecordKey(row.part_of),
        is_removal=row.removed,
    )

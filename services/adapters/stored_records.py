"""The shared profile's records in PostgreSQL: sealed, per source and version."""

from collections.abc import Collection, Iterator, Sequence

import orjson
from sqlalchemy import Connection, Row, text

from schemas.fhir_mapping import bundle_from_records, records_from_bundle
from schemas.identifiers import PersonId, RecordKey
from schemas.records.published import ALL_RECORDS, PublishedRecord
from schemas.vocabulary import Category, Label, Source
from services.adapters.person_keys import PersonKeys
from services.adapters.sealing import open_at_rest, seal_at_rest
from services.aggregation.stored import StoredRecord
from services.errors import KeyDestroyedError

# An equal or older version changes nothing, whenever and however often it comes: neither than
# what is stored under the key, nor than the source's removal of all that it said.
_UPSERT = text("""
    INSERT INTO record (record_key, person_id, other_person_id, source, category, labels, version,
                        removed, sealed)
    SELECT key, person, other, source, category, string_to_array(labels, ','), version,
           sealed IS NULL, sealed
    FROM unnest(CAST(:keys AS text[]), CAST(:persons AS text[]), CAST(:others AS text[]),
                CAST(:sources AS text[]), CAST(:categories AS text[]), CAST(:labels AS text[]),
                CAST(:versions AS text[]), CAST(:sealed AS bytea[]))
         AS new(key, person, other, source, category, labels, version, sealed)
    WHERE NOT EXISTS (
        SELECT FROM record AS everything
        WHERE everything.person_id = new.person AND everything.source = new.source
          AND everything.record_key = :all_records AND everything.version >= new.version
    )
    ON CONFLICT (person_id, source, record_key) DO UPDATE SET
        other_person_id = excluded.other_person_id, category = excluded.category,
        labels = excluded.labels, version = excluded.version, removed = excluded.removed,
        sealed = excluded.sealed
    WHERE excluded.version > record.version
    RETURNING person_id, source, record_key
""")
_REMOVE_ALL = text("""
    UPDATE record SET removed = true, sealed = NULL, version = :version
    WHERE person_id = :person AND source = :source AND version <= :version
      AND record_key <> :all_records AND NOT removed
    RETURNING record_key
""")
_REMEMBER_REMOVAL = text("""
    INSERT INTO record (record_key, person_id, source, category, labels, version, removed)
    VALUES (:all_records, :person, :source, :category, '{}', :version, true)
    ON CONFLICT (person_id, source, record_key) DO UPDATE SET version = excluded.version
    WHERE excluded.version > record.version
""")
_READ = text("""
    SELECT * FROM record WHERE NOT removed
        AND (person_id = ANY(:persons) OR other_person_id = ANY(:persons))
""")
_PURGE = text("""
    DELETE FROM record USING unnest(CAST(:persons AS text[]), CAST(:sources AS text[]),
                                    CAST(:keys AS text[])) AS gone(person_id, source, record_key)
    WHERE record.person_id = gone.person_id AND record.source = gone.source
      AND record.record_key = gone.record_key
""")


class PostgresStoredRecords:
    """Records as one transaction sees them."""

    def __init__(self, connection: Connection, keys: PersonKeys) -> None:
        self._connection = connection
        self._keys = keys

    def upsert(self, records: Sequence[PublishedRecord]) -> Sequence[PublishedRecord]:
        """Store what is newer than what is stored; gives those that changed something."""
        newest: dict[tuple[str, ...], PublishedRecord] = {}
        for record in records:
            place = (record.persons[0], record.source.value, record.key)
            if place not in newest or record.version > newest[place].version:
                newest[place] = record
        if not newest:
            return ()
        columns = self._columns(list(newest.values()))
        stored = self._connection.execute(_UPSERT, {**columns, "all_records": ALL_RECORDS})
        return [newest[row.person_id, row.source, row.record_key] for row in stored]

    def remove_all(self, removal: PublishedRecord) -> Sequence[RecordKey]:
        """Remove whatever its source said about the person up to its version; gives the keys.

        What the source said before and comes later is not stored either.
        """
        wanted = {
            "person": removal.persons[0],
            "source": removal.source.value,
            "version": removal.version,
            "all_records": ALL_RECORDS,
        }
        removed = self._connection.execute(_REMOVE_ALL, wanted).all()
        self._connection.execute(_REMEMBER_REMOVAL, {**wanted, "category": removal.category.value})
        return [RecordKey(row.record_key) for row in removed]

    def about(self, persons: Collection[PersonId]) -> Sequence[StoredRecord]:
        """What is stored about the persons, sealed: decide first, then open."""
        if not persons:
            return []
        rows = self._connection.execute(_READ, {"persons": list(persons)})
        return [_record_from_row(row) for row in rows]

    def open(self, records: Sequence[StoredRecord]) -> Iterator[PublishedRecord]:
        """The contents of records that a decision permits; of an erased person there are none."""
        self._keys.load({record.persons[0] for record in records})
        for record in records:
            try:
                key = self._keys.data_key(record.persons[0])
            except KeyDestroyedError:
                continue
            plain = open_at_rest(key, record.sealed, bound_to=record.key)
            yield from records_from_bundle({"entry": [orjson.loads(plain)]})

    def purge(self, records: Sequence[StoredRecord]) -> None:
        """Delete the records, content and row."""
        self._connection.execute(
            _PURGE,
            {
                "persons": [record.persons[0] for record in records],
                "sources": [record.source.value for record in records],
                "keys": [record.key for record in records],
            },
        )

    def _columns(self, records: Sequence[PublishedRecord]) -> dict[str, list[object]]:
        return {
            "keys": [r.key for r in records],
            "persons": [r.persons[0] for r in records],
            "others": [r.persons[1] if len(r.persons) > 1 else None for r in records],
            "sources": [r.source.value for r in records],
            "categories": [r.category.value for r in records],
            "labels": [",".join(sorted(r.labels)) for r in records],
            "versions": [r.version for r in records],
            "sealed": [self._sealed(r) for r in records],
        }

    def _sealed(self, record: PublishedRecord) -> bytes | None:
        if record.payload is None:
            return None
        entry = bundle_from_records([record])["entry"][0]
        key = self._keys.data_key(record.persons[0])
        return seal_at_rest(key, orjson.dumps(entry), bound_to=record.key)


def _record_from_row(row: Row[tuple[object, ...]]) -> StoredRecord:
    persons = [row.person_id, row.other_person_id]
    return StoredRecord(
        key=RecordKey(row.record_key),
        source=Source(row.source),
        category=Category(row.category),
        persons=tuple(PersonId(p) for p in persons if p is not None),
        labels=frozenset(Label(label) for label in row.labels if label),
        version=row.version,
        sealed=bytes(row.sealed),
    )

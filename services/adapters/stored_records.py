"""The shared profile's records in PostgreSQL: sealed, per source and version."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

import orjson
from sqlalchemy import Connection, Row, text

from schemas.fhir_mapping import bundle_from_records, records_from_bundle
from schemas.identifiers import PersonId, RecordKey
from schemas.records.published import ALL_RECORDS, PublishedRecord
from schemas.vocabulary import Category, Label, Source
from services.adapters.cleared_scopes import clear_scopes, kept_clearings
from services.adapters.person_keys import PersonKeys
from services.adapters.sealing import open_at_rest, seal_at_rest
from services.aggregation.clearings import clearings_to_keep
from services.aggregation.parts import completed
from services.aggregation.stored import ClearedRecord, StoredRecord
from services.errors import KeyDestroyedError

# An equal or older version changes nothing, whenever and however often it comes; nor does what is
# older than the clearing of a scope in which it lies.
_UPSERT = text("""
    INSERT INTO record (record_key, person_id, other_person_id, source, category, labels, version,
                        removed, sealed, scopes, keeps)
    SELECT key, person, other, source, category, string_to_array(labels, ','), version,
           sealed IS NULL, sealed, string_to_array(scopes, ','), string_to_array(keeps, ',')
    FROM unnest(CAST(:keys AS text[]), CAST(:persons AS text[]), CAST(:others AS text[]),
                CAST(:sources AS text[]), CAST(:categories AS text[]), CAST(:labels AS text[]),
                CAST(:versions AS text[]), CAST(:sealed AS bytea[]), CAST(:scopes AS text[]),
                CAST(:keeps AS text[]))
         AS new(key, person, other, source, category, labels, version, sealed, scopes, keeps)
    WHERE NOT EXISTS (
        SELECT FROM record AS cleared
        WHERE cleared.person_id = new.person AND cleared.source = new.source
          AND cleared.record_key
              = ANY(string_to_array(new.scopes, ',') || CAST(:all_records AS text))
          AND cleared.version > new.version
          AND NOT cleared.keeps && string_to_array(new.scopes, ',')
    )
    ON CONFLICT (person_id, source, record_key) DO UPDATE SET
        other_person_id = excluded.other_person_id, category = excluded.category,
        labels = excluded.labels, version = excluded.version, removed = excluded.removed,
        sealed = excluded.sealed, scopes = excluded.scopes, keeps = excluded.keeps
    WHERE excluded.version > record.version
    RETURNING person_id, source, record_key
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
        """Store what is newer than what is stored; gives those that changed something.

        What is older than a clearing of a scope in which it lies is not stored.
        """
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

    def clear(self, clearings: Sequence[PublishedRecord]) -> Sequence[ClearedRecord]:
        """Take away what lies in these scopes and is older; gives the records that went.

        The clearings are kept first, so that what comes late finds them.
        """
        if not clearings:
            return ()
        kept = kept_clearings(self._connection, clearings)
        self.upsert(clearings_to_keep(kept, clearings))
        return clear_scopes(self._connection, clearings, all_records=ALL_RECORDS)

    def about(self, persons: Collection[PersonId]) -> Sequence[StoredRecord]:
        """What is stored about the persons, sealed: decide first, then open."""
        if not persons:
            return []
        rows = self._connection.execute(_READ, {"persons": list(persons)})
        return [_record_from_row(row) for row in rows]

    def open(self, records: Sequence[StoredRecord]) -> Iterator[PublishedRecord]:
        """The contents of records that a decision permits, each with what completes it.

        Of an erased person there are none.
        """
        yield from completed(self._opened(records))

    def _opened(self, records: Sequence[StoredRecord]) -> Iterator[PublishedRecord]:
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
            "scopes": [",".join(r.scopes) for r in records],
            "keeps": [",".join(r.keeps) for r in records],
        }

    def _sealed(self, record: PublishedRecord) -> bytes | None:
        if record.payload is None:
            return None
        entry = bundle_from_records([replace(record, scopes=())])["entry"][0]
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

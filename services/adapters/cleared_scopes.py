"""Scopes that their sources have taken back, in PostgreSQL: what went, and what must not return."""

from collections.abc import Sequence

from sqlalchemy import Connection, Row, text

from schemas.identifiers import PersonId, RecordKey
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Action, Category, Source
from services.aggregation.stored import ClearedRecord

# A clearing lies in its own scope, which tells it from the removal of a record.
_KEPT = text("""
    SELECT person_id, source, record_key, category, version, scopes, keeps FROM record
    WHERE person_id = ANY(:persons) AND source = ANY(:sources)
      AND removed AND record_key = ANY(scopes)
""")
_CLEAR = text("""
    DELETE FROM record
    USING unnest(CAST(:persons AS text[]), CAST(:sources AS text[]), CAST(:keys AS text[]),
                 CAST(:versions AS text[]), CAST(:keeps AS text[]))
          AS gone(person_id, source, scope, version, keeps)
    WHERE record.person_id = gone.person_id AND record.source = gone.source
      AND (gone.scope = ANY(record.scopes) OR gone.scope = :all_records)
      AND record.version < gone.version AND record.record_key <> gone.scope
      AND NOT record.scopes && string_to_array(gone.keeps, ',')
    RETURNING record.record_key, record.person_id, record.removed
""")


def kept_clearings(
    connection: Connection, clearings: Sequence[PublishedRecord]
) -> Sequence[PublishedRecord]:
    """Every clearing that is kept of the persons and sources of these."""
    rows = connection.execute(
        _KEPT,
        {
            "persons": sorted({clearing.persons[0] for clearing in clearings}),
            "sources": sorted({clearing.source.value for clearing in clearings}),
        },
    )
    return [_clearing_from_row(row) for row in rows]


def clear_scopes(
    connection: Connection, clearings: Sequence[PublishedRecord], *, all_records: RecordKey
) -> Sequence[ClearedRecord]:
    """Delete what lies in these scopes, is older and not kept; gives what was there to be seen."""
    rows = connection.execute(
        _CLEAR,
        {
            "persons": [clearing.persons[0] for clearing in clearings],
            "sources": [clearing.source.value for clearing in clearings],
            "keys": [clearing.key for clearing in clearings],
            "versions": [clearing.version for clearing in clearings],
            "keeps": [",".join(clearing.keeps) for clearing in clearings],
            "all_records": all_records,
        },
    )
    return [
        ClearedRecord(RecordKey(row.record_key), PersonId(row.person_id))
        for row in rows
        if not row.removed
    ]


def _clearing_from_row(row: Row[tuple[object, ...]]) -> PublishedRecord:
    return PublishedRecord(
        key=RecordKey(row.record_key),
        source=Source(row.source),
        category=Category(row.category),
        persons=(PersonId(row.person_id),),
        version=row.version,
        payload=None,
        action=Action.CLEAR,
        scopes=tuple(RecordKey(scope) for scope in row.scopes),
        keeps=tuple(RecordKey(scope) for scope in row.keeps),
    )

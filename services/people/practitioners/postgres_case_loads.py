"""Which agencies records name, so that somebody can be rung. It lets nobody open anything."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, text

from schemas.identifiers import PersonId
from schemas.records.payloads import Involvement
from schemas.records.published import PublishedRecord

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


class PostgresCaseLoads:
    """What the records of the shared profile tell, as one transaction sees it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

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

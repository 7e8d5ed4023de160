"""Whom a stored record is kept to, made fewer in the transaction in which a family says so."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, text

from schemas.kept_to import KeptTo
from schemas.records.published import PublishedRecord
from services.adapters.binary_arrays import Texts

# Of the version that was seen: what came since says itself whom it is kept to.
_NARROW = text("""
    UPDATE record SET kept_to = CAST(:kept_to AS text[])
    FROM unnest(CAST(:persons AS text[]), CAST(:sources AS text[]), CAST(:keys AS text[]),
                CAST(:versions AS text[])) AS kept(person_id, source, record_key, version)
    WHERE record.person_id = kept.person_id AND record.source = kept.source
      AND record.record_key = kept.record_key AND record.version = kept.version
""")


def keep_to_fewer(
    records: Sequence[PublishedRecord], kept_to: Collection[KeptTo], connection: Connection
) -> None:
    """Keep these to so few from the next read on.

    They are named as they are stored, and it has been made sure that those are fewer. The same
    comes by the bus, where everything that is stored can be built from again.
    """
    connection.execute(
        _NARROW,
        {
            "kept_to": sorted(kept_to),
            "persons": Texts(record.persons[0] for record in records),
            "sources": Texts(record.source.value for record in records),
            "keys": Texts(record.key for record in records),
            "versions": Texts(record.version for record in records),
        },
    )

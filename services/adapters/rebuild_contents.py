"""Two sealed contents that say the same: no two sealings look alike, so both are opened."""

from collections.abc import Iterator

import orjson
from sqlalchemy import Connection, Row, text

from schemas.errors import UnreadableEventError
from schemas.fhir_mapping import records_from_bundle
from schemas.identifiers import PersonId
from schemas.records.published import PublishedRecord
from services.adapters.person_keys import PersonKeys
from services.adapters.rebuild_shadow import BEGINNING, Place
from services.adapters.sealing import open_at_rest
from services.errors import KeyDestroyedError, KeyUnusableError

_AT_ONCE = 1000
_SEALED_APART = text("""
    SELECT person_id, source, record_key, live.sealed AS live, built.sealed AS built
    FROM pg_temp.record AS built
    JOIN public.record AS live USING (person_id, source, record_key, version)
    WHERE (person_id, source, record_key) > (:person, :source, :key)
      AND live.sealed <> built.sealed
    ORDER BY person_id, source, record_key LIMIT :most
""")
_SEALED_ALIKE = text("""
    UPDATE pg_temp.record AS built SET sealed = live.sealed, stored_on = live.stored_on
    FROM public.record AS live
    JOIN unnest(CAST(:persons AS text[]), CAST(:sources AS text[]), CAST(:keys AS text[]))
         AS same(person_id, source, record_key) USING (person_id, source, record_key)
    WHERE built.person_id = same.person_id AND built.source = same.source
      AND built.record_key = same.record_key
""")


def seal_alike(connection: Connection, keys: PersonKeys) -> None:
    """Give what says the same in the shadow as in the live profile the live one's very bytes.

    Whatever is sealed otherwise after this says something else.
    """
    for rows in _sealed_apart(connection):
        keys.load({PersonId(row.person_id) for row in rows})
        same = [row for row in rows if _say_the_same(row, keys)]
        connection.execute(
            _SEALED_ALIKE,
            {
                "persons": [row.person_id for row in same],
                "sources": [row.source for row in same],
                "keys": [row.record_key for row in same],
            },
        )


def _sealed_apart(connection: Connection) -> Iterator[list[Row[tuple[object, ...]]]]:
    after: Place = BEGINNING
    while True:
        person, source, key = after
        place = {"person": person, "source": source, "key": key, "most": _AT_ONCE}
        rows = list(connection.execute(_SEALED_APART, place))
        if not rows:
            return
        yield rows
        after = (rows[-1].person_id, rows[-1].source, rows[-1].record_key)


def _say_the_same(row: Row[tuple[object, ...]], keys: PersonKeys) -> bool:
    try:
        key = keys.data_key(PersonId(row.person_id))
        live, built = (
            open_at_rest(key, bytes(sealed), bound_to=row.record_key)
            for sealed in (row.live, row.built)
        )
        return live == built or _record_in(live) == _record_in(built)
    except (KeyDestroyedError, KeyUnusableError, UnreadableEventError, orjson.JSONDecodeError):
        return False


def _record_in(plain: bytes) -> tuple[PublishedRecord, ...]:
    return records_from_bundle({"entry": [orjson.loads(plain)]})

"""The shared profile's records in PostgreSQL: sealed, per source and version, cleared, narrowed."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from sqlalchemy import Connection, Row, text

from schemas.errors import UnreadableEventError
from schemas.identifiers import PersonId, RecordKey
from schemas.records.published import ALL_RECORDS, KeptTo, PublishedRecord
from schemas.vocabulary import Action, Category, Source
from services.lifecycle.retention.marks import about_until, born_year
from services.people.persons.postgres_clusters import PostgresClusters
from services.platform.database.engine import Blobs, Texts
from services.platform.errors import KeyDestroyedError, KeyUnusableError
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.postgres import PersonKeys
from services.platform.keys.sealing import open_at_rest, seal_at_rest
from services.profile.merging.claims import completed
from services.profile.parts.content import (
    RELATIONSHIP,
    Content,
    content_of,
    read,
    record_of,
    written,
)
from services.profile.parts.postgres import (
    IN_PARTS,
    last_said,
    persons_in,
    record_from_row,
    stored_from_row,
)
from services.profile.ports import ClearedRecord, StoredRecord
from services.profile.protection.hashed_places import array_of_places, places_written
from services.profile.storing import clearings_to_keep

# Scopes that their sources have taken back: what went, and what must not return.

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
    RETURNING record.record_key, record.person_id, record.removed, record.source,
              coalesce(record.arrived_at, 'epoch')::text AS arrived
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
        ClearedRecord(
            RecordKey(row.record_key), PersonId(row.person_id), Source(row.source), row.arrived
        )
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


# An equal or older version changes nothing, whenever and however often it comes; nor does what is
# older than the clearing of a scope in which it lies.
_UPSERT = text("""
    INSERT INTO record (record_key, person_id, other_person_id, source, category, labels, version,
                        removed, sealed, scopes, keeps, part_of, about_until, born_year, kept_to,
                        also_about, places, arrived_at)
    SELECT key, person, other, source, category, string_to_array(labels, ','), version,
           sealed IS NULL, sealed, string_to_array(scopes, ','), string_to_array(keeps, ','),
           part_of, about_until, born_year, string_to_array(kept_to, ','),
           string_to_array(also_about, ','), CAST(places AS bytea[]),
           coalesce(CAST(arrived AS timestamptz), now())
    FROM unnest(CAST(:keys AS text[]), CAST(:persons AS text[]), CAST(:others AS text[]),
                CAST(:sources AS text[]), CAST(:categories AS text[]), CAST(:labels AS text[]),
                CAST(:versions AS text[]), CAST(:sealed AS bytea[]), CAST(:scopes AS text[]),
                CAST(:keeps AS text[]), CAST(:parts AS text[]), CAST(:untils AS date[]),
                CAST(:births AS smallint[]), CAST(:kept_to AS text[]), CAST(:more AS text[]),
                CAST(:places AS text[]), CAST(:arrived AS text[]))
         AS new(key, person, other, source, category, labels, version, sealed, scopes, keeps,
                part_of, about_until, born_year, kept_to, also_about, places, arrived)
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
        sealed = excluded.sealed, scopes = excluded.scopes, keeps = excluded.keeps,
        part_of = excluded.part_of, about_until = excluded.about_until,
        born_year = excluded.born_year, kept_to = excluded.kept_to,
        also_about = excluded.also_about, places = excluded.places,
        arrived_at = CASE WHEN record.removed THEN excluded.arrived_at ELSE record.arrived_at END
    WHERE excluded.version > record.version
    RETURNING person_id, source, record_key
""")
# Of those who are one, what was removed is read too: it hides what came for the other before.
_READ = text("""
    SELECT record_key, person_id, other_person_id, also_about, source, category, labels, version,
           removed, sealed, kept_to, places
    FROM record WHERE (NOT removed OR person_id = ANY(:joined))
        AND (person_id = ANY(:persons) OR other_person_id = ANY(:persons)
             OR (also_about <> '{}' AND also_about && CAST(:persons AS text[])))
""")
_PURGE = text("""
    DELETE FROM record USING unnest(CAST(:persons AS text[]), CAST(:sources AS text[]),
                                    CAST(:keys AS text[])) AS gone(person_id, source, record_key)
    WHERE record.person_id = gone.person_id AND record.source = gone.source
      AND record.record_key = gone.record_key
""")
_MAY_TELL_PLACES = frozenset({Category.IDENTITY_AND_CONTACT, Category.FAMILY_AND_HOUSEHOLD})
# Of the version that was seen: what came since says itself whom it is kept to.
_NARROW = text("""
    UPDATE record SET kept_to = CAST(:kept_to AS text[])
    FROM unnest(CAST(:persons AS text[]), CAST(:sources AS text[]), CAST(:keys AS text[]),
                CAST(:versions AS text[])) AS kept(person_id, source, record_key, version)
    WHERE record.person_id = kept.person_id AND record.source = kept.source
      AND record.record_key = kept.record_key AND record.version = kept.version
""")


class PostgresStoredRecords:
    """Records as one transaction sees them."""

    def __init__(
        self,
        connection: Connection,
        keys: PersonKeys,
        clusters: PostgresClusters,
        hasher: KeyedHasher,
    ) -> None:
        self._connection = connection
        self._keys = keys
        self._clusters = clusters
        self._hasher = hasher
        # When what a clearing took first came: most of it is said again at once.
        self._arrived: dict[tuple[str, ...], str] = {}

    def upsert(self, records: Sequence[PublishedRecord]) -> Sequence[PublishedRecord]:
        """As the port says; of several versions of one record only the newest is written."""
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
        gone = clear_scopes(self._connection, clearings, all_records=ALL_RECORDS)
        self._arrived |= {(r.person, r.source.value, r.key): r.arrived for r in gone if r.source}
        return gone

    def known_as(self, person: PersonId) -> PersonId:
        """The id by which this person is known outside: their own, unless they were joined."""
        return self._clusters.canonical([person])[person]

    def about(
        self, persons: Collection[PersonId], *, outdated: bool = False
    ) -> Sequence[StoredRecord]:
        """What is stored about the persons, sealed: decide first, then open.

        What is stored under anybody who is one with them, too: of a record that its source has
        told of several of them only what it said last, or with `outdated` all of it.
        """
        if not persons:
            return []
        everyone = self._clusters.all_of(persons)
        joined = [p for p, members in self._clusters.members(everyone).items() if len(members) > 1]
        wanted = {"persons": everyone, "joined": joined}
        rows = self._connection.execute(_READ, wanted).all()
        known = self._clusters.canonical(persons_in(rows))
        if joined and not outdated:
            rows = last_said(rows, known)
        found = [record_from_row(row, known) for row in rows if not row.removed]
        return self._with_places_from_before([row for row in rows if not row.removed], found)

    def _with_places_from_before(
        self, rows: Iterable[Row[tuple[object, ...]]], found: Sequence[StoredRecord]
    ) -> Sequence[StoredRecord]:
        places = self._places_from_before([row for row in rows if row.places is None])
        if not places:
            return found
        return [replace(r, places=r.places | places.get(_row_of(r), frozenset())) for r in found]

    def in_parts(self, persons: Collection[PersonId]) -> Sequence[StoredRecord]:
        """The same to be shown: what was folded together comes so, and what came since by itself.

        Of those who are one each record by itself: what one source has told of several of them.
        """
        if not persons:
            return []
        everyone = self._clusters.all_of(persons)
        if any(len(members) > 1 for members in self._clusters.members(everyone).values()):
            return self.about(persons)
        rows = self._connection.execute(IN_PARTS, {"persons": everyone}).all()
        known = self._clusters.canonical(persons_in(rows))
        found = [stored_from_row(row, known) for row in rows]
        return self._with_places_from_before(rows, found)

    def _places_from_before(
        self, rows: Sequence[Row[tuple[object, ...]]]
    ) -> Mapping[tuple[str, ...], frozenset[bytes]]:
        """Of rows from before places were kept: where what they say tells one, opened for it.

        Until it is said or built again; what nobody can open tells nobody anything.
        """
        told = [row for row in rows if row.category in _MAY_TELL_PLACES]
        found: dict[tuple[str, ...], frozenset[bytes]] = {}
        for row in told:
            record = record_from_row(row, {p: p for p in persons_in([row])})
            with suppress(KeyUnusableError, UnreadableEventError):
                for opened in self._opened([record]):
                    found[_row_of(record)] = places_written(opened.payload, self._hasher)
        return found

    def open(self, records: Sequence[StoredRecord]) -> Iterator[PublishedRecord]:
        """The contents of records that a decision permits, each with what completes it.

        Of an erased person there are none.
        """
        yield from completed(self._opened(records))

    def _opened(self, records: Sequence[StoredRecord]) -> Iterator[PublishedRecord]:
        for content in self.contents(records):
            yield from (record_of(content, item) for item in content.items)

    def contents(self, records: Sequence[StoredRecord]) -> Iterator[Content]:
        """The same, no fact of it read yet, nor put together with what completes it."""
        self._keys.load({record.stored_under for record in records})
        for record in records:
            try:
                key = self._keys.data_key(record.stored_under)
            except KeyDestroyedError:
                continue
            plain = open_at_rest(key, record.sealed, bound_to=record.bound_to or record.key)
            content = read(plain, kept_to=record.kept_to)
            yield content if content.persons == record.persons else self._known_outside(content)

    def _known_outside(self, content: Content) -> Content:
        """The facts by the ids known outside; that one is their own relative is not shown."""
        known = self._clusters.canonical(content.persons)
        persons = tuple(dict.fromkeys(known[person] for person in content.persons))
        items = content.items
        if len(persons) != len(content.persons):
            items = [item for item in items if item.kind != RELATIONSHIP]
        return replace(content, persons=persons, items=items)

    def purge(self, records: Sequence[StoredRecord]) -> None:
        """Delete the records, content and row."""
        self._connection.execute(
            _PURGE,
            {
                "persons": [record.stored_under for record in records],
                "sources": [record.source.value for record in records],
                "keys": [record.key for record in records],
            },
        )

    def keep_to_fewer(
        self, records: Sequence[PublishedRecord], kept_to: Collection[KeptTo]
    ) -> None:
        """Keep these to so few from the next read on.

        They are named as they are stored, and it has been made sure that those are fewer. The same
        comes by the bus, where everything that is stored can be built from again.
        """
        self._connection.execute(
            _NARROW,
            {
                "kept_to": sorted(kept_to),
                "persons": Texts(record.persons[0] for record in records),
                "sources": Texts(record.source.value for record in records),
                "keys": Texts(record.key for record in records),
                "versions": Texts(record.version for record in records),
            },
        )

    def _columns(self, records: Sequence[PublishedRecord]) -> dict[str, object]:
        return {
            "keys": Texts(r.key for r in records),
            "persons": Texts(r.persons[0] for r in records),
            "others": Texts(r.persons[1] if len(r.persons) > 1 else None for r in records),
            "sources": Texts(r.source.value for r in records),
            "categories": Texts(r.category.value for r in records),
            "labels": Texts(",".join(sorted(r.labels)) for r in records),
            "versions": Texts(r.version for r in records),
            "sealed": Blobs(self._sealed(r) for r in records),
            "scopes": Texts(",".join(r.scopes) for r in records),
            "keeps": Texts(",".join(r.keeps) for r in records),
            "parts": Texts(r.part_of for r in records),
            "untils": [about_until(r) for r in records],
            "births": [born_year(r) for r in records],
            "kept_to": Texts(",".join(sorted(r.kept_to)) for r in records),
            "more": Texts(",".join(r.persons[2:]) for r in records),
            "arrived": Texts(
                self._arrived.get((r.persons[0], r.source.value, r.key)) for r in records
            ),
            "places": Texts(
                array_of_places(places_written(r.payload, self._hasher)) for r in records
            ),
        }

    def _sealed(self, record: PublishedRecord) -> bytes | None:
        if record.payload is None:
            return None
        key = self._keys.data_key(record.persons[0])
        return seal_at_rest(key, written(content_of(record)), bound_to=record.key)


def _row_of(record: StoredRecord) -> tuple[str, ...]:
    return record.stored_under, record.source.value, record.key

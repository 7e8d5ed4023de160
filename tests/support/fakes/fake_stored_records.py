"""The shared profile's records in memory, in the clear, that keep the contract of the port."""

from collections.abc import Collection, Iterator, Sequence

from schemas.identifiers import PersonId, RecordKey
from schemas.records.published import ALL_RECORDS, PublishedRecord
from schemas.vocabulary import Source
from services.profile.merging.claims import completed
from services.profile.parts.content import Content, content_of
from services.profile.ports import ClearedRecord, StoredRecord
from services.profile.storing import clearings_to_keep

_Place = tuple[PersonId, Source, RecordKey]


class FakeStoredRecords:
    """Nobody was ever joined here: everybody is known as themselves."""

    def __init__(self) -> None:
        self._rows: dict[_Place, PublishedRecord] = {}

    def upsert(self, records: Sequence[PublishedRecord]) -> Sequence[PublishedRecord]:
        """Store what is newer; see services.profile.ports."""
        newest: dict[_Place, PublishedRecord] = {}
        for record in records:
            there = newest.setdefault(_place_of(record), record)
            if record.version > there.version:
                newest[_place_of(record)] = record
        changed = [r for r in newest.values() if self._is_newer(r) and not self._is_cleared(r)]
        self._rows.update({_place_of(record): record for record in changed})
        return changed

    def clear(self, clearings: Sequence[PublishedRecord]) -> Sequence[ClearedRecord]:
        """Take away what lies in these scopes; see services.profile.ports."""
        self.upsert(clearings_to_keep(self._kept(clearings), clearings))
        gone = [r for r in self._rows.values() if any(_clears(c, r) for c in clearings)]
        for record in gone:
            del self._rows[_place_of(record)]
        return [ClearedRecord(r.key, r.persons[0]) for r in gone if r.payload is not None]

    def known_as(self, person: PersonId) -> PersonId:
        """Everybody is themselves."""
        return person

    def about(
        self, persons: Collection[PersonId], *, outdated: bool = False
    ) -> Sequence[StoredRecord]:
        """What is stored about the persons."""
        del outdated
        return [
            _stored(record)
            for record in self._rows.values()
            if record.payload is not None and set(record.persons) & set(persons)
        ]

    def in_parts(self, persons: Collection[PersonId]) -> Sequence[StoredRecord]:
        """Each by itself."""
        return self.about(persons)

    def open(self, records: Sequence[StoredRecord]) -> Iterator[PublishedRecord]:
        """The contents of records, each with what completes it."""
        yield from completed(self._rows[r.stored_under, r.source, r.key] for r in records)

    def contents(self, records: Sequence[StoredRecord]) -> Iterator[Content]:
        """The contents of records, unread."""
        return (content_of(self._rows[r.stored_under, r.source, r.key]) for r in records)

    def purge(self, records: Sequence[StoredRecord]) -> None:
        """Delete the records."""
        for record in records:
            self._rows.pop((record.stored_under, record.source, record.key), None)

    def _kept(self, clearings: Sequence[PublishedRecord]) -> list[PublishedRecord]:
        whose = {(clearing.persons[0], clearing.source) for clearing in clearings}
        return [
            r
            for r in self._rows.values()
            if r.payload is None and r.key in r.scopes and (r.persons[0], r.source) in whose
        ]

    def _is_newer(self, record: PublishedRecord) -> bool:
        there = self._rows.get(_place_of(record))
        return there is None or record.version > there.version

    def _is_cleared(self, record: PublishedRecord) -> bool:
        """Whether something newer took back a scope in which it lies; a record may be one too."""
        return any(
            c.key in {*record.scopes, ALL_RECORDS}
            and _is_of_one_source(c, record)
            and c.version > record.version
            and not set(c.keeps) & set(record.scopes)
            for c in self._rows.values()
        )


def _clears(clearing: PublishedRecord, record: PublishedRecord) -> bool:
    reaches = clearing.key in record.scopes or clearing.key == ALL_RECORDS
    is_kept = bool(set(clearing.keeps) & set(record.scopes))
    return (
        reaches
        and not is_kept
        and _is_of_one_source(clearing, record)
        and clearing.version > record.version
        and record.key != clearing.key
    )


def _is_of_one_source(one: PublishedRecord, other: PublishedRecord) -> bool:
    return (one.persons[0], one.source) == (other.persons[0], other.source)


def _place_of(record: PublishedRecord) -> _Place:
    return record.persons[0], record.source, record.key


def _stored(record: PublishedRecord) -> StoredRecord:
    return StoredRecord(
        record.key,
        record.source,
        record.category,
        record.persons,
        record.labels,
        record.version,
        b"",
        record.persons[0],
        record.kept_to,
    )

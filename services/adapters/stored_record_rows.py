"""Rows of the shared profile as what may be known of a record before it is opened."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Row

from schemas.identifiers import PersonId, RecordKey
from schemas.vocabulary import Category, Label, Source
from services.aggregation.stored import StoredRecord


def record_from_row(
    row: Row[tuple[object, ...]], known: Mapping[PersonId, PersonId]
) -> StoredRecord:
    """The record; it names its persons by the ids known outside."""
    persons = (known[person] for person in _persons_of(row))
    return StoredRecord(
        key=RecordKey(row.record_key),
        source=Source(row.source),
        category=Category(row.category),
        persons=tuple(dict.fromkeys(persons)),
        labels=frozenset(Label(label) for label in row.labels if label),
        version=row.version,
        sealed=bytes(row.sealed),
        stored_under=PersonId(row.person_id),
        kept_to=frozenset(row.kept_to),
        places=frozenset(bytes(place) for place in row.places or ()),
    )


def persons_in(rows: Iterable[Row[tuple[object, ...]]]) -> set[PersonId]:
    """Everybody whom they are about."""
    return {person for row in rows for person in _persons_of(row)}


def _persons_of(row: Row[tuple[object, ...]]) -> list[PersonId]:
    everybody = (row.person_id, row.other_person_id, *row.also_about)
    return [PersonId(person) for person in everybody if person]


def last_said(
    rows: Iterable[Row[tuple[object, ...]]], known: Mapping[PersonId, PersonId]
) -> list[Row[tuple[object, ...]]]:
    """Each record once a person, as its source said it last, also that it removed it."""
    latest: dict[tuple[str, ...], Row[tuple[object, ...]]] = {}
    for row in sorted(rows, key=lambda row: (row.version, row.person_id)):
        latest[known[PersonId(row.person_id)], row.source, row.record_key] = row
    return list(latest.values())

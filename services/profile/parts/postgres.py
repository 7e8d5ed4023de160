"""Parts in PostgreSQL: records folded together by what `decide` is asked of them, and read so.

A part is made of records and never changed. The database takes it away with whatever takes away or
changes one of its records (migration 0043); they are then read one by one until they are folded
again. So nothing that writes records has to know of parts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, text

from schemas.identifiers import PersonId, RecordKey
from schemas.records.published import KeptTo
from schemas.vocabulary import Category, Label, Source
from services.profile.ports import StoredRecord

_ABOUT = """
    (person_id = ANY(:persons) OR other_person_id = ANY(:persons)
     OR (also_about <> '{}' AND also_about && CAST(:persons AS text[])))
"""
_MARKS = "person_id, other_person_id, also_about, source, category, labels, kept_to, places"
# What lies in a part, and what lies in none yet.
IN_PARTS = text(f"""
    SELECT 'part/' || part_id AS record_key, '' AS version, true AS is_part, {_MARKS}, sealed
    FROM record_part WHERE {_ABOUT}
    UNION ALL
    SELECT record_key, version, false, {_MARKS}, sealed
    FROM record WHERE folded_in IS NULL AND NOT removed AND {_ABOUT}
""")  # noqa: S608 of constant parts


@dataclass(frozen=True, slots=True, order=True)
class PartMarks:
    """All that is asked of a record before it is opened, as its columns have it."""

    person: str
    other: str
    also: tuple[str, ...]
    source: str
    category: str
    labels: tuple[str, ...]
    kept_to: tuple[str, ...]
    places: tuple[bytes, ...]

    @property
    def bound_to(self) -> str:
        """One text of all of them: a part is opened by nothing else."""
        return _bound_to(self.person, self.other, self)


def _bound_to(person: str, other: str, marks: Any) -> str:
    """The same of a row of parts, whose arrays stand as they were written: in order."""
    also = marks.also if isinstance(marks, PartMarks) else marks.also_about
    places = (place.hex() for place in marks.places)
    said = (*marks.labels, "kept", *marks.kept_to, "at", *places)
    return " ".join(("part", person, other, *also, "of", marks.source, marks.category, *said))


def marks_of(row: Row[Any]) -> PartMarks:
    """The marks in a row of records or of parts."""
    return PartMarks(
        row.person_id,
        row.other_person_id or "",
        tuple(row.also_about),
        row.source,
        row.category,
        tuple(sorted(label for label in row.labels if label)),
        tuple(sorted(row.kept_to)),
        tuple(sorted(bytes(place) for place in row.places or ())),
    )


# A row, as what may be known of a record before it is opened.


def record_from_row(
    row: Row[tuple[object, ...]], known: Mapping[PersonId, PersonId], *, bound_to: str = ""
) -> StoredRecord:
    """The record; it names its persons by the ids known outside."""
    persons = dict.fromkeys(known[person] for person in _persons_of(row))
    source, category, labels, kept_to, places = _read_marks(
        row.source,
        row.category,
        tuple(row.labels),
        tuple(row.kept_to),
        tuple(row.places) if row.places else (),
    )
    return StoredRecord(
        RecordKey(row.record_key),
        source,
        category,
        tuple(persons),
        labels,
        row.version,
        row.sealed if isinstance(row.sealed, bytes) else bytes(row.sealed),
        PersonId(row.person_id),
        kept_to,
        places,
        bound_to,
    )


# What is asked of a record is the same of most: the same few sets of marks come again and again.
@lru_cache(maxsize=4_096)
def _read_marks(
    source: str,
    category: str,
    labels: tuple[str, ...],
    kept_to: tuple[str, ...],
    places: tuple[bytes, ...],
) -> tuple[Source, Category, frozenset[Label], frozenset[KeptTo], frozenset[bytes]]:
    return (
        _SOURCES[source],
        _CATEGORIES[category],
        frozenset(_LABELS[label] for label in labels if label),
        frozenset(map(KeptTo, kept_to)),
        frozenset(map(bytes, places)),
    )


_SOURCES = {source.value: source for source in Source}
_CATEGORIES = {category.value: category for category in Category}
_LABELS = {label.value: label for label in Label}


def stored_from_row(
    row: Row[tuple[object, ...]], known: Mapping[PersonId, PersonId]
) -> StoredRecord:
    """A record, or a part, which is bound to all by which it was found."""
    is_part = row.is_part
    bound_to = _bound_to(row.person_id, row.other_person_id or "", row) if is_part else ""
    return record_from_row(row, known, bound_to=bound_to)


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

"""Folding: what came of one person record by record is put together, to be read at once.

It changes nothing that is shown, so it may be done at any time, or never. It waits for nobody:
what somebody else is writing just now is folded the next time.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, text

from schemas.errors import UnreadableEventError
from schemas.identifiers import PersonId
from schemas.records.published import KeptTo
from schemas.vocabulary import Category, Label, Source
from services.platform.database.engine import Blobs, Texts
from services.platform.errors import KeyDestroyedError, KeyUnusableError
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.postgres import PersonKeys
from services.platform.keys.sealing import open_at_rest, seal_at_rest
from services.profile.parts.content import Content, read, record_of, written
from services.profile.parts.postgres import PartMarks, marks_of
from services.profile.protection.hashed_places import array_of_places, places_written

NOBODY_YET = PersonId("")
_MOST_BYTES = 6_000
"""Of the facts in a part, so that with its marks it fits on a page of the database."""
_SMALL_BYTES = _MOST_BYTES // 2

_NEXT = text("""
    SELECT DISTINCT person_id FROM record
    WHERE folded_in IS NULL AND NOT removed AND person_id > :after
    ORDER BY person_id LIMIT :most
""")
# Who erases somebody holds the person and waits for their records, and this the other way round:
# this is to give way, and well before PostgreSQL looks for whom to end.
_GIVE_WAY = text("SET LOCAL lock_timeout = '200ms'")
_SMALL = text("""
    SELECT part_id, (SELECT count(*) FROM record WHERE folded_in = part_id) AS holds
    FROM record_part WHERE person_id = ANY(:persons) AND octet_length(sealed) < :small
""")
_ROWS = text("""
    SELECT record_key, person_id, other_person_id, also_about, source, category, labels, kept_to,
           places, version, sealed, folded_in
    FROM record
    WHERE person_id = ANY(:persons) AND NOT removed
      AND (folded_in IS NULL OR folded_in = ANY(:small))
    ORDER BY person_id, source, record_key FOR NO KEY UPDATE SKIP LOCKED
""")
_TAKE = text("DELETE FROM record_part WHERE part_id = ANY(:parts)")
_IDS = text("""
    SELECT nextval('record_part_part_id_seq') FROM generate_series(1, CAST(:many AS integer))
""")
_ADD = text("""
    INSERT INTO record_part (part_id, person_id, other_person_id, also_about, source, category,
                             labels, kept_to, places, sealed)
    SELECT id, person, nullif(other, ''), string_to_array(also, ','), source, category,
           string_to_array(labels, ','), string_to_array(kept_to, ','), CAST(places AS bytea[]),
           sealed
    FROM unnest(CAST(:ids AS bigint[]), CAST(:persons AS text[]), CAST(:others AS text[]),
                CAST(:also AS text[]), CAST(:sources AS text[]), CAST(:categories AS text[]),
                CAST(:labels AS text[]), CAST(:kept_to AS text[]), CAST(:places AS text[]),
                CAST(:sealed AS bytea[]))
         AS new(id, person, other, also, source, category, labels, kept_to, places, sealed)
""")
_LIES = text("""
    UPDATE record SET folded_in = new.part
    FROM unnest(CAST(:parts AS bigint[]), CAST(:persons AS text[]), CAST(:sources AS text[]),
                CAST(:keys AS text[])) AS new(part, person, source, key)
    WHERE record.person_id = new.person AND record.source = new.source
      AND record.record_key = new.key
""")


@dataclass(frozen=True, slots=True)
class Folded:
    """How many records were folded, and of whom last: nobody is left where that is None."""

    records: int
    last: PersonId | None


@dataclass(frozen=True, slots=True, repr=False)
class _Foldable:
    """A record that can be folded: its row, and what is in it."""

    row: Row[Any]
    content: Content


@dataclass(frozen=True, slots=True, repr=False)
class _PartToWrite:
    """One to be written: what is asked of it, which records lie in it, and what it says."""

    id: int
    marks: PartMarks
    rows: Sequence[Row[Any]]
    content: Content


class PostgresFolding:
    """Folds as aggregation may, in one transaction."""

    def __init__(self, connection: Connection, keys: PersonKeys, hasher: KeyedHasher) -> None:
        self._connection = connection
        self._keys = keys
        self._hasher = hasher

    def fold_next(self, after: PersonId, *, most: int) -> Folded:
        """Fold what lies alone of the next persons in the order of their ids.

        A record that cannot be opened, or says something else than its row, stays by itself. Raises
        what the database does when somebody holds a person, as who erases them: it is tried again.
        """
        self._connection.execute(_GIVE_WAY)
        found = self._connection.execute(_NEXT, {"after": after, "most": most}).scalars()
        persons = [PersonId(person) for person in found]
        if not persons:
            return Folded(0, None)
        return Folded(self._fold(persons), persons[-1])

    def _fold(self, persons: Sequence[PersonId]) -> int:
        asked = {"persons": persons, "small": _SMALL_BYTES}
        small = {row.part_id: row.holds for row in self._connection.execute(_SMALL, asked)}
        rows = self._connection.execute(_ROWS, {"persons": persons, "small": [*small]}).all()
        self._keys.load(persons)
        groups = list(_whole_groups(self._by_marks(rows), small))
        taken = sorted({one.row.folded_in for _, group in groups for one in group} - {None})
        if taken:
            self._connection.execute(_TAKE, {"parts": taken})
        lots = [(marks, lot) for marks, group in groups for lot in _lots(group)]
        if lots:
            self._write(lots)
        return sum(len(lot) for _, lot in lots)

    def _by_marks(self, rows: Sequence[Row[Any]]) -> Mapping[PartMarks, list[_Foldable]]:
        found: dict[PartMarks, list[_Foldable]] = {}
        for row in rows:
            content = self._opened(row)
            if content is not None:
                marks = self._marks(row, content)
                found.setdefault(marks, []).append(_Foldable(row, content))
        return found

    def _opened(self, row: Row[Any]) -> Content | None:
        try:
            key = self._keys.data_key(PersonId(row.person_id))
            content = read(open_at_rest(key, bytes(row.sealed), bound_to=row.record_key))
        except (KeyDestroyedError, KeyUnusableError, UnreadableEventError):
            return None
        return content if _says_what_its_row_says(content, row) else None

    def _marks(self, row: Row[Any], content: Content) -> PartMarks:
        """The row's; of one from before places were kept, with those that it names."""
        marks = marks_of(row)
        if row.places is not None:
            return marks
        named = (
            place
            for item in content.items
            for place in places_written(record_of(content, item).payload, self._hasher)
        )
        return replace(marks, places=tuple(sorted(named)))

    def _write(self, lots: Sequence[tuple[PartMarks, Sequence[_Foldable]]]) -> None:
        ids = self._connection.execute(_IDS, {"many": len(lots)}).scalars().all()
        parts = [
            _PartToWrite(part_id, marks, [one.row for one in lot], _together(marks, lot))
            for part_id, (marks, lot) in zip(ids, lots, strict=True)
        ]
        self._connection.execute(
            _ADD,
            {
                "ids": [part.id for part in parts],
                "persons": Texts(part.marks.person for part in parts),
                "others": Texts(part.marks.other for part in parts),
                "also": Texts(",".join(part.marks.also) for part in parts),
                "sources": Texts(part.marks.source for part in parts),
                "categories": Texts(part.marks.category for part in parts),
                "labels": Texts(",".join(part.marks.labels) for part in parts),
                "kept_to": Texts(",".join(part.marks.kept_to) for part in parts),
                "places": Texts(array_of_places(part.marks.places) for part in parts),
                "sealed": Blobs(self._sealed(part) for part in parts),
            },
        )
        lying = [(part.id, row) for part in parts for row in part.rows]
        self._connection.execute(
            _LIES,
            {
                "parts": [part for part, _ in lying],
                "persons": Texts(row.person_id for _, row in lying),
                "sources": Texts(row.source for _, row in lying),
                "keys": Texts(row.record_key for _, row in lying),
            },
        )

    def _sealed(self, part: _PartToWrite) -> bytes:
        key = self._keys.data_key(PersonId(part.marks.person))
        return seal_at_rest(key, written(part.content), bound_to=part.marks.bound_to)


def _whole_groups(
    groups: Mapping[PartMarks, list[_Foldable]], small: Mapping[int, int]
) -> Iterator[tuple[PartMarks, list[_Foldable]]]:
    """Those with something to fold; a small part is taken in only if nothing of it is held."""
    for marks, group in groups.items():
        held: dict[int, int] = {}
        for one in group:
            if one.row.folded_in is not None:
                held[one.row.folded_in] = held.get(one.row.folded_in, 0) + 1
        whole = {part for part, count in held.items() if small[part] == count}
        left = [one for one in group if one.row.folded_in in {None, *whole}]
        if any(one.row.folded_in is None for one in left):
            yield marks, left


def _lots(group: Sequence[_Foldable]) -> Iterator[Sequence[_Foldable]]:
    """So many together as are short enough; one that is longer, alone."""
    lot: list[_Foldable] = []
    size = 0
    for one in group:
        more = sum(len(item.text) + _HEAD_BYTES for item in one.content.items)
        if lot and size + more > _MOST_BYTES:
            yield lot
            lot, size = [], 0
        lot.append(one)
        size += more
    yield lot


_HEAD_BYTES = 110
"""About what is told of each fact beside it."""


def _together(marks: PartMarks, lot: Sequence[_Foldable]) -> Content:
    items = [item for one in lot for item in one.content.items]
    return replace(lot[0].content, items=items, kept_to=frozenset(map(KeptTo, marks.kept_to)))


def _says_what_its_row_says(content: Content, row: Row[Any]) -> bool:
    """Whom the family keeps it to apart, which it may have narrowed since."""
    persons = (row.person_id, row.other_person_id, *row.also_about)
    return (
        content.source is Source(row.source)
        and content.category is Category(row.category)
        and content.persons == tuple(person for person in persons if person)
        and content.labels == frozenset(Label(label) for label in row.labels if label)
        and [item.key for item in content.items] == [row.record_key]
        and content.items[0].version == row.version
    )

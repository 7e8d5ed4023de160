"""Reviews of a month, counted from the records that are stored: with aggregation's keys and rights.

A few children a transaction, so that nobody waits; then all counts in one. Whoever is killed before
that has counted nothing, and begins the month again. Only counts are written: whose, nowhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, text

from consent.ledger import FieldValue, LedgerEntry, ledger_entry, read_entry
from consent.ledger.events import LedgerEvent
from schemas.errors import UnreadableEventError
from schemas.identifiers import PersonId
from schemas.records.payloads import Occurrence
from schemas.vocabulary import Category, Source
from services.audit.figures.measures import Unit, begins
from services.audit.figures.reviews import (
    ReviewCounts,
    count_of_child,
    months_to_count,
    review_in,
)
from services.platform.database.engine import Texts
from services.platform.errors import KeyDestroyedError, KeyUnusableError
from services.platform.keys.sealing import open_at_rest
from services.profile.parts.content import OCCURRENCE, Content, occurrence_in, read
from services.work import UnitOfWork

MOST_MONTHS = 12
_ACTOR = "job:aggregation"
_BEGUN = text("SELECT body FROM ledger_entry ORDER BY seq LIMIT 1")
_COUNTED = text("SELECT month, counted_at FROM audit_reviews_counted")
# As the index of migration 0056 says it. The month is that in which what is told ended or was.
_OF_MONTH = f"""
    source = '{Source.HEALTH_VISITING.value}' AND category = '{Category.CHILD_HEALTH.value}'
    AND NOT removed AND about_until = :until
"""
_WHO = text(f"SELECT DISTINCT person_id FROM record WHERE {_OF_MONTH} ORDER BY person_id")  # noqa: S608
_TOLD = text(f"""
    SELECT person_id, record_key, sealed FROM record
    WHERE person_id = ANY(:persons) AND {_OF_MONTH}
""")  # noqa: S608 of constant parts
_MARK = text("""
    INSERT INTO audit_reviews_counted (month, counted_at) VALUES (:month, :at)
    ON CONFLICT DO NOTHING
""")
_ADD = text("""
    INSERT INTO audit_count (measure, period, agency, code, times)
    SELECT measure, :month, '', code, times
    FROM unnest(CAST(:measures AS text[]), CAST(:codes AS text[]), CAST(:times AS bigint[]))
        AS new (measure, code, times)
""")


def next_month(connection: Connection, *, now: datetime) -> date | None:
    """The month to be counted next; None where all that are due are counted."""
    begun = connection.execute(_BEGUN).scalar_one_or_none()
    if begun is None:
        return None
    began = read_entry(bytes(begun)).at
    counted = months_counted(connection)
    return next(iter(months_to_count(counted, begun=began, now=now, most=MOST_MONTHS)), None)


def months_counted(connection: Connection) -> Mapping[date, datetime]:
    """Which months are counted, and when each was."""
    return {row.month: row.counted_at for row in connection.execute(_COUNTED)}


def who_may_have_had_one(connection: Connection, month: date) -> Sequence[PersonId]:
    """Those of whom there is a record of child health of this month, found by an index."""
    rows = connection.execute(_WHO, {"until": end_of_month(month)}).scalars()
    return [PersonId(person) for person in rows]


def end_of_month(month: date) -> date:
    """The last day of a month, as rows of records have it."""
    return Unit.MONTH.after(month) - timedelta(days=1)


@dataclass(slots=True)
class CountingMonth:
    """A month that is being counted: who is still to be looked at, and what there is so far."""

    month: date
    waiting: Sequence[PersonId]
    counts: ReviewCounts = field(default_factory=ReviewCounts)
    opened: int = 0
    unreadable: int = 0
    _joined: set[PersonId] = field(default_factory=set)

    def count_next(self, work: UnitOfWork, *, most: int) -> int:
        """Count the reviews of the next persons; gives how many persons there were.

        Who is one with somebody counts once. What is gone with its key is nothing; what cannot be
        read though it is there is counted as that.
        """
        persons = self.waiting[:most]
        members = work.clusters.members(persons)
        alone = [person for person in persons if len(members[person]) == 1]
        joined = {members[person] for person in persons if len(members[person]) > 1}
        told = [*_told_of(work, alone, self.month)]
        told += [_told_of_one(work, all_of) for all_of in joined if all_of[0] not in self._joined]
        for of_child in told:
            seen = (review_in(one, self.month) for one in of_child if one is not None)
            self.counts += count_of_child(one for one in seen if one is not None)
        self.opened += sum(map(len, told))
        self.unreadable += sum(of_child.count(None) for of_child in told)
        self._joined.update(all_of[0] for all_of in joined)
        self.waiting = self.waiting[most:]
        return len(persons)

    def write(self, work: UnitOfWork) -> bool:
        """Write all of it, once; False where somebody else has counted this month meanwhile."""
        mark = {"month": self.month, "at": work.now}
        if not work.connection.execute(_MARK, mark).rowcount:
            return False
        written = sorted(self.counts.items())
        columns = {
            "month": self.month,
            "measures": Texts(measure.value for (measure, _), _ in written),
            "codes": Texts(code for (_, code), _ in written),
            "times": [times for _, times in written],
        }
        work.connection.execute(_ADD, columns)
        work.ledger.append([self._entry(at=work.now)])
        return True

    def _entry(self, *, at: datetime) -> LedgerEntry:
        fields: dict[str, FieldValue] = {
            "since": begins(self.month),
            "until": begins(Unit.MONTH.after(self.month)),
            "records": self.opened,
            "unreadable": self.unreadable,
        }
        return ledger_entry(LedgerEvent.FIGURES_COUNTED, fields, at=at, actor=_ACTOR)


Told = list[Occurrence | None]
"""What happened to one child; None is what cannot be read."""


def _told_of(work: UnitOfWork, persons: Sequence[PersonId], month: date) -> Iterable[Told]:
    work.keys.load(persons)
    asked = {"persons": Texts(persons), "until": end_of_month(month)}
    found: dict[PersonId, Told] = {}
    for row in work.connection.execute(_TOLD, asked):
        person = PersonId(row.person_id)
        found.setdefault(person, []).extend(_told_in(work, person, row))
    return found.values()


def _told_in(work: UnitOfWork, person: PersonId, row: Row[Any]) -> Told:
    try:
        key = work.keys.data_key(person)
        return _happened(read(open_at_rest(key, bytes(row.sealed), bound_to=row.record_key)))
    except KeyDestroyedError:
        return []
    except (KeyUnusableError, UnreadableEventError):
        return [None]


def _told_of_one(work: UnitOfWork, persons: Sequence[PersonId]) -> Told:
    """Of several who are one: what a source has told of two of them, as it said it last."""
    told: Told = []
    for record in work.records.about(persons):
        if (record.source, record.category) != (Source.HEALTH_VISITING, Category.CHILD_HEALTH):
            continue
        try:
            for content in work.records.contents([record]):
                told += _happened(content)
        except (KeyUnusableError, UnreadableEventError):
            told.append(None)
    return told


def _happened(content: Content) -> Told:
    return [occurrence_in(item.text) for item in content.items if item.kind == OCCURRENCE]

"""Acts that entries of the ledger tell, kept as far back as rules look; and how far a sweep came.

An entry is read once, by its place in the ledger, in the transaction that moves the place on.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, text

from consent.ledger import read_entry
from services.audit.unusual.entries import EVENTS, act_of, disclosure_of
from services.audit.unusual.later import LooksOfPeriod, period_of
from services.audit.unusual.model import ActKind, Known, LedgerAct
from services.platform.database.engine import Texts

_POSITION = text("SELECT next_place, judged_until FROM unusual_sweep FOR UPDATE")
_MOVE = text("UPDATE unusual_sweep SET next_place = :place")
_JUDGED = text("UPDATE unusual_sweep SET judged_until = :day")
_ENTRIES = text("""
    SELECT leaf.idx, entry.body FROM ledger_leaf leaf
    LEFT JOIN ledger_entry entry ON entry.seq = leaf.entry_seq
    WHERE leaf.idx >= :place ORDER BY leaf.idx LIMIT :most
""")
_ASKED_ABOUT = text("SELECT disclosure, person_id FROM look WHERE disclosure = ANY(:disclosures)")
# Persons are opaque ids, in which no comma is.
_KEEP = text("""
    INSERT INTO unusual_act (place, at, day, kind, practitioner_id, person_id, persons, source)
    SELECT place, at, day, kind, by, person, string_to_array(persons, ','), source
    FROM unnest(CAST(:place AS bigint[]), CAST(:at AS timestamptz[]), CAST(:day AS date[]),
        CAST(:kind AS text[]), CAST(:by AS text[]), CAST(:person AS text[]),
        CAST(:persons AS text[]), CAST(:source AS text[]))
        AS told (place, at, day, kind, by, person, persons, source)
    ON CONFLICT DO NOTHING
""")
_FORGET = text("DELETE FROM unusual_act WHERE day < :day")
_FIRST_DAY = text("SELECT min(day) FROM unusual_act")
# Only of whoever was refused or has searched enough: of nobody else a rule about a day says more.
_WORTH_A_LOOK = text("""
    SELECT practitioner_id FROM unusual_act WHERE day BETWEEN :before AND :day
    GROUP BY practitioner_id
    HAVING bool_or(kind = 'refused')
        OR count(*) FILTER (WHERE kind = 'search' AND day = :day) >= :searches
    ORDER BY practitioner_id
""")
_OF_DAYS = text("""
    SELECT * FROM unusual_act
    WHERE practitioner_id = ANY(:by) AND day BETWEEN :first AND :last AND kind <> 'work'
    ORDER BY practitioner_id, at, place
""")
_BUSY_FAMILIES = text("""
    SELECT person_id FROM unusual_act WHERE day = :day AND kind = 'look'
    GROUP BY person_id HAVING count(DISTINCT practitioner_id) > :more_than ORDER BY person_id
""")
_OF_FAMILY = text("""
    SELECT * FROM unusual_act
    WHERE day BETWEEN :before AND :day AND kind IN ('look', 'emergency')
      AND persons @> ARRAY[CAST(:person AS text)]
""")
_PERIODS = text("""
    SELECT practitioner_id,
           count(DISTINCT (day, person_id)) FILTER (WHERE day >= :first) AS now,
           count(DISTINCT (day, person_id)) FILTER (WHERE day < :day) AS day_before,
           bool_or(day = :day) AS looked
    FROM unusual_act WHERE day BETWEEN :before AND :day AND kind = 'look' GROUP BY practitioner_id
""")
_COUNTS = text("""
    SELECT day, count(DISTINCT person_id) AS looks FROM unusual_act
    WHERE practitioner_id = :by AND day BETWEEN :first AND :last AND kind = 'look' GROUP BY day
""")
_LOOKS_OF_DAY = text("""
    SELECT * FROM unusual_act WHERE day = :day AND kind = 'look' AND place > :after
    ORDER BY place LIMIT :most
""")
_WORK = text("""
    SELECT * FROM unusual_act
    WHERE kind = 'work' AND day BETWEEN :first AND :last AND persons && CAST(:persons AS text[])
""")
PRACTITIONERS_AT_ONCE = 200
LOOKS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class SweepPosition:
    """Up to where entries were read, and days were judged; nobody else has it until commit."""

    next_place: int
    judged_until: date | None


class PostgresActs:
    """Acts as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def take_position(self) -> SweepPosition:
        """How far a sweep came, locked until commit."""
        row = self._connection.execute(_POSITION).one()
        return SweepPosition(row.next_place, row.judged_until)

    def read_on(self, position: SweepPosition, *, most: int) -> tuple[list[LedgerAct], int]:
        """The acts of the next entries, and how many entries those were; the position moves on."""
        asked = {"place": position.next_place, "most": most}
        rows = self._connection.execute(_ENTRIES, asked).all()
        if not rows:
            return [], 0
        told = [
            (row.idx, read_entry(bytes(row.body)))
            for row in rows
            if row.body is not None and _event(bytes(row.body)) in EVENTS
        ]
        asked_about = self._asked_about(filter(None, (disclosure_of(e) for _, e in told)))
        acts = (act_of(e, n, asked_about.get(disclosure_of(e) or "")) for n, e in told)
        self._connection.execute(_MOVE, {"place": rows[-1].idx + 1})
        return [act for act in acts if act is not None], len(rows)

    def keep(self, acts: Sequence[LedgerAct]) -> None:
        """Keep them for rules that look back."""
        if acts:
            rows = [_values(act) for act in acts]
            self._connection.execute(_KEEP, {name: [row[name] for row in rows] for name in rows[0]})

    def judged(self, day: date, *, kept_days: int) -> None:
        """Say that a day is judged; what no rule looks back to is forgotten."""
        self._connection.execute(_JUDGED, {"day": day})
        self._connection.execute(_FORGET, {"day": day - timedelta(days=kept_days)})

    def first_day(self) -> date | None:
        """The first day of which there is an act."""
        found: date | None = self._connection.execute(_FIRST_DAY).scalar()
        return found

    def days_of_practitioners(
        self, day: date, *, searches: int
    ) -> Iterator[Sequence[Sequence[LedgerAct]]]:
        """Of those who are worth asking, some at once: each one's acts of a day and the day before.

        So many at once that what is known beside them is asked for once.
        """
        asked = {"before": day - timedelta(days=1), "day": day, "searches": searches}
        by = self._connection.execute(_WORTH_A_LOOK, asked).scalars().all()
        for first in range(0, len(by), PRACTITIONERS_AT_ONCE):
            some = Texts(by[first : first + PRACTITIONERS_AT_ONCE])
            wanted = {"by": some, "first": asked["before"], "last": day}
            rows = self._connection.execute(_OF_DAYS, wanted).all()
            by_one = groupby(rows, key=lambda row: row.practitioner_id)
            yield [[_act(row) for row in of_one] for _, of_one in by_one]

    def busy_families(
        self, day: date, *, more_than: int
    ) -> Iterator[tuple[str, Sequence[LedgerAct]]]:
        """Families that more than so many looked at on a day, with all that was done then."""
        asked = {"day": day, "more_than": more_than, "before": day - timedelta(days=1)}
        for person in self._connection.execute(_BUSY_FAMILIES, asked).scalars().all():
            rows = self._connection.execute(_OF_FAMILY, asked | {"person": person})
            yield person, [_act(row) for row in rows]

    def periods(self, day: date, known: Known) -> Sequence[tuple[str, int, int, bool]]:
        """Of everybody who looked: how many now, a day before, and whether on this day."""
        first, _ = period_of(day, known)
        asked = {"first": first, "before": first - timedelta(days=1), "day": day}
        rows = self._connection.execute(_PERIODS, asked)
        return [(row.practitioner_id, row.now, row.day_before, row.looked) for row in rows]

    def counts(self, by: str, first: date, last: date) -> Mapping[date, int]:
        """How many families one practitioner looked at on each day."""
        rows = self._connection.execute(_COUNTS, {"by": by, "first": first, "last": last})
        return {row.day: row.looks for row in rows}

    def looks_of(self, of: LooksOfPeriod, first: date, last: date) -> Sequence[LedgerAct]:
        """One practitioner's looks of a period."""
        asked = {"by": Texts([of.by]), "first": first, "last": last}
        rows = self._connection.execute(_OF_DAYS, asked)
        return [_act(row) for row in rows if row.kind == ActKind.LOOK]

    def looks_of_day(self, day: date) -> Iterator[Sequence[LedgerAct]]:
        """All looks of a day, so many at once."""
        after = -1
        while True:
            asked = {"day": day, "after": after, "most": LOOKS_AT_ONCE}
            rows = self._connection.execute(_LOOKS_OF_DAY, asked).all()
            if not rows:
                return
            yield [_act(row) for row in rows]
            after = rows[-1].place

    def work_for(self, persons: Collection[str], first: date, last: date) -> Sequence[LedgerAct]:
        """What was done for any of these persons in these days."""
        asked = {"persons": Texts(persons), "first": first, "last": last}
        return [_act(row) for row in self._connection.execute(_WORK, asked)]

    def _asked_about(self, disclosures: Iterable[str]) -> Mapping[str, str]:
        wanted = {"disclosures": Texts(disclosures)}
        if not wanted["disclosures"]:
            return {}
        rows = self._connection.execute(_ASKED_ABOUT, wanted)
        return {row.disclosure: row.person_id for row in rows}


def _event(body: bytes) -> bytes:
    """The event's name, without reading the rest: most entries tell of nothing that is asked."""
    start = body.find(b'"event":"') + 9
    return body[start : body.find(b'"', start)]


def _values(act: LedgerAct) -> Mapping[str, object]:
    return {
        "place": act.place,
        "at": act.at,
        "day": act.day,
        "kind": act.kind.value,
        "by": act.by,
        "person": act.person,
        "persons": ",".join(act.persons),
        "source": act.source,
    }


def _act(row: Row[Any]) -> LedgerAct:
    kind = ActKind(row.kind)
    return LedgerAct(row.place, row.at, kind, row.practitioner_id, tuple(row.persons), row.source)

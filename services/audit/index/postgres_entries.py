"""Entries as auditors are shown them, a page at a time: by the index, and by what is newer.

A page begins where the one before ended: at a time and the number of an entry, never at a count, so
that the thousandth page costs what the first does. What is told of an entry is read from its own
bytes; the index only finds it, and a row of it that is wrong adds nothing.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from sqlalchemy import Connection, Row, TextClause, text

from consent.ledger import LedgerEntry, read_entry
from consent.ledger.events import LedgerEvent
from services.audit.index.entries import IndexRow, index_row
from services.audit.index.postgres_index import Fresh, not_yet_indexed

_FEW_ACTORS = 50
_SPANS = (timedelta(hours=1), timedelta(hours=8), timedelta(days=3), timedelta(days=24))
MOST_READ = 2_000
"""So many entries are read for one page at the most, whatever filters leave of them."""


class EntryPlace(NamedTuple):
    """Where an entry is in the order of times: what a page begins after."""

    at: datetime
    seq: int


LATEST = EntryPlace(datetime.max.replace(tzinfo=UTC), 2**63 - 1)


def _any(_: LedgerEntry) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries: of these events, in this time, about these, by these; empty is anybody.

    Who asked through another system is one of `actors` too, though that system wrote the entry.
    `until` is where the time ends and not in it. `before` is where the page before ended. `only`
    asks of an entry itself what no index finds.
    """

    events: frozenset[LedgerEvent]
    named: frozenset[str] = frozenset()
    actors: frozenset[str] = frozenset()
    since: datetime = field(default=datetime.min.replace(tzinfo=UTC))
    until: datetime = LATEST.at
    before: EntryPlace = LATEST
    refused_only: bool = False
    only: Callable[[LedgerEntry], bool] = _any

    def takes(self, row: IndexRow) -> bool:
        """Whether an entry with this row is one of them."""
        return (
            row.event in self.events
            and self.since <= row.at < self.until
            and (row.at, row.seq) < self.before
            and (not self.named or not self.named.isdisjoint(row.named))
            and (not self.actors or row.actor in self.actors or self._asked_through(row))
            and (not self.refused_only or row.because is not None)
        )

    def _asked_through(self, row: IndexRow) -> bool:
        """Whether one of them asked by another system: a practitioner is named as an actor is."""
        is_through = row.event is LedgerEvent.ACCESS_EVALUATED
        return is_through and not self.actors.isdisjoint(row.named)


@dataclass(frozen=True, slots=True)
class Found:
    """An entry, and where it is in the order of times."""

    place: EntryPlace
    entry: LedgerEntry


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Entries, the newest first; `next` is where older ones begin, None where there are none."""

    found: tuple[Found, ...]
    next: EntryPlace | None


def _is_so(one: Found, wanted: Wanted) -> bool:
    """Whether the entry itself says what the index says of it."""
    row = index_row(one.place.seq, one.entry)
    return row is not None and wanted.takes(row) and wanted.only(one.entry)


# One range of an index for each key, newest first, and the newest of all of them: however many
# keys there are, no more is read than the page takes from each.
_WITHIN = "x.at >= :since AND x.at < :until AND (x.at, x.seq) < (:before_at, :before_seq)"
_ORDER = "ORDER BY x.at DESC, x.seq DESC LIMIT :most"
_BY_NAME = text(f"""
    SELECT DISTINCT found.at, found.seq
    FROM unnest(CAST(:named AS text[])) AS wanted (named)
    CROSS JOIN LATERAL (
        SELECT x.at, x.seq FROM audit_named AS x
        WHERE x.named = wanted.named AND x.event = ANY(:events) AND {_WITHIN} {_ORDER}) AS found
    ORDER BY found.at DESC, found.seq DESC LIMIT :most
""")  # noqa: S608 of constant parts
_BY_ACTOR = text(f"""
    SELECT DISTINCT found.at, found.seq
    FROM unnest(CAST(:actors AS text[])) AS wanted (actor)
    CROSS JOIN LATERAL (
        (SELECT x.at, x.seq FROM audit_entry AS x
         WHERE x.actor = wanted.actor AND x.event = ANY(:events) AND {_WITHIN} {_ORDER})
        UNION ALL
        (SELECT x.at, x.seq FROM audit_named AS x
         WHERE x.named = wanted.actor AND x.event = ANY(:events) AND x.event = :through
           AND {_WITHIN} {_ORDER})) AS found
    ORDER BY found.at DESC, found.seq DESC LIMIT :most
""")  # noqa: S608 as above
_BY_EVENT = text(f"""
    SELECT found.at, found.seq
    FROM unnest(CAST(:events AS text[])) AS wanted (event)
    CROSS JOIN LATERAL (
        SELECT x.at, x.seq FROM audit_entry AS x
        WHERE x.event = wanted.event AND (NOT :refused_only OR x.because IS NOT NULL)
          AND {_WITHIN} {_ORDER}) AS found
    ORDER BY found.at DESC, found.seq DESC LIMIT :most
""")  # noqa: S608 as above
_BODIES = text("SELECT seq, body FROM ledger_entry WHERE seq = ANY(CAST(:seqs AS bigint[]))")
_COUNTS = text("""
    SELECT x.event, x.because, count(*) AS times
    FROM unnest(CAST(:events AS text[])) AS wanted (event)
    JOIN audit_entry AS x ON x.event = wanted.event
        AND x.at >= :since AND x.at < :until AND x.because IS NOT NULL
        AND x.seq <> ALL(CAST(:fresh AS bigint[]))
    GROUP BY x.event, x.because
""")
_ENTRY = text("SELECT seq, body FROM ledger_entry WHERE entry_id = :entry_id")
_AT_INDEX = text("""
    SELECT seq, body FROM ledger_entry
    WHERE seq = (SELECT entry_seq FROM ledger_leaf WHERE idx = :index)
""")


class AuditedEntries:
    """Entries as one transaction sees them; what is not indexed yet is read once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @cached_property
    def fresh(self) -> Fresh:
        """What the index does not hold yet. Raises AuditBehindError where that is too much."""
        return not_yet_indexed(self._connection)

    def newest(self, wanted: Wanted, *, most: int) -> "EntryPage":
        """Up to so many of the wanted entries, the newest first, and where the next page begins.

        Reads on past what filters leave out, though no more than MOST_READ entries a page: then
        the page may be short, or empty, and still have a next one.
        """
        fresh = self._fresh(wanted)
        seen, kept, before, is_all = 0, list[Found](), wanted.before, False
        asked = most + 1
        while not is_all and len(kept) < most and seen < MOST_READ:
            places = self._places(replace(wanted, before=before), asked)
            is_all = len(places) < asked
            seen += len(places)
            # What is left out is left out mostly: more at a time than what a page shows.
            asked = max(most + 1, min(4 * asked, MOST_READ - seen))
            before = places[-1] if places else before
            kept += [one for one in self.read([p.seq for p in places]) if _is_so(one, wanted)]
        new = [one for one in fresh if is_all or one.place > before]
        known = {one.place.seq for one in new}
        both = [*new, *(one for one in kept if one.place.seq not in known)]
        rows = sorted(both, key=lambda one: one.place, reverse=True)
        if len(rows) > most:
            return EntryPage(tuple(rows[:most]), rows[most - 1].place)
        return EntryPage(tuple(rows), None if is_all else before)

    def _fresh(self, wanted: Wanted) -> Sequence[Found]:
        taken = {
            row.seq: EntryPlace(row.at, row.seq) for row in self.fresh.rows if wanted.takes(row)
        }
        found = [Found(taken[seq], entry) for seq, entry in self.fresh.entries if seq in taken]
        return [one for one in found if wanted.only(one.entry)]

    def _places(self, wanted: Wanted, most: int) -> Sequence[EntryPlace]:
        asked: dict[str, object] = {
            "events": sorted(event.value for event in wanted.events),
            "since": wanted.since,
            "until": wanted.until,
            "before_at": wanted.before.at,
            "before_seq": wanted.before.seq,
            "most": most,
        }
        if wanted.named:
            query, asked["named"] = _BY_NAME, sorted(wanted.named)
        elif wanted.actors:
            asked["through"] = LedgerEvent.ACCESS_EVALUATED.value
            return self._places_of_actors(wanted, asked, most)
        else:
            query, asked["refused_only"] = _BY_EVENT, wanted.refused_only
        return self._found(query, asked)

    def _places_of_actors(
        self, wanted: Wanted, asked: Mapping[str, object], most: int
    ) -> Sequence[EntryPlace]:
        """Where they are, in ever longer times before the page until there are enough.

        Of each of thousands a whole page would be read otherwise, for one page of all of them.
        """
        newest = min(wanted.before.at, wanted.until)
        spans = _SPANS if len(wanted.actors) > _FEW_ACTORS else ()
        actors = sorted(wanted.actors)
        for span in spans:
            since = newest - span
            if since <= wanted.since:
                break
            found = self._found(_BY_ACTOR, {**asked, "actors": actors, "since": since})
            if len(found) >= most:
                return found
        return self._found(_BY_ACTOR, {**asked, "actors": actors})

    def _found(self, query: TextClause, asked: Mapping[str, object]) -> Sequence[EntryPlace]:
        rows = self._connection.execute(query, asked).all()
        return [EntryPlace(row.at, int(row.seq)) for row in rows]

    def read(self, seqs: Collection[int]) -> Sequence[Found]:
        """The entries of these numbers."""
        if not seqs:
            return []
        found = self._connection.execute(_BODIES, {"seqs": list(seqs)}).all()
        read = [(int(row.seq), read_entry(bytes(row.body))) for row in found]
        return [Found(EntryPlace(entry.at, seq), entry) for seq, entry in read]

    def refusals(
        self, events: Iterable[LedgerEvent], since: datetime, until: datetime
    ) -> Sequence[tuple[LedgerEvent, str, int]]:
        """How often each of these was refused, by event and by why."""
        wanted = frozenset(events)
        fresh = [row.seq for row in self.fresh.rows]
        asked = {"events": sorted(wanted), "since": since, "until": until, "fresh": fresh}
        counts: dict[tuple[LedgerEvent, str], int] = {}
        indexed = self._connection.execute(_COUNTS, asked).all()
        in_time = Wanted(wanted, since=since, until=until, refused_only=True)
        for row in self.fresh.rows:
            if in_time.takes(row) and row.because is not None:
                counts[row.event, row.because] = counts.get((row.event, row.because), 0) + 1
        for told in indexed:
            key = (LedgerEvent(told.event), told.because)
            counts[key] = counts.get(key, 0) + int(told.times)
        return sorted(
            ((event, because, times) for (event, because), times in counts.items()),
            key=lambda one: (-one[2], one[0], one[1]),
        )

    def by_id(self, entry_id: object) -> Found | None:
        """One entry by its id."""
        return self._one(self._connection.execute(_ENTRY, {"entry_id": entry_id}).first())

    def by_index(self, index: int) -> Found | None:
        """One entry by its place in the tree."""
        return self._one(self._connection.execute(_AT_INDEX, {"index": index}).first())

    @staticmethod
    def _one(row: Row[tuple[int, bytes]] | None) -> Found | None:
        if row is None:
            return None
        entry = read_entry(bytes(row.body))
        return Found(EntryPlace(entry.at, int(row.seq)), entry)

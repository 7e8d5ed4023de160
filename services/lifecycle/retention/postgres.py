"""What retention reads, holds and deletes, in PostgreSQL: whose turn, who is held, what is past.

Nothing is opened.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection, Row, text

from schemas.identifiers import PersonId, RecordKey
from schemas.vocabulary import Category, Source
from services.lifecycle.retention.marks import said_on
from services.lifecycle.retention.postgres_words import forget_what_was_asked
from services.lifecycle.retention.rules import Duration, Housekeeping, Marks
from services.lifecycle.retention.sweep import KeptBatch, KeptRecord
from services.people.community.postgres_forgetting import forget_closed, forget_past
from services.people.family_access.postgres import forget_ended
from services.people.persons.postgres_clusters import REACHED_STEP, PostgresClusters
from services.people.practitioners.postgres_case_loads import PostgresCaseLoads
from services.people.practitioners.postgres_sessions import forget_over
from services.platform.database.buckets import forget_full_buckets

# Whose turn it is to sweep: once a day, however many processes there are and how often started.

A_DAY = timedelta(hours=23)
"""A little less, so that the hour at which it sweeps does not wander."""

_TAKE = text("""
    INSERT INTO retention_sweep (part, began_at) VALUES (:part, :now)
    ON CONFLICT (part) DO UPDATE SET began_at = excluded.began_at
        WHERE retention_sweep.began_at <= :before
    RETURNING part
""")


def take_turn(connection: Connection, part: str, now: datetime) -> bool:
    """Whether nobody has begun a sweep of this part within a day: then it is ours.

    One that dies in the middle is begun again a day later; nothing but time is lost.
    """
    wanted = {"part": part, "now": now, "before": now - A_DAY}
    return connection.execute(_TAKE, wanted).first() is not None


# Messages that were held for their whole time.


def forget_expired_messages(connection: Connection, at: datetime) -> int:
    """Delete held messages whose year is over; gives how many. For the connectors' role."""
    gone = connection.execute(
        text("DELETE FROM holding_health_visiting.held_message WHERE expires_at <= :at"),
        {"at": at},
    )
    return gone.rowcount


# Persons about whom nothing may go for its age: an inquiry or a court wants it kept.

_HOLD = text("""
    INSERT INTO retention_hold (person_id, because, held_by, held_at)
    VALUES (:person, :because, :by, :at) ON CONFLICT DO NOTHING
""")
_RELEASE = text("DELETE FROM retention_hold WHERE person_id = ANY(:persons)")
_LIST = text("SELECT person_id, because, held_at FROM retention_hold ORDER BY held_at, person_id")
# A hold keeps, so it goes over every join there ever was, whatever became of it.
_HELD = text(f"""
    WITH RECURSIVE reached AS (
        SELECT person_id AS start, person_id FROM retention_hold UNION {REACHED_STEP}
    )
    SELECT DISTINCT person_id FROM reached
""")  # noqa: S608 of constant parts


@dataclass(frozen=True, slots=True)
class RetentionHold:
    """Who is held since when, and by which code of whoever asked for it."""

    person: PersonId
    because: str
    at: datetime


class RetentionHolds:
    """Holds as one transaction sees them.

    Whoever is one with a held person is held too, was, or is said to be.
    """

    def __init__(self, connection: Connection, clusters: PostgresClusters) -> None:
        self._connection = connection
        self._clusters = clusters

    def hold(self, person: PersonId, *, because: str, by: str, at: datetime) -> bool:
        """Hold everything about the person; false where that was so already."""
        row = {"person": person, "because": because, "by": by, "at": at}
        return self._connection.execute(_HOLD, row).rowcount > 0

    def release(self, person: PersonId) -> bool:
        """Let go again of the person and of who is one with them; false where nobody was held."""
        members = self._clusters.all_of([person])
        return self._connection.execute(_RELEASE, {"persons": members}).rowcount > 0

    def held(self) -> Sequence[RetentionHold]:
        """Every hold, the oldest first."""
        rows = self._connection.execute(_LIST)
        return [RetentionHold(PersonId(row.person_id), row.because, row.held_at) for row in rows]

    def everyone(self) -> list[PersonId]:
        """Whoever is held, themselves or as one with somebody."""
        return _held(self._connection)

    def held_among(self, persons: Collection[PersonId]) -> Collection[PersonId]:
        """Those of the persons who are held, themselves or as one with somebody."""
        return set(self.everyone()) & set(persons)


PERSONS_A_BATCH = 300

_PERSONS = text("""
    SELECT DISTINCT person_id FROM record WHERE person_id > :after ORDER BY person_id LIMIT :most
""")
_RECORDS = text("""
    SELECT person_id, other_person_id, also_about, source, category, record_key, part_of,
           version, removed, about_until, born_year, stored_on
    FROM record WHERE person_id = ANY(:persons)
""")
_BIRTHS = text("""
    SELECT person_id, born_year FROM record
    WHERE person_id = ANY(:persons) AND born_year IS NOT NULL
""")
_PURGE = text("""
    DELETE FROM record USING unnest(CAST(:persons AS text[]), CAST(:sources AS text[]),
                                    CAST(:keys AS text[]), CAST(:versions AS text[]))
                       AS past(person_id, source, record_key, version)
    WHERE record.person_id = past.person_id AND record.source = past.source
      AND record.record_key = past.record_key AND record.version = past.version
    RETURNING record.person_id, record.source, record.record_key
""")


class PostgresKept:
    """services.lifecycle.retention.sweep.Kept as one transaction sees it."""

    def __init__(
        self, connection: Connection, clusters: PostgresClusters, case_loads: PostgresCaseLoads
    ) -> None:
        self._connection = connection
        self._clusters = clusters
        self._case_loads = case_loads

    def batch(self, after: PersonId, *, today: date) -> KeptBatch | None:
        """The next persons in the order of their ids; None when there are no more."""
        asked = {"after": after, "most": PERSONS_A_BATCH}
        persons = [PersonId(row.person_id) for row in self._connection.execute(_PERSONS, asked)]
        if not persons:
            return None
        rows = self._connection.execute(_RECORDS, {"persons": persons}).all()
        records = [_kept(row, today) for row in rows]
        everyone = {person for record in records for person in record.persons}
        held = RetentionHolds(self._connection, self._clusters).held_among(everyone)
        return KeptBatch(records, self._births(persons), held, persons[-1], len(persons))

    def purge(self, records: Sequence[KeptRecord]) -> Sequence[KeptRecord]:
        """Delete these, with what was derived from them; gives those that went."""
        places = {(r.persons[0], r.source.value, str(r.key)): r for r in records}
        columns = {
            "persons": [r.persons[0] for r in records],
            "sources": [r.source.value for r in records],
            "keys": [r.key for r in records],
            "versions": [r.version for r in records],
        }
        rows = self._connection.execute(_PURGE, columns)
        gone = [places[row.person_id, row.source, row.record_key] for row in rows]
        self._case_loads.forget([(record.persons[0], record.key) for record in gone])
        return gone

    def _births(self, persons: Collection[PersonId]) -> Mapping[PersonId, Sequence[int]]:
        """The years of birth that are stated of those persons and of who is one with them."""
        members = self._clusters.members(persons)
        everyone = {member for cluster in members.values() for member in cluster}
        stated: dict[str, list[int]] = defaultdict(list)
        for row in self._connection.execute(_BIRTHS, {"persons": list(everyone)}).all():
            stated[row.person_id].append(row.born_year)
        return {
            person: [year for member in cluster for year in stated.get(member, ())]
            for person, cluster in members.items()
        }


def _kept(row: Row[tuple[object, ...]], today: date) -> KeptRecord:
    persons = (row.person_id, row.other_person_id, *row.also_about)
    return KeptRecord(
        persons=tuple(PersonId(person) for person in persons if person is not None),
        source=Source(row.source),
        category=Category(row.category),
        key=RecordKey(row.record_key),
        version=row.version,
        marks=Marks(
            said_on(row.version, stored_on=row.stored_on, today=today),
            row.about_until,
            row.born_year,
        ),
        part_of=None if row.part_of is None else RecordKey(row.part_of),
        is_removal=row.removed,
    )


# Rows about rows whose time is over: who looked, what was handled, what became of messages.
#
# Each is one statement in the caller's transaction. What is deleted a day is what came in a day.

Rows = Callable[[Connection, datetime, Housekeeping], int]
"""Deletes what is past its time; gives how many rows that were somebody's."""

_LOOKS = text("""
    DELETE FROM look WHERE at < :before
        AND NOT person_id = ANY(CAST(:held AS text[]))
""")
_HANDLED = text("DELETE FROM inbox WHERE taken_on < :before")
_FACTS = tuple(
    text(f"""
        DELETE FROM {table} WHERE seen_at < :before
            AND NOT person_id = ANY(CAST(:held AS text[]))
    """)  # noqa: S608 our own names
    for table in (
        "person_facts",
        "person_identifier",
        "decider_fact",
        "decider_name",
        "contact_told",
    )
)
# By the day of what a sender's list said last; of whom nobody knows, too.
_LISTED = text("""
    DELETE FROM listed_pupil WHERE version < :before_day
        AND (person_id IS NULL OR NOT person_id = ANY(CAST(:held AS text[])))
""")
_OWN_LABELS = text("""
    DELETE FROM own.own_label WHERE heard_on < :before
        AND NOT person_id = ANY(CAST(:held AS text[]))
""")
_EXPIRED = text("DELETE FROM message_out WHERE expires_at < :now")
# A visit is of whom it was begun about, and of whoever was confirmed to be there.
_OF_NOBODY_HELD = """
    NOT EXISTS (
        SELECT FROM presence v LEFT JOIN presence_confirmed c USING (presence_id)
        WHERE v.presence_id = past.presence_id
          AND CAST(:held AS text[]) && ARRAY[v.person_id, c.person_id])
"""
_SHEETS = text(f"""
    DELETE FROM presence_sheet past WHERE written_at < :before AND {_OF_NOBODY_HELD}
""")  # noqa: S608 of constant parts
_VISITS = text(f"""
    DELETE FROM presence past WHERE lapses_at < :before AND {_OF_NOBODY_HELD}
""")  # noqa: S608 as above
_PARKED = text("DELETE FROM parked WHERE at < :before RETURNING source, ref")
_OUTCOMES = text("DELETE FROM message_outcome WHERE at < :before RETURNING source, ref")
_ABOUT_A_MESSAGE = tuple(
    text(f"""
        DELETE FROM {table} USING unnest(CAST(:sources AS text[]), CAST(:refs AS bytea[]))
                            AS gone(source, ref)
        WHERE {table}.source = gone.source AND {table}.ref = gone.ref
    """)  # noqa: S608 our own names
    for table in ("withheld_token", "kept_scope", "file_to_reread", "partner_withheld")
)
_OUTCOME = text("""
    DELETE FROM message_outcome USING unnest(CAST(:sources AS text[]), CAST(:refs AS bytea[]))
                                AS gone(source, ref)
    WHERE message_outcome.source = gone.source AND message_outcome.ref = gone.ref
""")


def before(now: datetime, kept: Duration) -> datetime:
    """What is older than this was kept for its whole time."""
    return datetime.combine(kept.before(now.date()), time(), UTC)


def forget_looks(connection: Connection, now: datetime, kept: Housekeeping) -> int:
    """Who looked at whom, long ago; the ledger proves it still. Not of held persons."""
    wanted = {"before": before(now, kept.looks), "held": _held(connection)}
    return connection.execute(_LOOKS, wanted).rowcount


def forget_sessions(connection: Connection, now: datetime, kept: Housekeeping) -> int:
    """Sessions that are over, and what was typed in them."""
    del kept
    return forget_over(connection, now)


def forget_handled_events(connection: Connection, now: datetime, kept: Housekeeping) -> int:
    """Which events were handled that no bus keeps any more."""
    before_day = before(now, kept.handled_events).date()
    return connection.execute(_HANDLED, {"before": before_day}).rowcount


def forget_parked(connection: Connection, now: datetime, kept: Housekeeping) -> int:
    """Messages that nobody has mended: whoever sent them has them still.

    What is known of them goes too, so that one that comes again is read again.
    """
    gone = connection.execute(_PARKED, {"before": before(now, kept.parked)}).all()
    wanted = {"sources": [row.source for row in gone], "refs": [row.ref for row in gone]}
    for statement in (*_ABOUT_A_MESSAGE, _OUTCOME):
        connection.execute(statement, wanted)
    return len(gone)


def forget_outcomes(connection: Connection, now: datetime, kept: Housekeeping) -> int:
    """What became of messages, and what was to be asked for again; longer than any is held."""
    gone = connection.execute(_OUTCOMES, {"before": before(now, kept.outcomes)}).all()
    wanted = {"sources": [row.source for row in gone], "refs": [row.ref for row in gone]}
    for statement in _ABOUT_A_MESSAGE:
        connection.execute(statement, wanted)
    return len(gone)


def forget_facts(connection: Connection, now: datetime, kept: Housekeeping) -> int:
    """What people are told apart by; what a source still says it will say again.

    Search tokens go with them. Not of held persons.
    """
    oldest, held = before(now, kept.facts), _held(connection)
    wanted = {"before": oldest, "held": held}
    gone = sum(connection.execute(one, wanted).rowcount for one in _FACTS)
    listed = {"before_day": oldest.date().isoformat(), "held": held}
    return gone + connection.execute(_LISTED, listed).rowcount


def forget_own_labels(connection: Connection, now: datetime, kept: Housekeeping) -> int:
    """How agencies know persons of whom their feeds have not told since. Not of held persons."""
    wanted = {"before": before(now, kept.own_labels).date(), "held": _held(connection)}
    return connection.execute(_OWN_LABELS, wanted).rowcount


def forget_messages_out(connection: Connection, now: datetime, kept: Housekeeping) -> int:
    """Messages that were not sent in their time, by a relay that stood still."""
    del kept
    return connection.execute(_EXPIRED, {"now": now}).rowcount


def forget_codes(connection: Connection, now: datetime, kept: Housekeeping) -> int:
    """Codes and families' sessions that open nothing any more; the ledger says what became."""
    oldest = before(now, kept.codes)
    return forget_ended(connection, oldest) + forget_closed(connection, oldest)


def forget_sheets(connection: Connection, now: datetime, kept: Housekeeping) -> int:
    """What was written in visits, confirmed or not. Not of held persons."""
    wanted = {"before": before(now, kept.sheets), "held": _held(connection)}
    return connection.execute(_SHEETS, wanted).rowcount


def forget_visits(connection: Connection, now: datetime, kept: Housekeeping) -> int:
    """Who said that a family was with them, and all that hangs on it. Not of held persons."""
    wanted = {"before": before(now, kept.visits), "held": _held(connection)}
    return connection.execute(_VISITS, wanted).rowcount


def forget_words(connection: Connection, now: datetime, kept: Housekeeping) -> int:
    """What was written in emergencies and requests, those to services too. Not of held persons."""
    wanted = {"before": before(now, kept.words), "held": _held(connection)}
    return forget_what_was_asked(connection, wanted)


def forget_buckets(connection: Connection, now: datetime, kept: Housekeeping) -> int:
    """How often whoever asked for what: keyed hashes, of nobody's rows."""
    del now, kept
    forget_full_buckets(connection)
    return 0


def _held(connection: Connection) -> list[PersonId]:
    return [PersonId(row.person_id) for row in connection.execute(_HELD)]


AGGREGATION: Mapping[str, Rows] = {
    "looks": forget_looks,
    "sessions": forget_sessions,
    "handled-events": forget_handled_events,
    "messages-out": forget_messages_out,
    "codes": forget_codes,
    "sheets": forget_sheets,
    "visits": forget_visits,
    "words": forget_words,
    "answering": lambda opened, now, kept: forget_past(opened, before(now, kept.outcomes)),
}
CONNECTORS: Mapping[str, Rows] = {
    "facts": forget_facts,
    "own-labels": forget_own_labels,
    "parked": forget_parked,
    "outcomes": forget_outcomes,
    "buckets": forget_buckets,
}

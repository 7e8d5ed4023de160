"""Counts of entries by week or month, agency and code, in PostgreSQL: kept beside the index.

The relay counts what the index has taken in, each place of the tree once. A time is told of when it
is over and everything of it was counted; afterwards it stays as it was.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, text

from services.audit.figures.measures import COUNTED, STAYING, Count, Measure, begins

BATCH = 20_000
_SETTLES = timedelta(minutes=10)
"""An entry of a moment may be committed so much later."""

_TO_COUNT = text("""
    SELECT c.size, i.size AS indexed, (SELECT coalesce(max(idx) + 1, 0) FROM ledger_leaf) AS placed
    FROM audit_counted AS c, audit_indexed AS i FOR UPDATE OF c
""")
# Whose agency is that of who did it, as they stood when that day began; who came that day is of
# where they came to. Looked up once for each worker and day: they do much in one.
_COUNT = """
    SELECT by_day.measure,
        CAST(date_trunc(by_day.unit, CAST(by_day.day AS timestamp)) AS date) AS period,
        coalesce(w.agency_code, '') AS agency, by_day.code,
        CAST(sum(by_day.times) AS bigint) AS times
    FROM (
        SELECT one.measure, one.unit, e.actor,
            CAST(e.at AT TIME ZONE 'Europe/London' AS date) AS day,
            CASE WHEN one.field IS NULL THEN one.code ELSE coalesce((
                SELECT convert_from(b.body, 'UTF8')::jsonb -> 'fields' ->> one.field
                FROM ledger_entry AS b WHERE b.seq = e.seq), '') END AS code,
            count(*) AS times
        FROM ledger_leaf AS leaf
            JOIN audit_entry AS e ON e.seq = leaf.entry_seq
            JOIN unnest(CAST(:events AS text[]), CAST(:measures AS text[]), CAST(:units AS text[]),
                CAST(:codes AS text[]), CAST(:fields AS text[]))
                AS one (event, measure, unit, code, field) ON one.event = e.event
        WHERE leaf.idx >= :size AND leaf.idx < :end
        GROUP BY 1, 2, 3, 4, 5
    ) AS by_day
        CROSS JOIN LATERAL (
            SELECT CAST(by_day.day AS timestamp) AT TIME ZONE 'Europe/London' AS at) AS began
        LEFT JOIN LATERAL (
            SELECT m.agency_code FROM membership AS m
            WHERE m.practitioner_id = substring(by_day.actor FROM '^practitioner:(.*)$')
            ORDER BY m.known_at <= began.at DESC,
                     CASE WHEN m.known_at <= began.at THEN m.state ELSE -m.state END DESC
            LIMIT 1) AS w ON true
    GROUP BY 1, 2, 3, 4
"""
_ADD = text(f"""
    INSERT INTO audit_count (measure, period, agency, code, times) {_COUNT}
    ON CONFLICT (measure, period, agency, code)
        DO UPDATE SET times = audit_count.times + EXCLUDED.times
""")
# Not at each turn of the relay: a minute more or less says nothing of a week.
_MOVE = text("""
    UPDATE audit_counted SET size = :size, until = coalesce(CAST(:until AS timestamptz), until)
    WHERE size <> :size OR until IS NULL
       OR until < CAST(:until AS timestamptz) - interval '1 minute'
""")
_DIFFERING = text(f"""
    WITH anew AS ({_COUNT})
    SELECT count(*) FROM anew FULL JOIN audit_count AS kept USING (measure, period, agency, code)
    WHERE anew.times IS DISTINCT FROM kept.times AND measure <> ALL(CAST(:staying AS text[]))
""")  # noqa: S608 as above
# How things stand is counted once a month, and could not be later.
_SNAPSHOT = text("""
    INSERT INTO audit_count (measure, period, agency, code, times)
    SELECT 'sharing', :month, '', '', found.times
    FROM (SELECT families_sharing(:at) AS times
          WHERE NOT EXISTS (SELECT FROM audit_count WHERE measure = 'sharing' AND period = :month)
         ) AS found
    WHERE found.times > 0
""")
_FORGET = text("DELETE FROM audit_count WHERE measure <> ALL(CAST(:staying AS text[]))")
_FROM_THE_FIRST = text("UPDATE audit_counted SET size = 0, until = NULL")
_READ = text("""
    SELECT period, agency, code, times FROM audit_count
    WHERE measure = :measure AND period >= :first AND period <= :last
""")
_UNTIL = text("SELECT until FROM audit_counted")
_SIZE = text("SELECT size FROM audit_counted")
_NAMES = text("SELECT agency_code, name FROM agency")
_SAID: Mapping[str, object] = {
    "events": [one.event.value for one in COUNTED],
    "measures": [one.measure.value for one in COUNTED],
    "units": [one.measure.unit.value for one in COUNTED],
    "codes": [one.code for one in COUNTED],
    "fields": [one.field for one in COUNTED],
}
_STAYING: Mapping[str, object] = {"staying": sorted(one.value for one in STAYING)}


def count_batch(connection: Connection, *, now: datetime, most: int = BATCH) -> int:
    """Count the next places that the index has taken in, as the relay; gives how many."""
    size, indexed, placed = connection.execute(_TO_COUNT).one()
    end = min(indexed, size + most)
    if end > size:
        connection.execute(_ADD, {**_SAID, "size": size, "end": end})
    until = now - _SETTLES if end == placed else None
    is_moved = connection.execute(_MOVE, {"size": end, "until": until}).rowcount > 0
    if is_moved and until is not None:
        unit = Measure.SHARING.unit
        month = unit.before(unit.of(until))
        at = begins(unit.after(month))
        connection.execute(_SNAPSHOT, {"month": month, "at": at})
    return int(end - size)


def forget_counts(connection: Connection) -> None:
    """Count anew from the first entry on; how things stood each month stays."""
    connection.execute(_FORGET, _STAYING)
    connection.execute(_FROM_THE_FIRST)


def counts_differ(connection: Connection) -> int:
    """How many counts are not what the index says; counts everything anew."""
    size = connection.execute(_SIZE).scalar_one()
    asked = {**_SAID, **_STAYING, "size": 0, "end": size}
    return int(connection.execute(_DIFFERING, asked).scalar_one())


def read_counts(
    connection: Connection, measure: Measure, first: date, last: date
) -> Sequence[Count]:
    """The counts of a measure whose times begin on these days, or between."""
    wanted = {"measure": measure.value, "first": first, "last": last}
    found = connection.execute(_READ, wanted)
    return [Count(row.period, row.agency, row.code, int(row.times)) for row in found]


def counted_until(connection: Connection) -> datetime | None:
    """Before which moment everything is counted; None where nothing was."""
    found: datetime | None = connection.execute(_UNTIL).scalar_one()
    return found


def agency_names(connection: Connection) -> Mapping[str, str]:
    """What agencies are called, by code."""
    return {row.agency_code: row.name for row in connection.execute(_NAMES)}

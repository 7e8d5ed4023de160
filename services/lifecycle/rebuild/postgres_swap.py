"""The shadow takes the live profile's place: compared row by row, then all at once.

The tables stay, and with them whatever hangs on them; what differs is written, in one transaction.
Who reads meanwhile sees the one or the other, and nobody waits but those who write.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, Row, text

from schemas.identifiers import PersonId, RecordKey
from schemas.vocabulary import Source
from services.platform.bus.ports import TopicPartition
from services.platform.bus.postgres_positions import ConsumerPositions
from services.platform.database.activity import ActivityKind, keep_all_out

_STAND_STILL = text("LOCK TABLE public.record, public.case_load IN SHARE ROW EXCLUSIVE MODE")
_LOOK_CLOSELY = text("ANALYZE pg_temp.record, pg_temp.case_load, pg_temp.seen")

# What was there when the rebuild began and is there no more was taken away meanwhile: by a purge,
# a sweep, an erasure. The bus tells of some of these, of others only that they are gone.
_GONE_MEANWHILE = text("""
    DELETE FROM pg_temp.record AS built USING pg_temp.seen
    WHERE built.person_id = seen.person_id AND built.source = seen.source
      AND built.record_key = seen.record_key AND built.version <= seen.version
      AND NOT EXISTS (
          SELECT FROM public.record AS live
          WHERE live.person_id = seen.person_id AND live.source = seen.source
            AND live.record_key = seen.record_key
      )
    RETURNING built.record_key
""")
_OUTDATED_MEANWHILE = text("""
    DELETE FROM pg_temp.record AS built USING public.record AS live
    LEFT JOIN pg_temp.seen USING (person_id, source, record_key)
    WHERE built.person_id = live.person_id AND built.source = live.source
      AND built.record_key = live.record_key AND built.version < live.version
      AND seen.version IS DISTINCT FROM live.version
""")
_COME_MEANWHILE = text("""
    INSERT INTO pg_temp.record
    SELECT live.* FROM public.record AS live
    LEFT JOIN pg_temp.seen USING (person_id, source, record_key)
    WHERE seen.version IS DISTINCT FROM live.version
    ON CONFLICT (person_id, source, record_key) DO NOTHING
    RETURNING record_key
""")
_FORGET_CASE_LOADS = text("DELETE FROM pg_temp.case_load WHERE record_key = ANY(:keys)")
_COPY_CASE_LOADS = text("""
    INSERT INTO pg_temp.case_load SELECT * FROM public.case_load WHERE record_key = ANY(:keys)
    ON CONFLICT DO NOTHING
""")

_LIVE_AMONG = text("""
    SELECT live.person_id, live.source, live.record_key FROM public.record AS live
    JOIN unnest(CAST(:persons AS text[]), CAST(:sources AS text[]), CAST(:keys AS text[]))
         AS asked(person_id, source, record_key) USING (person_id, source, record_key)
""")
# In which part a record lies, and when it came, says nothing of what it says.
_WHERE_IT_LIES = text("""
    UPDATE pg_temp.record AS built SET folded_in = live.folded_in, arrived_at = live.arrived_at
    FROM public.record AS live
    WHERE built.person_id = live.person_id AND built.source = live.source
      AND built.record_key = live.record_key
      AND (built.folded_in, built.arrived_at) IS DISTINCT FROM (live.folded_in, live.arrived_at)
""")
_COMPARE = text("""
    CREATE TEMPORARY TABLE record_difference ON COMMIT DROP AS
    SELECT person_id, source, record_key,
           CASE WHEN live IS NULL THEN 'added' WHEN built IS NULL THEN 'gone'
                ELSE 'changed' END AS what
    FROM public.record AS live
    FULL JOIN pg_temp.record AS built USING (person_id, source, record_key)
    WHERE ROW(live.*) IS DISTINCT FROM ROW(built.*)
""")
_COMPARE_CASE_LOADS = text("""
    CREATE TEMPORARY TABLE case_load_difference ON COMMIT DROP AS
    SELECT d.*, 'added' AS what
    FROM (SELECT * FROM pg_temp.case_load EXCEPT SELECT * FROM public.case_load) AS d
    UNION ALL
    SELECT d.*, 'gone'
    FROM (SELECT * FROM public.case_load EXCEPT SELECT * FROM pg_temp.case_load) AS d
""")
_COUNTS = text("SELECT what, count(*) AS rows FROM record_difference GROUP BY what")
_CASE_LOAD_COUNTS = text("SELECT what, count(*) AS rows FROM case_load_difference GROUP BY what")
_TOTALS = text("""
    SELECT (SELECT count(*) FROM public.record) AS live,
           (SELECT count(*) FROM pg_temp.record WHERE NOT removed) AS built
""")
_SOME = text("""
    SELECT * FROM record_difference ORDER BY what, person_id, source, record_key LIMIT :most
""")
_CONCERNED = text("""
    SELECT person_id FROM record_difference UNION SELECT person_id FROM case_load_difference
    ORDER BY person_id
""")
_PUT_IN_PLACE = (
    text("""
        DELETE FROM public.record AS live USING record_difference AS d
        WHERE live.person_id = d.person_id AND live.source = d.source
          AND live.record_key = d.record_key
    """),
    text("UPDATE pg_temp.record SET folded_in = NULL WHERE folded_in IS NOT NULL"),
    text("""
        INSERT INTO public.record
        SELECT built.* FROM pg_temp.record AS built
        JOIN record_difference USING (person_id, source, record_key)
    """),
    text("""
        DELETE FROM public.case_load AS live USING case_load_difference AS d
        WHERE d.what = 'gone' AND live.record_key = d.record_key AND live.person_id = d.person_id
    """),
    text("""
        INSERT INTO public.case_load
        SELECT built.* FROM pg_temp.case_load AS built
        JOIN case_load_difference AS d USING (record_key, person_id) WHERE d.what = 'added'
    """),
    # Where somebody restricted is, is added to and never taken away: what told it may be gone.
    text("""
        INSERT INTO public.protected_place
        SELECT built.* FROM pg_temp.protected_place AS built
        WHERE EXISTS (SELECT FROM restriction WHERE restriction.person_id = built.person_id)
        ORDER BY person_id, place ON CONFLICT DO NOTHING
    """),
    # What was gone is no duplicate when its source says it again.
    text("""
        INSERT INTO person_purge (person_id, at)
        SELECT DISTINCT person_id, CAST(:at AS timestamptz) FROM record_difference
        WHERE what = 'gone'
        ON CONFLICT (person_id) DO UPDATE SET at = excluded.at
    """),
)


class What(StrEnum):
    """How a row of what was built differs from the live one."""

    ADDED = "added"
    CHANGED = "changed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Difference:
    """One record that differs: opaque ids only."""

    person: PersonId
    source: Source
    key: RecordKey
    what: What


@dataclass(frozen=True, slots=True)
class ShadowCompared:
    """What was built, held against what is live; removals are rows like any other."""

    records: int
    same: int
    differing: Mapping[What, int]
    case_loads: Mapping[What, int]
    some: Sequence[Difference]

    @property
    def is_identical(self) -> bool:
        """Whether there is nothing to put in place."""
        return not any((*self.differing.values(), *self.case_loads.values()))


def hold_live_still(connection: Connection) -> None:
    """From here to the end of the transaction nobody else writes the shared profile.

    Aggregation waits before it begins a batch, so its positions stand still too; readers do not
    wait. Call it first in the transaction.
    """
    keep_all_out(connection, ActivityKind.AGGREGATING)
    connection.execute(_STAND_STILL)


def live_positions(connection: Connection, consumer: str) -> Mapping[TopicPartition, int]:
    """How far aggregation has come on the bus."""
    return ConsumerPositions(connection, consumer).read()


def prepare_to_compare(connection: Connection) -> None:
    """Let the planner know what was built, so that nobody waits for long while it is compared."""
    connection.execute(_LOOK_CLOSELY)


def follow_live(connection: Connection) -> None:
    """Take over what was taken away from the live profile, or came to it, since it was copied.

    What the bus tells was replayed before; this is for whoever writes without the bus.
    """
    gone = [row.record_key for row in connection.execute(_GONE_MEANWHILE)]
    connection.execute(_OUTDATED_MEANWHILE)
    come = [row.record_key for row in connection.execute(_COME_MEANWHILE)]
    connection.execute(_FORGET_CASE_LOADS, {"keys": [*gone, *come]})
    connection.execute(_COPY_CASE_LOADS, {"keys": come})


def only_in_shadow(
    connection: Connection, places: Sequence[tuple[str, str, str]]
) -> Collection[tuple[str, str, str]]:
    """Which of these places, of person, source and key, the live profile has nothing in."""
    persons, sources, keys = zip(*places, strict=True) if places else ((), (), ())
    asked = {"persons": list(persons), "sources": list(sources), "keys": list(keys)}
    live = {tuple(row) for row in connection.execute(_LIVE_AMONG, asked)}
    return {place for place in places if place not in live}


def compare(connection: Connection, *, most: int) -> ShadowCompared:
    """Every row of the one against every row of the other; names `most` that differ."""
    connection.execute(_WHERE_IT_LIES)
    connection.execute(_COMPARE)
    connection.execute(_COMPARE_CASE_LOADS)
    totals = connection.execute(_TOTALS).one()
    differing = {What(row.what): row.rows for row in connection.execute(_COUNTS)}
    lost = differing.get(What.CHANGED, 0) + differing.get(What.GONE, 0)
    return ShadowCompared(
        records=totals.built,
        same=totals.live - lost,
        differing=differing,
        case_loads={What(r.what): r.rows for r in connection.execute(_CASE_LOAD_COUNTS)},
        some=[_difference(row) for row in connection.execute(_SOME, {"most": most})],
    )


def persons_concerned(connection: Connection) -> Sequence[PersonId]:
    """Of whom anything differs, after `compare`."""
    return [PersonId(row.person_id) for row in connection.execute(_CONCERNED)]


def put_in_place(connection: Connection, *, at: object) -> None:
    """Write what differs into the live tables, after `compare`."""
    for statement in _PUT_IN_PLACE:
        connection.execute(statement, {"at": at} if ":at" in statement.text else {})


def _difference(row: Row[tuple[object, ...]]) -> Difference:
    return Difference(
        PersonId(row.person_id), Source(row.source), RecordKey(row.record_key), What(row.what)
    )

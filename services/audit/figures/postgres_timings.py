"""How long a no took to work, in PostgreSQL: the first look after it, and the first purge."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from consent.ledger.events import PROFILE_READS, PROFILE_READS_REFUSED, LedgerEvent
from services.audit.asked import AuditAsked, AuditQuestion, NotForThem
from services.audit.figures.timings import Timings, Withdrawn, timings_of
from services.audit.index.entries import IndexRow, thing
from services.audit.index.postgres_entries import EntryPlace, Wanted
from services.audit.index.postgres_index import Fresh
from services.audit.looks import access_from
from services.audit.postgres_answers import Auditing
from services.platform.database.engine import Texts

MOST = 1_000
"""So many withdrawals are told of at the most, the latest."""
_LOOKS = PROFILE_READS | PROFILE_READS_REFUSED
# What is told of an entry is read from its own bytes, by the database: a month may have hundreds,
# and as many first looks. The index only finds them.
_TOLD = text("""
    WITH newest AS (
        (SELECT x.at, x.seq FROM audit_entry AS x
         WHERE x.event = :withdrawn AND x.at >= :since AND x.at < :until
         ORDER BY x.at DESC, x.seq DESC LIMIT :most)
        UNION
        SELECT * FROM unnest(CAST(:ats AS timestamptz[]), CAST(:seqs AS bigint[]))
        ORDER BY at DESC, seq DESC LIMIT :most
    ), no AS MATERIALIZED (
        SELECT n.at, n.seq, body.told #>> '{fields,decision}' AS decision,
            ARRAY(SELECT jsonb_array_elements_text(body.told #> '{fields,subjects}')) AS subjects
        FROM newest AS n JOIN ledger_entry AS e ON e.seq = n.seq
            CROSS JOIN LATERAL (SELECT CAST(convert_from(e.body, 'UTF8') AS jsonb) AS told) AS body
        WHERE body.told ->> 'event' = :withdrawn
    )
    SELECT no.*, looked.at AS looked_at, looked.seq AS looked_seq, purged.at AS purged_at,
        purged.seq AS purged_seq, coalesce(let.through, false) AS let_through
    FROM no
        LEFT JOIN LATERAL (
            SELECT one.at, one.seq FROM unnest(no.subjects) AS subject (named)
            CROSS JOIN LATERAL (
                SELECT x.at, x.seq FROM audit_named AS x
                WHERE x.named = subject.named AND x.event = ANY(CAST(:looks AS text[]))
                    AND (x.at, x.seq) > (no.at, no.seq)
                ORDER BY x.at, x.seq LIMIT 1) AS one
            ORDER BY one.at, one.seq LIMIT 1) AS looked ON true
        LEFT JOIN LATERAL (
            SELECT x.at, x.seq FROM audit_named AS x
            WHERE x.named = 'decision:' || no.decision AND x.event = :purged
                AND (x.at, x.seq) > (no.at, no.seq)
            ORDER BY x.at, x.seq LIMIT 1) AS purged ON true
        LEFT JOIN LATERAL (
            SELECT CAST(convert_from(e.body, 'UTF8') AS jsonb) #> '{fields,decided_from}'
                ? no.decision AS through
            FROM ledger_entry AS e WHERE e.seq = looked.seq) AS let ON true
    ORDER BY no.at DESC, no.seq DESC
""")


@dataclass(frozen=True, slots=True)
class TimingsAnswer:
    """How a no worked. `is_cut`: only the latest withdrawals of the time are counted."""

    entered: UUID
    timings: Timings
    is_cut: bool


def timings_in(since: datetime, until: datetime, auditing: Auditing) -> TimingsAnswer | NotForThem:
    """Of the withdrawals in this time."""
    entered = auditing.enter(AuditAsked(AuditQuestion.TIMINGS, since=since, until=until))
    if isinstance(entered, NotForThem):
        return entered
    timings, is_cut = timings_between(since, until, auditing)
    return TimingsAnswer(entered, timings, is_cut)


def timings_between(
    since: datetime, until: datetime, auditing: Auditing, *, most: int = MOST
) -> tuple[Timings, bool]:
    """The same without its entry, for who has entered a question; whether it is cut short."""
    connection = auditing.work.connection
    return timings_told(since, until, connection, auditing.entries.fresh, most=most)


def timings_told(
    since: datetime, until: datetime, connection: Connection, fresh: Fresh, *, most: int
) -> tuple[Timings, bool]:
    """The same by the index and what is `fresh`, for no auditor: durations, and no person."""
    withdrawn = LedgerEvent.SHARING_DECISION_WITHDRAWN
    wanted = Wanted(frozenset({withdrawn}), since=since, until=until)
    new = [row for row in fresh.rows if wanted.takes(row)]
    asked = {
        "withdrawn": withdrawn.value,
        "purged": LedgerEvent.PROFILE_PURGED.value,
        "looks": Texts(sorted(event.value for event in _LOOKS)),
        "since": since,
        "until": until,
        "ats": [row.at for row in new],
        "seqs": [row.seq for row in new],
        "most": most + 1,
    }
    rows = connection.execute(_TOLD, asked).all()
    newer = _Newer.of(fresh)
    return timings_of([newer.withdrawn(row) for row in rows[:most]]), len(rows) > most


@dataclass(frozen=True, slots=True)
class _Newer:
    """Looks and purges that the index does not hold yet, by whom or what they name."""

    looks: Mapping[str, Collection[EntryPlace]]
    purges: Mapping[str, Collection[EntryPlace]]
    rests_on: Mapping[int, Collection[str]]

    @classmethod
    def of(cls, fresh: Fresh) -> "_Newer":
        looks = [row for row in fresh.rows if row.event in _LOOKS]
        rested = {row.seq for row in looks}
        return cls(
            _by_name(looks),
            _by_name(row for row in fresh.rows if row.event is LedgerEvent.PROFILE_PURGED),
            {seq: access_from(seq, e).decisions for seq, e in fresh.entries if seq in rested},
        )

    def withdrawn(self, row: Row[Any]) -> Withdrawn:
        """What a row tells, unless something newer was sooner after it."""
        place = EntryPlace(row.at, int(row.seq))
        looked = _place(row.looked_at, row.looked_seq)
        sooner = _soonest(self.looks, row.subjects, place)
        let_through = bool(row.let_through)
        if sooner is not None and (looked is None or sooner < looked):
            looked, let_through = sooner, row.decision in self.rests_on[sooner.seq]
        purges = (
            _place(row.purged_at, row.purged_seq),
            _soonest(self.purges, [thing("decision", row.decision)], place),
        )
        purged = min((one for one in purges if one is not None), default=None)
        return Withdrawn(
            row.decision,
            place.at,
            None if looked is None else looked.at,
            None if purged is None else purged.at,
            let_through,
        )


def _by_name(rows: Iterable[IndexRow]) -> Mapping[str, Collection[EntryPlace]]:
    found: dict[str, list[EntryPlace]] = {}
    for row in rows:
        for name in row.named:
            found.setdefault(name, []).append(EntryPlace(row.at, row.seq))
    return found


def _place(at: datetime | None, seq: int | None) -> EntryPlace | None:
    return None if at is None or seq is None else EntryPlace(at, int(seq))


def _soonest(
    by_name: Mapping[str, Collection[EntryPlace]], names: Sequence[str], after: EntryPlace
) -> EntryPlace | None:
    later = (one for name in names for one in by_name.get(name, ()) if one > after)
    return min(later, default=None)

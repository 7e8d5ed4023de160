"""How long a no took to work, in PostgreSQL: the first look after it, and the first purge."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from consent.ledger import LedgerEntry
from consent.ledger.events import LedgerEvent
from services.audit.asked import AuditAsked, AuditQuestion, NotForThem
from services.audit.figures.timings import Timings, Withdrawn, timings_of
from services.audit.index.entries import thing
from services.audit.index.postgres_entries import EntryPlace, Found, Wanted
from services.audit.looks import access_from
from services.audit.postgres_answers import Auditing
from services.platform.database.engine import Texts

MOST = 1_000
"""So many withdrawals are told of at the most, the latest."""
_LOOKS = (LedgerEvent.PROFILE_READ, LedgerEvent.PROFILE_READ_REFUSED)
_FIRST = text("""
    SELECT DISTINCT ON (w.number) w.number, found.at, found.seq
    FROM unnest(CAST(:ats AS timestamptz[]), CAST(:seqs AS bigint[]))
        WITH ORDINALITY AS entry (at, seq, number)
    JOIN unnest(CAST(:numbers AS integer[]), CAST(:named AS text[])) AS w (number, named)
        ON w.number = entry.number
    CROSS JOIN LATERAL (
        SELECT x.at, x.seq FROM audit_named AS x
        WHERE x.named = w.named AND x.event = ANY(:events) AND (x.at, x.seq) > (entry.at, entry.seq)
        ORDER BY x.at, x.seq LIMIT 1) AS found
    ORDER BY w.number, found.at, found.seq
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


def timings_between(since: datetime, until: datetime, auditing: Auditing) -> tuple[Timings, bool]:
    """The same without its entry, for who has entered a question; whether it is cut short."""
    wanted = Wanted(frozenset({LedgerEvent.SHARING_DECISION_WITHDRAWN}), since=since, until=until)
    page = auditing.entries.newest(wanted, most=MOST)
    looked = _first(page.found, _subjects, _LOOKS, auditing)
    purged = _first(page.found, _decision, (LedgerEvent.PROFILE_PURGED,), auditing)
    looks = {f.place.seq: f for f in auditing.entries.read([p.seq for p in looked.values()])}
    withdrawals = [
        _withdrawn(one, looked.get(number), purged.get(number), looks)
        for number, one in enumerate(page.found)
    ]
    return timings_of(withdrawals), page.next is not None


def _withdrawn(
    one: Found,
    looked: EntryPlace | None,
    purged: EntryPlace | None,
    looks: Mapping[int, Found],
) -> Withdrawn:
    decision = str(one.entry.fields["decision"])
    rests_on: tuple[str, ...] = ()
    if looked is not None and looked.seq in looks:
        rests_on = access_from(looked.seq, looks[looked.seq].entry).decisions
    return Withdrawn(
        decision,
        one.place.at,
        None if looked is None else looked.at,
        None if purged is None else purged.at,
        decision in rests_on,
    )


def _subjects(entry: LedgerEntry) -> Sequence[str]:
    subjects = entry.fields["subjects"]
    return [str(one) for one in subjects] if isinstance(subjects, tuple | list) else []


def _decision(entry: LedgerEntry) -> Sequence[str]:
    return [thing("decision", str(entry.fields["decision"]))]


def _first(
    found: Sequence[Found],
    names: Callable[[LedgerEntry], Sequence[str]],
    events: Sequence[LedgerEvent],
    auditing: Auditing,
) -> Mapping[int, EntryPlace]:
    """For each of these entries the first later one of such an event that names the same."""
    named = [(n, name, one.place) for n, one in enumerate(found) for name in names(one.entry)]
    asked = {
        "ats": [one.place.at for one in found],
        "seqs": [one.place.seq for one in found],
        "numbers": [number + 1 for number, _, _ in named],
        "named": Texts(name for _, name, _ in named),
        "events": Texts(event.value for event in events),
    }
    rows = auditing.work.connection.execute(_FIRST, asked).all()
    firsts = {row.number - 1: EntryPlace(row.at, int(row.seq)) for row in rows}
    by_name: dict[str, list[tuple[int, EntryPlace]]] = {}
    for number, name, place in named:
        by_name.setdefault(name, []).append((number, place))
    for new in (row for row in auditing.entries.fresh.rows if row.event in events):
        later = EntryPlace(new.at, new.seq)
        for number, place in (one for name in new.named for one in by_name.get(name, ())):
            if place < later:
                firsts[number] = min(later, firsts.get(number, later))
    return firsts

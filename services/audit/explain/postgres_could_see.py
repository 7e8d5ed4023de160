"""What one worker could see of one family on a day, decided at every moment that may differ."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from consent.ledger.events import PROFILE_READS_REFUSED, LedgerEvent
from schemas.identifiers import PersonId, PractitionerId
from schemas.uk_time import first_moment
from schemas.vocabulary import OPENS_FAMILY_RECORDS, Category, Purpose, Source
from services.audit.asked import AuditAsked, AuditQuestion, NotForThem
from services.audit.explain.explaining import CouldSee, PartThen, spans_of
from services.audit.explain.postgres_explaining import parts_in
from services.audit.index.entries import GROUPS, Group, thing
from services.audit.index.postgres_entries import Wanted
from services.audit.looks import Access, Answered, AuditedWorker, access_from, worker_of
from services.audit.postgres_answers import Auditing
from services.work.postgres_past import CannotBeToldError, Past

_PRACTITIONER = "practitioner:"
_MOST_MOMENTS = 24
_ENDS = text("""
    SELECT r.until FROM relationship r
    WHERE r.person_id = ANY(:persons) AND r.practitioner_id = :practitioner
      AND r.until >= :since AND r.until < :until
""")


@dataclass(frozen=True, slots=True)
class DayAnswer:
    """What a worker could see of a family on a day, and what they saw; or what cannot be told.

    `is_cut`: so much changed that day that only its first changes are told.
    """

    entered: UUID
    worker: AuditedWorker
    subjects: tuple[PersonId, ...]
    since: datetime
    until: datetime
    purpose: Purpose | None
    parts: tuple[CouldSee, ...] = ()
    looks: tuple[Access, ...] = ()
    lacks: tuple[str, ...] = ()
    begins_at: datetime | None = None
    is_cut: bool = False


def could_see(
    practitioner: PractitionerId,
    subjects: Sequence[PersonId],
    day: date,
    auditing: Auditing,
    past: Past,
    *,
    purpose: Purpose | None = None,
) -> DayAnswer | NotForThem:
    """Decide it again for every moment of the day at which anything changed.

    Without a purpose it is the one that the worker usually has.
    """
    since = first_moment(day)
    until = min(first_moment(day + timedelta(days=1)), auditing.work.now)
    about = tuple(subjects)
    asked = AuditAsked(
        AuditQuestion.COULD_SEE, about, (practitioner,), (), since, max(since, until)
    )
    entered = auditing.enter(asked)
    if isinstance(entered, NotForThem):
        return entered
    actor = f"{_PRACTITIONER}{practitioner}"
    worker = worker_of(actor, auditing.workers_at({actor: max(since, until)}))
    nothing = DayAnswer(entered, worker, about, since, until, purpose)
    if not about or until <= since:
        return nothing
    looks = _looks(actor, about, since, until, auditing)
    moments = _moments(practitioner, about, since, until, auditing)
    return _told_over_the_day(replace(nothing, looks=looks), practitioner, moments, past)


def _told_over_the_day(
    so_far: DayAnswer, practitioner: PractitionerId, moments: Sequence[datetime], past: Past
) -> DayAnswer:
    """With what was answered at these moments, from where what is kept begins."""
    about, until, purpose = so_far.subjects, so_far.until, so_far.purpose
    try:
        told, used = _over_the_day(practitioner, about, moments[:_MOST_MOMENTS], past, purpose)
    except CannotBeToldError as error:
        so_far = replace(so_far, lacks=error.kinds, begins_at=error.begins_at)
        if error.begins_at is None or error.begins_at >= until:
            return so_far
        begins = error.begins_at
        kept = sorted({begins, *(at for at in moments if at > begins)})
        told, used = _over_the_day(practitioner, about, kept[:_MOST_MOMENTS], past, purpose)
    spans = spans_of(told, until=until)
    parts = tuple(
        CouldSee(Category(category), Source(source), tuple(each), _seen(category, so_far.looks))
        for (category, source), each in sorted(spans.items())
    )
    is_cut = len(moments) > _MOST_MOMENTS
    return replace(so_far, parts=parts, purpose=used, is_cut=is_cut)


def _seen(category: str, looks: Iterable[Access]) -> tuple[datetime, ...]:
    """When it was shown: a look tells its categories, and not of which source each is."""
    return tuple(
        sorted(
            look.at
            for look in looks
            if category in look.categories and look.answered is not Answered.REFUSED
        )
    )


def _over_the_day(
    practitioner: PractitionerId,
    subjects: Sequence[PersonId],
    moments: Sequence[datetime],
    past: Past,
    purpose: Purpose | None,
) -> tuple[list[tuple[datetime, tuple[PartThen, ...]]], Purpose | None]:
    told: list[tuple[datetime, tuple[PartThen, ...]]] = []
    used = purpose
    for moment in moments:
        then = past.at(moment)
        who = then.directory.practitioner(practitioner)
        if who is None or who.role not in OPENS_FAMILY_RECORDS:
            told.append((moment, ()))
            continue
        used = used or who.purpose
        persons = sorted(set(then.clusters.canonical(subjects).values()))
        told.append((moment, parts_in(then, practitioner, persons, used)))
    return told, used


def _looks(
    actor: str,
    subjects: tuple[PersonId, ...],
    since: datetime,
    until: datetime,
    auditing: Auditing,
) -> tuple[Access, ...]:
    shown = GROUPS[Group.LOOKS] | PROFILE_READS_REFUSED
    wanted = Wanted(shown, frozenset(subjects), frozenset({actor}), since, until)
    page = auditing.entries.newest(wanted, most=200)
    return tuple(
        sorted(
            (access_from(f.place.seq, f.entry) for f in page.found),
            key=lambda one: (one.at, one.seq),
        )
    )


def _moments(
    practitioner: PractitionerId,
    subjects: tuple[PersonId, ...],
    since: datetime,
    until: datetime,
    auditing: Auditing,
) -> list[datetime]:
    """The beginning of the day, and whenever what `decide` answers may have changed."""
    changes = GROUPS[Group.REACH] | GROUPS[Group.DECISIONS] | GROUPS[Group.EMERGENCIES]
    named = frozenset({*subjects, thing("practitioner", practitioner)})
    found = [
        *auditing.entries.newest(Wanted(changes, named, frozenset(), since, until), most=100).found,
        *auditing.entries.newest(
            Wanted(frozenset({LedgerEvent.AGREEMENT_ADOPTED}), since=since, until=until), most=5
        ).found,
    ]
    asked = {"practitioner": practitioner, "persons": list(subjects), "since": since}
    ends = auditing.work.connection.execute(_ENDS, asked | {"until": until}).scalars()
    times = {since, *(one.entry.at for one in found), *ends}
    return sorted(one.astimezone(UTC) for one in times)

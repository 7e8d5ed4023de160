"""The sweep: what the ledger has told since the last one is judged, and each hit kept once.

Each step is a transaction: entries are read, or one day that is over is judged. Whoever dies in
the middle has done none of it, and a hit that is there is not made again.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from schemas.uk_time import first_moment
from services.audit.unusual.hits import ALWAYS, Hit, entry_of_raising, hit_from_finding
from services.audit.unusual.judging import judge_acts, judge_day, judge_family_day
from services.audit.unusual.later import (
    LooksOfPeriod,
    Peers,
    may_be_much,
    no_later_work,
    on_duty_of,
    period_of,
    volume,
)
from services.audit.unusual.model import ExplainedBy, Known, LedgerAct, RuleFinding, UnusualRule
from services.audit.unusual.postgres import PostgresKnown
from services.audit.unusual.postgres_hits import PostgresHits, quiet_from
from services.audit.unusual.postgres_sweep import PostgresActs, SweepPosition
from services.audit.unusual.settings import UnusualSettings
from services.work import Outside, UnitOfWork, unit_of_work

ENTRIES_AT_ONCE = 2000
_GRACE = timedelta(hours=1)
"""After its end a day is judged; what is entered later still is judged again."""
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SweepStep:
    """What a step did: entries read, days judged, hits that are new and unexplained."""

    entries: int = 0
    days: int = 0
    hits: int = 0

    @property
    def is_idle(self) -> bool:
        """Whether there was nothing to do."""
        return not self.entries and not self.days

    def __add__(self, other: "SweepStep") -> "SweepStep":
        """Two steps together."""
        return SweepStep(
            self.entries + other.entries, self.days + other.days, self.hits + other.hits
        )


def sweep(outside: Outside, settings: UnusualSettings) -> SweepStep:
    """Step until nothing is left to do."""
    done = SweepStep()
    while not (step := sweep_step(outside, settings)).is_idle:
        done += step
    return done


def sweep_step(outside: Outside, settings: UnusualSettings) -> SweepStep:
    """Read the next entries, or judge the next day that is over."""
    with unit_of_work(outside) as work:
        return _Sweeping(work, outside, settings).step()


class _Sweeping:
    """One step over the ports of one transaction."""

    def __init__(self, work: UnitOfWork, outside: Outside, settings: UnusualSettings) -> None:
        self._settings = settings
        self._now = work.now
        self._ledger = work.ledger
        self._acts = PostgresActs(work.connection)
        self._hits = PostgresHits(work.connection)
        ports = (work.connection, work.bound, work.clusters, settings, outside.weights)
        self._beside = PostgresKnown(*ports)

    def step(self) -> SweepStep:
        """What there is to do."""
        position = self._acts.take_position()
        acts, entries = self._acts.read_on(position, most=ENTRIES_AT_ONCE)
        if entries:
            return SweepStep(entries, 0, self._take_in(acts, position))
        day = self._next_day(position)
        if day is None:
            return SweepStep()
        hits = self._judge(day)
        self._acts.judged(day, kept_days=self._settings.review.kept_days)
        return SweepStep(0, 1, hits)

    def _take_in(self, acts: Sequence[LedgerAct], position: SweepPosition) -> int:
        acts = self._as_known_outside(acts)
        self._acts.keep(acts)
        known = self._beside.known(acts, with_persons=True)
        hits = self._keep(judge_acts(acts, known))
        until = position.judged_until
        late = {act.day for act in acts if until is not None and act.day <= until}
        for day in sorted(late):
            hits += self._judge(day)
            if until is not None and day + self._work_days <= until:
                hits += self._keep(self._without_work(day))
        return hits

    def _as_known_outside(self, acts: Sequence[LedgerAct]) -> Sequence[LedgerAct]:
        """Persons who are one are one here too."""
        known_as = self._beside.canonical({person for act in acts for person in act.persons})
        return [
            replace(act, persons=tuple(dict.fromkeys(known_as[p] for p in act.persons)))  # type: ignore[index]
            for act in acts
        ]

    @property
    def _work_days(self) -> timedelta:
        return timedelta(days=self._settings.case.work_within_days)

    def _next_day(self, position: SweepPosition) -> date | None:
        before = position.judged_until
        day = self._acts.first_day() if before is None else before + _A_DAY
        is_over = day is not None and self._now >= first_moment(day + _A_DAY) + _GRACE
        return day if is_over else None

    def _judge(self, day: date) -> int:
        hits = self._keep(self._of_practitioners(day))
        hits += self._keep(self._of_families(day))
        hits += self._keep(self._much(day))
        return hits + self._keep(self._without_work(day - self._work_days))

    def _of_practitioners(self, day: date) -> Iterator[RuleFinding]:
        searches = self._settings.search.times
        for some in self._acts.days_of_practitioners(day, searches=searches):
            known = self._beside.known([act for acts in some for act in acts])
            for acts in some:
                yield from judge_day(day, acts, known)

    def _of_families(self, day: date) -> Iterator[RuleFinding]:
        more_than = self._settings.family.more_practitioners_than
        for person, acts in self._acts.busy_families(day, more_than=more_than):
            yield from judge_family_day(day, person, acts, self._beside.known(acts))

    def _much(self, day: date) -> Iterator[RuleFinding]:
        known = self._beside.known([])
        told = self._acts.periods(day, known)
        roles = self._beside.works_for([by for by, *_ in told], first_moment(day + _A_DAY))
        everybody = [
            LooksOfPeriod(by, now, before, roles.get(by, ("", ""))[0], known.staff.of(by).team)
            for by, now, before, _ in told
        ]
        peers = Peers(one for one in everybody if one.now)
        looked = {by for by, *_, has_looked in told if has_looked}
        for one in everybody:
            if one.by in looked and may_be_much(one, peers, known):
                yield from self._volume(day, one, peers, known)

    def _volume(
        self, day: date, one: LooksOfPeriod, peers: Peers, known: Known
    ) -> Iterator[RuleFinding]:
        times = known.settings.volume.periods_of_usual
        first, last = period_of(day, known)
        counts = self._acts.counts(one.by, period_of(day, known, back=times)[0], last)
        usual = tuple(
            sum(count for when, count in counts.items() if begins <= when <= ends)
            for begins, ends in (period_of(day, known, back=n) for n in range(1, times + 1))
        )
        duty = on_duty_of(counts, known.staff.of(one.by).duty, day, known)
        asked = replace(one, usual=usual, on_duty=duty)
        found = volume(day, asked, peers, self._acts.looks_of(one, first, last), known)
        if found is not None:
            yield found

    def _without_work(self, day: date) -> Iterator[RuleFinding]:
        """Of the looks of a day after which time enough has passed."""
        asked = _AskedWhy(self._hits, day, self._settings)
        until = day + self._work_days
        claimed = self._settings.case.claimed
        for of_day in self._acts.looks_of_day(day):
            looks = self._beside.who_may_rest_on(of_day, claimed)
            known = self._beside.known(looks)
            persons = {person for look in looks for person in look.persons}
            works: dict[str, list[LedgerAct]] = {}
            for act in self._acts.work_for(persons, day, until):
                for person in act.persons:
                    works.setdefault(person, []).append(act)
            agencies = self._beside.works_for({look.by for look in looks}, self._now)
            for look in looks:
                later = [act for person in look.persons for act in works.get(person, ())]
                found = no_later_work(
                    look,
                    later,
                    known,
                    is_asked_already=asked.about(look),
                    source=agencies.get(look.by, ("", None))[1],
                )
                if found is not None:
                    yield found

    def _keep(self, findings: Iterable[RuleFinding]) -> int:
        found = self._quietened(list(findings))
        hits: dict[str, Hit] = {}
        for one in sorted(found, key=lambda finding: finding.place):
            hit = hit_from_finding(one, self._settings, at=self._now)
            hits.setdefault(hit.id, hit)
        new = [hit for hit in self._hits.add(list(hits.values())) if hit.explained_by is None]
        self._ledger.append([entry_of_raising(hit) for hit in new])
        return len(new)

    def _quietened(self, findings: Collection[RuleFinding]) -> Sequence[RuleFinding]:
        """What was found to be right a while ago is not asked again so soon."""
        asking = [one for one in findings if one.explained_by is None and one.rule not in ALWAYS]
        by = {one.by for one in asking if one.by is not None}
        if not by:
            return list(findings)
        first = min(one.at for one in asking)
        days = self._settings.review.quiet_days
        dismissed = self._hits.dismissed(by, since=quiet_from(first, days))

        def is_quiet(one: RuleFinding) -> bool:
            said_at: datetime | None = dismissed.get((one.rule.value, one.by, one.person))
            is_asking = one.explained_by is None and one.rule not in ALWAYS
            return is_asking and said_at is not None and said_at > quiet_from(one.at, days)

        return [
            replace(one, explained_by=ExplainedBy.DISMISSED) if is_quiet(one) else one
            for one in findings
        ]


class _AskedWhy:
    """Which looks of a day another hit asks about already."""

    def __init__(self, hits: PostgresHits, day: date, settings: UnusualSettings) -> None:
        self._day = day
        period = timedelta(days=settings.volume.days)
        asked = hits.asked_why(day - period, day + period)
        of_day = [one for one in asked if one[3] == day]
        self._of_pairs = {(by, person) for _, by, person, _ in of_day}
        self._much = {by for rule, by, _, _ in asked if rule == UnusualRule.VOLUME}

    def about(self, look: LedgerAct) -> bool:
        """Whether a hit of the worker and the family, of either for the day, or of many looks."""
        if look.by in self._much:
            return True
        pairs = {(look.by, look.person), (None, look.person)}
        return bool(pairs & self._of_pairs)

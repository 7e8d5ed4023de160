"""How far a child has come from pregnancy to two, by what is shown of them to one practitioner.

"Overdue" is only said where the source that would tell was read lately, has told of this child
while there was still time, and keeps nothing back that is known of: said falsely it sends somebody
to a family that did all of it. A step of which nothing is shown is "not known here", whether or not
there is anything. Pure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from schemas.records.payloads import FactStatus, OccurrenceKind, RelationshipKind
from schemas.uk_time import uk_day
from schemas.vocabulary import Category, LabelledCode, Source
from services.profile.merging.early_steps import (
    LONGEST_PREGNANCY,
    OF_PREGNANCY,
    OFFERS,
    REVIEWS,
    EarlyStep,
    EarlyWindow,
    is_over_for,
    is_told_by,
    window_for,
)
from services.profile.merging.timeline import TimelineEntry
from services.profile.model import PersonView, Profile, SourceState

_UNTIL_TOLD: Final = timedelta(days=14)
"""What was done on the last day is sent some days later: until then nothing is overdue."""
_LIST_HOLDS: Final = timedelta(days=31)
"""How long a registrar's list that says of a birth that it is not registered is believed."""
_SOON: Final = timedelta(weeks=13)
"""What has no first day is to come until then: what is called due is what can be planned now."""
_A_LATE_BIRTH: Final = timedelta(weeks=4)
_NOT_DONE_LATER: Final = frozenset({EarlyStep.BIRTH, EarlyStep.ANTENATAL})
_IN_ORDER: Final = tuple(REVIEWS)
_DONE: Final = frozenset({FactStatus.HOLDS, FactStatus.ENDED, FactStatus.UNDER_WAY})
_MEETINGS: Final = frozenset({OccurrenceKind.BIRTH, OccurrenceKind.REVIEW, OccurrenceKind.CONTACT})


class EarlyStanding(LabelledCode):
    """How a step stands."""

    DONE = "done", "Done"
    PLANNED = "planned", "Planned"
    TO_COME = "to-come", "To come"
    DUE = "due", "Due"
    OVERDUE = "overdue", "Overdue"
    NOT_RECORDED = "not-recorded", "Not recorded"
    OFFERED = "offered", "On offer"
    ASK = "ask", "Ask the family"
    NOT_SHARED = "not-shared", "Not shared with you"
    NOT_KNOWN = "not-known", "Not known here"
    NOT_DUE = "not-due", "Nothing is due"


class WhyNotKnown(LabelledCode):
    """Why it cannot be said how a step stands."""

    NO_DAY = "no-day", "No day of birth is known here on which sources agree"
    NOT_SENT = "not-sent", "No service that would tell of it sends to this one"
    NOT_READ = "not-read", "The service that would tell of it was not read, or not all of it"
    BEFORE = "before", "It was due before that service told of this child here"
    NOTHING_SHOWN = "nothing-shown", "Nothing is shown here that would tell"
    TIME_OVER = "time-over", "The time for it is over"


_Stands = tuple[EarlyStanding, WhyNotKnown | None]


@dataclass(frozen=True, slots=True, repr=False)
class EarlyView:
    """One step: when it is due, how it stands, and what tells so.

    `told` is what happened, is planned or did not take place; `why` is set where it is not known.
    """

    step: EarlyStep
    window: EarlyWindow
    standing: EarlyStanding
    told: TimelineEntry | None = None
    why: WhyNotKnown | None = None


def is_early(born: str | None, expected: str | None, today: date) -> bool:
    """Whether a child is not born yet, or young enough for any of this to be due."""
    day = _day(born)
    if day is None:
        return born is None and _day(expected) is not None
    return day <= today and not is_over_for(day, today)


def from_pregnancy_to_two(profile: Profile, today: date) -> Sequence[EarlyView]:
    """Every step of the child who was opened, in order."""
    child = _ChildSoFar(profile, today)
    return [child.view_of(step) for step in EarlyStep]


class _ChildSoFar:
    """One child with what is shown of them, on one day."""

    def __init__(self, profile: Profile, today: date) -> None:
        child = profile.people[0]
        self._today = today
        self._has_died = child.death is not None
        self._born = _agreed(child, today)
        self._is_born = self._born is not None or child.date_of_birth is not None
        self._expected = _day(child.expected_date_of_birth)
        self._told = {step: best(_of_step(step, profile, self), today) for step in EarlyStep}
        self._hears = _HealthVisitingHeard(profile, self.pregnancy)

    @property
    def pregnancy(self) -> tuple[date, date] | None:
        """Between which days something of the mother is of this pregnancy; None where unknown."""
        if self._born is not None:
            return self._born - LONGEST_PREGNANCY, self._born
        if self._expected is None or self._is_born:
            return None
        return self._expected - LONGEST_PREGNANCY, self._expected + _A_LATE_BIRTH

    def view_of(self, step: EarlyStep) -> EarlyView:
        """How the step stands."""
        window = window_for(step, self._born, None if self._is_wrongly_expected else self._expected)
        told = self._told[step]
        standing, why = self._standing(step, window, told)
        return EarlyView(step, window, standing, told, why)

    @property
    def _is_wrongly_expected(self) -> bool:
        """Whether they were to be born on a day that does not go with that of their birth."""
        if self._born is None or self._expected is None:
            return False
        return abs(self._born - self._expected) > LONGEST_PREGNANCY / 2

    def _standing(
        self, step: EarlyStep, window: EarlyWindow, told: TimelineEntry | None
    ) -> _Stands:
        if told is not None and _is_done(told):
            return EarlyStanding.DONE, None
        if step in OFFERS:
            return self._offer(step, window)
        if self._has_died:
            return EarlyStanding.NOT_DUE, None
        if told is not None and told.occurrence.status is FactStatus.PLANNED:
            return EarlyStanding.PLANNED, None
        return self._of_no_right_time(step) or self._of_health_visiting(step, window)

    def _of_no_right_time(self, step: EarlyStep) -> _Stands | None:
        """How a step stands of which no day tells that it is due, or not yet, or not any more."""
        if step is EarlyStep.BOOKING:
            return EarlyStanding.NOT_KNOWN, WhyNotKnown.NOT_SENT
        if step not in OF_PREGNANCY and self._born is None:
            return self._of_nobody_born()
        if self._born is not None and is_over_for(self._born, self._today):
            return EarlyStanding.NOT_KNOWN, WhyNotKnown.TIME_OVER
        return self._of_registrar() if step is EarlyStep.REGISTRATION else None

    def _of_registrar(self) -> _Stands:
        """How it stands where no list says that it is registered.

        For 42 days it is due. Whether a registrar's list was read lately nothing tells, so that it
        is overdue only where one of the last month, from after those days, says that it is not.
        """
        closes = window_for(EarlyStep.REGISTRATION, self._born, None).closes
        if closes is None or self._today <= closes:
            return EarlyStanding.DUE, None
        told = self._told[EarlyStep.REGISTRATION]
        said = None if told is None else _day(told.provenance.as_of)
        is_known = said is not None and closes < said and self._today - said <= _LIST_HOLDS
        return (EarlyStanding.OVERDUE if is_known else EarlyStanding.ASK), None

    def _offer(self, step: EarlyStep, window: EarlyWindow) -> _Stands:
        """Support for parents is also for those whose child has died."""
        if self._has_died and step is EarlyStep.FEEDING:
            return EarlyStanding.NOT_DUE, None
        if window.closes is None and (self._is_born or self._expected is None):
            return EarlyStanding.NOT_KNOWN, WhyNotKnown.NO_DAY
        if window.closes is not None and window.closes < self._today:
            return EarlyStanding.NOT_KNOWN, WhyNotKnown.TIME_OVER
        return EarlyStanding.OFFERED, None

    def _of_nobody_born(self) -> _Stands:
        expected = self._expected
        if self._is_born or expected is None or expected + _A_LATE_BIRTH < self._today:
            return EarlyStanding.NOT_KNOWN, WhyNotKnown.NO_DAY
        return EarlyStanding.TO_COME, None

    def _of_health_visiting(self, step: EarlyStep, window: EarlyWindow) -> _Stands:
        if self._hears.keeps_something_back:
            return EarlyStanding.NOT_SHARED, None
        closes = window.closes
        if closes is None:
            return EarlyStanding.NOT_KNOWN, WhyNotKnown.NO_DAY
        if self._today < (window.opens or closes - _SOON):
            return EarlyStanding.TO_COME, None
        why = self._hears.why_not_by(closes)
        if why is not None:
            return EarlyStanding.NOT_KNOWN, why
        until = closes if step in _NOT_DONE_LATER else closes + _UNTIL_TOLD
        if self._today <= until:
            return EarlyStanding.DUE, None
        return self._after(step, closes)

    def _after(self, step: EarlyStep, closes: date) -> _Stands:
        """Overdue while it can be done still: once the next is over or done it is not."""
        if not self._hears.was_read_on(closes + _UNTIL_TOLD):
            return EarlyStanding.NOT_KNOWN, WhyNotKnown.NOT_READ
        if step in _NOT_DONE_LATER:
            return EarlyStanding.NOT_RECORDED, None
        following = _IN_ORDER[_IN_ORDER.index(step) + 1 :]
        is_past = any(
            self._told[one] is not None
            or (window_for(one, self._born, None).closes or self._today) < self._today
            for one in following
        )
        return (EarlyStanding.NOT_RECORDED if is_past else EarlyStanding.OVERDUE), None


def _agreed(child: PersonView, today: date) -> date | None:
    """The day of birth, where every source that tells of one tells the same, and it has come."""
    if len(child.dates_of_birth) > 1:
        return None
    day = _day(child.date_of_birth)
    return None if day is None or day > today else day


def _day(text: str | None) -> date | None:
    """A whole day; None for what is less precise."""
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None


# What happened, and of which step.


def _of_step(step: EarlyStep, profile: Profile, child: _ChildSoFar) -> Iterable[TimelineEntry]:
    mothers = {p.id for p in profile.people if p.relation is RelationshipKind.MOTHER}
    for entry in profile.timeline:
        is_hers = step in OF_PREGNANCY and entry.person in mothers
        if entry.person != profile.child and not is_hers:
            continue
        if is_hers and not _is_within(entry, child.pregnancy):
            continue
        if entry.occurrence.status is not FactStatus.IN_ERROR and is_told_by(
            step, entry.occurrence.title
        ):
            yield entry


def _is_done(entry: TimelineEntry) -> bool:
    return entry.occurrence.status in _DONE and not entry.occurrence.not_done


def _is_within(entry: TimelineEntry, span: tuple[date, date] | None) -> bool:
    on = _day(entry.date)
    return on is not None and span is not None and span[0] <= on <= span[1]


def best(told: Iterable[TimelineEntry], today: date) -> TimelineEntry | None:
    """What counts of several: the first that was done; else what is planned, else the latest.

    What was planned for a day that is over tells no more.
    """
    found = sorted(told, key=lambda one: one.date or "")
    done = [entry for entry in found if _is_done(entry)]
    if done:
        return done[0]
    day = today.isoformat()
    ahead = [
        e
        for e in found
        if e.occurrence.status is FactStatus.PLANNED and (e.date is None or e.date[:10] >= day)
    ]
    left = [e for e in found if e.occurrence.status is not FactStatus.PLANNED]
    return next(iter(ahead), None) or (left[-1] if left else None)


# Whether the service that would tell was heard.


class _HealthVisitingHeard:
    """What health visiting has told of the child here, and whether all of it was read."""

    def __init__(self, profile: Profile, pregnancy: tuple[date, date] | None) -> None:
        wanted = Source.HEALTH_VISITING
        self._status = next((one for one in profile.sources if one.source is wanted), None)
        self.keeps_something_back = any(
            one.source is wanted and one.category is Category.CHILD_HEALTH
            for one in profile.not_shared
        )
        mothers = {p.id for p in profile.people if p.relation is RelationshipKind.MOTHER}
        told = (
            _day(entry.provenance.as_of)
            for entry in profile.timeline
            if entry.provenance.source is wanted
            and entry.occurrence.kind in _MEETINGS
            and (
                entry.person == profile.child
                or (entry.person in mothers and _is_within(entry, pregnancy))
            )
        )
        self._since = min((day for day in told if day is not None), default=None)

    def why_not_by(self, closes: date) -> WhyNotKnown | None:
        """Why its silence about something that was due by a day tells nothing; None if it does.

        That it is the same record in which the step would stand, it has shown by another meeting.
        """
        status = self._status
        if status is None or status.state is not SourceState.HAS_RECORDS:
            is_unread = status is not None and status.state is not SourceState.NOTHING_TO_SHOW
            return WhyNotKnown.NOT_READ if is_unread else WhyNotKnown.NOTHING_SHOWN
        if status.unread is not None or status.silent_since is not None:
            return WhyNotKnown.NOT_READ
        if self._since is None:
            return WhyNotKnown.NOTHING_SHOWN
        return WhyNotKnown.BEFORE if self._since > closes else None

    def was_read_on(self, day: date) -> bool:
        """Whether it was heard on that day or later."""
        heard = None if self._status is None else self._status.last_heard
        return heard is not None and uk_day(heard) >= day

"""A hit and what became of it: states that only follow one another, and how a page shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from consent.ledger import FieldValue, LedgerEntry, entry_id_for, ledger_entry
from consent.ledger.events import LedgerEvent
from schemas.uk_time import uk_day
from schemas.vocabulary import LabelledCode
from services.audit.outcomes import DISMISSES, Outcome, Step
from services.audit.unusual.judging import SENTENCES
from services.audit.unusual.model import ExplainedBy, RuleFinding, UnusualRule
from services.audit.unusual.settings import UnusualSettings

SWEEPER: Final = "job:unusual-access"
ALWAYS: Final = frozenset({UnusualRule.EMERGENCY, UnusualRule.SELF_CLAIMED})
"""Raised every time: no dismissal keeps them quiet, and only a review closes them."""
_END_OF_WORK: Final = time(17)
_SATURDAY: Final = 5


class HitStanding(LabelledCode):
    """Where a hit stands: a step of its review, and once it is closed what the review found."""

    NEW = Step.NEW.value, Step.NEW.label
    LOOKING = Step.LOOKING.value, Step.LOOKING.label
    ASKED_WORKER = Step.ASKED_WORKER.value, Step.ASKED_WORKER.label
    ASKED_MANAGER = Step.ASKED_MANAGER.value, Step.ASKED_MANAGER.label
    SECOND_WANTED = Step.SECOND_WANTED.value, Step.SECOND_WANTED.label
    JUSTIFIED = Outcome.JUSTIFIED.value, Outcome.JUSTIFIED.label
    TRAINING = Outcome.TRAINING.value, Outcome.TRAINING.label
    BREACH = Outcome.BREACH.value, Outcome.BREACH.label
    NOT_REAL = Outcome.NOT_REAL.value, Outcome.NOT_REAL.label


OUTCOMES: Final = frozenset(HitStanding(outcome) for outcome in Outcome)
"""What closes a hit."""
DISMISSED: Final = frozenset(HitStanding(outcome) for outcome in DISMISSES)
"""What keeps rule, practitioner and person quiet for a time."""
NOT_RIGHT: Final = frozenset({HitStanding.TRAINING, HitStanding.BREACH})
"""What a rule is right to have asked about."""
_ASKED = frozenset({HitStanding.ASKED_WORKER, HitStanding.ASKED_MANAGER})
FOLLOWS: Final[Mapping[HitStanding, frozenset[HitStanding]]] = {
    HitStanding.NEW: frozenset({HitStanding.LOOKING}),
    HitStanding.LOOKING: _ASKED | OUTCOMES,
    HitStanding.ASKED_WORKER: _ASKED | OUTCOMES,
    HitStanding.ASKED_MANAGER: _ASKED | OUTCOMES,
    HitStanding.SECOND_WANTED: frozenset({HitStanding.LOOKING}),
    **dict.fromkeys(OUTCOMES, frozenset()),
}
"""What somebody may say next. A breach is first said, and is one once a second reviewer agrees."""


@dataclass(frozen=True, slots=True)
class HitState:
    """One state: by whom, since when. Why is sealed beside it."""

    number: int
    standing: HitStanding
    said_by: str
    said_at: datetime
    order: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A finding that is kept; one that is explained away has no states."""

    id: str
    rule: UnusualRule
    version: str
    practitioner: str | None
    person: str | None
    day: date
    at: datetime
    place: int
    acts: int
    raised_at: datetime
    due_at: datetime
    explained_by: ExplainedBy | None = None
    states: tuple[HitState, ...] = ()

    @property
    def standing(self) -> HitStanding:
        """Where it stands now."""
        return self.states[-1].standing if self.states else HitStanding.NEW


@dataclass(frozen=True, slots=True)
class HitRow:
    """A hit as a page prints it: sentences, codes and opaque ids; nothing that a record says."""

    id: str
    rule: str
    label: str
    version: str
    reason: str
    explained: str
    practitioner: str | None
    person: str | None
    at: datetime
    day: date
    acts: int
    place: int
    standing: str
    standing_label: str
    due: datetime
    explained_by: str | None


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """How well a rule does in a period. `precision` is of those reviewed; None before there is one.

    A hit that was found not to be real, or justified, was not right to ask about. `version` is
    that of the rules by which the newest was found.
    """

    rule: UnusualRule
    fires: str
    explained_sentence: str
    fired: int
    explained: Mapping[str, int]
    waiting: int
    reviewed: int
    not_right: int
    version: str | None = None

    @property
    def left(self) -> int:
        """What nothing explained."""
        return self.fired - sum(self.explained.values())

    @property
    def precision(self) -> float | None:
        """What share of those reviewed was not right."""
        return self.not_right / self.reviewed if self.reviewed else None


def hit_from_finding(found: RuleFinding, settings: UnusualSettings, *, at: datetime) -> Hit:
    """A finding as it is kept. The same again has the same id, whatever the rules' version."""
    explained = "explained" if found.explained_by else "asked"
    parts = (found.rule, found.by or "-", found.person or "-", found.day.isoformat(), explained)
    review = settings.review
    days = review.emergency_working_days if found.rule in ALWAYS else review.working_days
    return Hit(
        str(entry_id_for("unusual-hit", *parts)),
        found.rule,
        settings.version,
        found.by,
        found.person,
        found.day,
        found.at,
        found.place,
        max(1, len(found.places)),
        at,
        due_after(at, days),
        found.explained_by,
    )


def due_after(at: datetime, working_days: int) -> datetime:
    """The end of work so many working days later; holidays are not known here."""
    day = uk_day(at)
    while working_days:
        day += timedelta(days=1)
        working_days -= day.weekday() < _SATURDAY
    return datetime.combine(day, _END_OF_WORK, tzinfo=UTC)


def entry_of_raising(hit: Hit) -> LedgerEntry:
    """The entry of a hit; the same hit is the same entry."""
    fields: dict[str, FieldValue] = {
        "hit": hit.id,
        "rule": hit.rule,
        "version": hit.version,
        "practitioner": [hit.practitioner] if hit.practitioner else [],
        "person": [hit.person] if hit.person else [],
        "due": hit.due_at,
    }
    event, entry_id = LedgerEvent.UNUSUAL_ACCESS_RAISED, entry_id_for("unusual-raised", hit.id)
    return ledger_entry(event, fields, at=hit.raised_at, actor=SWEEPER, entry_id=entry_id)


def entry_of_state(hit: Hit, state: HitState) -> LedgerEntry:
    """The entry of what somebody said of a hit."""
    fields = {"hit": hit.id, "rule": hit.rule, "state": state.standing}
    event = LedgerEvent.UNUSUAL_ACCESS_STATED
    return ledger_entry(event, {**fields}, at=state.said_at, actor=state.said_by)


def row_of(hit: Hit) -> HitRow:
    """A hit as a page prints it."""
    sentences = SENTENCES[hit.rule]
    return HitRow(
        id=hit.id,
        rule=hit.rule.value,
        label=hit.rule.label,
        version=hit.version,
        reason=sentences.reason,
        explained=sentences.explained,
        practitioner=hit.practitioner,
        person=hit.person,
        at=hit.at,
        day=hit.day,
        acts=hit.acts,
        place=hit.place,
        standing=hit.standing.value,
        standing_label=hit.standing.label,
        due=hit.due_at,
        explained_by=None if hit.explained_by is None else hit.explained_by.value,
    )


def rows_of(hits: Sequence[Hit]) -> Sequence[HitRow]:
    """Hits as a page prints them."""
    return [row_of(hit) for hit in hits]

"""A decision on record, as pages list it and confirm what became of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from consent.agreement import Agency
from consent.circumstances import (
    Circumstances,
    CompetenceJudgement,
    InvalidationReason,
    NotAskedReason,
    RefusalReason,
)
from consent.decisions.keeping import Recorded
from consent.decisions.states import DecisionState, Remedy, remedies, state_of, waiting_for
from consent.lawfulness import Article9, Basis, Gateway
from consent.model import DeciderKind, Mode, Proposal, Response, SharingDecision
from schemas.identifiers import DecisionId, PersonId, PractitionerId
from schemas.vocabulary import Category, Purpose, Source


class WhatWaits(StrEnum):
    """What of an act waits for a second hand."""

    NOTHING = "nothing"
    OWN_PART = "own-part"
    """What the practitioner's own agency would be shown; the rest is in force."""
    ALL_OF_IT = "all-of-it"
    A_SECOND_JUDGE = "a-second-judge"
    """All of it; and it takes a professional who judges the child too."""
    THE_CHANGE = "the-change"
    """The decision stands as it did."""


@dataclass(frozen=True, slots=True)
class RecordedDecision:
    """What a page confirms of a decision: its id and version, and the entry that proves it.

    `gaining` are those who would be shown what waits.
    """

    decision_id: DecisionId
    version: int
    ledger_entry: str
    subjects: tuple[PersonId, ...]
    waits: WhatWaits = WhatWaits.NOTHING
    gaining: tuple[Agency, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionSummary:
    """A decision as pages list it, with its state and what can be done about it at that time.

    `recorded_by`, `judged_by` and `judged_too_by` are names, None where a program did it or nobody.
    """

    decision_id: DecisionId
    response: Response
    basis: Basis
    categories: tuple[Category, ...]
    purposes: tuple[Purpose, ...]
    recipients: tuple[str, ...]
    sources: tuple[Source, ...]
    decider_kind: DeciderKind
    decider_reference: str
    decided_at: datetime
    until: datetime | None
    withdrawn_at: datetime | None
    state: DecisionState
    subjects: tuple[PersonId, ...] = ()
    mode: Mode = Mode.CONTENT
    remedies: tuple[Remedy, ...] = ()
    because: RefusalReason | NotAskedReason | None = None
    article_9: Article9 | None = None
    gateways: tuple[Gateway, ...] = ()
    review_at: datetime | None = None
    invalidated_at: datetime | None = None
    invalidated_because: InvalidationReason | None = None
    superseded_at: datetime | None = None
    superseded_by: DecisionId | None = None
    supersedes: DecisionId | None = None
    objects_to: DecisionId | None = None
    circumstances: Circumstances = field(default_factory=Circumstances)
    recorded_by: str | None = None
    judged_by: str | None = None
    judged_too_by: str | None = None
    waiting_for: Proposal | None = None
    waits_for_second_judge: bool = False
    confirmed_at: datetime | None = None
    tied_to: DecisionId | None = None
    recorded_at: datetime | None = None

    @property
    def known_at(self) -> datetime:
        """From when on it holds: when it was recorded."""
        return self.decided_at if self.recorded_at is None else self.recorded_at


@dataclass(frozen=True, slots=True)
class DueForReview:
    """A decision of one of the practitioner's families that somebody should ask about again."""

    person: PersonId
    decision: DecisionSummary


_PRACTITIONER = "practitioner:"

NameOf = Callable[[PractitionerId], str | None]
"""The name of a practitioner; None where nobody has that id any more."""


def summary_of(decision: SharingDecision, at: datetime, name_of: NameOf) -> DecisionSummary:
    """One line of the list, with the state it is in and what can be done about it at that time.

    Whether it waits for a second judge follows from more than the decision.
    """
    told = decision.circumstances
    return DecisionSummary(
        decision_id=decision.id,
        response=decision.response,
        basis=decision.basis,
        categories=tuple(sorted(decision.categories)),
        purposes=tuple(sorted(decision.purposes)),
        recipients=tuple(sorted(decision.recipients)),
        sources=tuple(sorted(decision.sources)),
        decider_kind=decision.decided_by.kind,
        decider_reference=decision.decided_by.reference,
        decided_at=decision.decided_at,
        until=decision.until,
        withdrawn_at=decision.withdrawn_at,
        state=state_of(decision, at),
        subjects=tuple(sorted(decision.subjects)),
        mode=decision.mode,
        remedies=remedies(decision, at),
        because=decision.because,
        article_9=decision.article_9,
        gateways=tuple(sorted(decision.gateways)),
        review_at=decision.review_at,
        invalidated_at=decision.invalidated_at,
        invalidated_because=decision.invalidated_because,
        superseded_at=decision.superseded_at,
        superseded_by=decision.superseded_by,
        supersedes=decision.supersedes,
        objects_to=decision.objects_to,
        circumstances=told,
        recorded_by=_name(told.recorded_by, name_of),
        judged_by=_judge(told.competence, name_of),
        judged_too_by=_judge(told.seconded, name_of),
        waiting_for=waiting_for(decision, at),
        confirmed_at=decision.confirmed_at,
        tied_to=decision.tied_to,
        recorded_at=decision.recorded_at,
    )


def _judge(judgement: CompetenceJudgement | None, name_of: NameOf) -> str | None:
    return None if judgement is None else name_of(PractitionerId(judgement.judged_by))


def _name(actor: str | None, name_of: NameOf) -> str | None:
    if actor is None or not actor.startswith(_PRACTITIONER):
        return None
    return name_of(PractitionerId(actor.removeprefix(_PRACTITIONER)))


def confirmed(recorded: Recorded) -> RecordedDecision:
    """What the page confirms of a decision that was recorded or changed."""
    decision = recorded.decision
    return RecordedDecision(
        decision.id,
        decision.version,
        str(recorded.entry_id),
        tuple(sorted(decision.subjects)),
        _what_waits(recorded),
        tuple(sorted(recorded.gaining)),
    )


def _what_waits(recorded: Recorded) -> WhatWaits:
    waiting = recorded.waiting
    if waiting is None:
        return WhatWaits.NOTHING
    if recorded.waits_for_second_judge:
        return WhatWaits.A_SECOND_JUDGE
    if waiting.id != recorded.decision.id:
        return WhatWaits.OWN_PART
    return WhatWaits.ALL_OF_IT if waiting.change_asked is None else WhatWaits.THE_CHANGE

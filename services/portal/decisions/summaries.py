"""A decision on record, as pages list it and confirm what became of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from consent.agreement import Agency
from consent.circumstances import (
    CompetenceJudgement,
)
from consent.decisions.keeping import Recorded
from consent.decisions.states import DecisionState, Remedy, remedies, state_of, waiting_for
from consent.model import Proposal, SharingDecision
from schemas.identifiers import DecisionId, PersonId, PractitionerId
from services.profile.families.sharing import Cell
from services.profile.model import DeathView


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
    """What a decision says, with its state and what can be done about it at that time.

    `recorded_by`, `judged_by` and `judged_too_by` are names, None where a program did it or nobody.
    """

    said: SharingDecision
    state: DecisionState
    remedies: tuple[Remedy, ...] = ()
    recorded_by: str | None = None
    judged_by: str | None = None
    judged_too_by: str | None = None
    waiting_for: Proposal | None = None
    waits_for_second_judge: bool = False

    @property
    def decision_id(self) -> DecisionId:
        """The decision's own id."""
        return self.said.id


@dataclass(frozen=True, slots=True)
class DueForReview:
    """A decision of one of the practitioner's families that somebody should ask about again.

    `death` where one is reported that is not certain: to be cleared up before anybody is asked.
    """

    person: PersonId
    decision: DecisionSummary
    death: DeathView | None = None


@dataclass(frozen=True, slots=True)
class SharingSummary:
    """What was decided about a person, newest first, and the matrix that it comes to."""

    decisions: Sequence[DecisionSummary]
    cells: Sequence[Cell]


_PRACTITIONER = "practitioner:"

NameOf = Callable[[PractitionerId], str | None]
"""The name of a practitioner; None where nobody has that id any more."""


def summary_of(decision: SharingDecision, at: datetime, name_of: NameOf) -> DecisionSummary:
    """One line of the list, with the state it is in and what can be done about it at that time.

    Whether it waits for a second judge follows from more than the decision.
    """
    told = decision.circumstances
    return DecisionSummary(
        decision,
        state_of(decision, at),
        remedies(decision, at),
        recorded_by=_name(told.recorded_by, name_of),
        judged_by=_judge(told.competence, name_of),
        judged_too_by=_judge(told.seconded, name_of),
        waiting_for=waiting_for(decision, at),
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

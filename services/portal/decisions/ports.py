"""Sharing decisions as pages fill them in, list them and ask for them to be changed."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from consent.circumstances import (
    Channel,
    Circumstances,
    CompetenceQuestion,
    InvalidationReason,
    NotAskedReason,
    RefusalReason,
)
from consent.decisions.states import DecisionState, Remedy, remedies, state_of
from consent.lawfulness import Article9, Basis, Gateway
from consent.model import DeciderKind, Mode, Response, SharingDecision
from schemas.identifiers import DecisionId, PersonId, PractitionerId
from schemas.vocabulary import Category, Purpose, Source
from services.people.practitioners.people import SignedInPractitioner, SubjectEntry
from services.profile.model import ProfileRefused


@dataclass(frozen=True, slots=True)
class HowDecided:
    """How it came about, as whoever fills in the page says.

    `competence` are the questions answered with yes about a young person, None where nobody
    judged; who fills in the page is who judged.
    """

    channel: Channel | None = None
    interpreted_into: str | None = None
    notice_version: str | None = None
    competence: frozenset[CompetenceQuestion] | None = None
    presumed_competent: bool = False
    parents_are_not_told: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class DecisionForm:
    """A sharing decision as it is recorded on a page. `recipients` as in consent.model."""

    subjects: tuple[PersonId | SubjectEntry, ...]
    response: Response
    categories: frozenset[Category]
    purposes: frozenset[Purpose]
    recipients: frozenset[str]
    sources: frozenset[Source]
    basis: Basis
    decider_kind: DeciderKind
    decider_reference: str
    until: date | None
    existence_may_be_shown: bool = False
    because: RefusalReason | NotAskedReason | None = None
    article_9: Article9 | None = None
    gateways: frozenset[Gateway] = frozenset()
    review: date | None = None
    how: HowDecided = field(default_factory=HowDecided)
    supersedes: DecisionId | None = None


@dataclass(frozen=True, slots=True)
class ObjectionForm:
    """Who of the family objects to a decision, and how they said so. `person` is on the page."""

    decision: DecisionId
    person: PersonId
    objector_kind: DeciderKind
    objector_reference: str
    how: HowDecided = field(default_factory=HowDecided)


@dataclass(frozen=True, slots=True)
class RecordedDecision:
    """Receipt for a decision: its id and version and the ledger entry that proves it."""

    decision_id: DecisionId
    version: int
    ledger_entry: str
    subjects: tuple[PersonId, ...]


@dataclass(frozen=True, slots=True)
class DecisionSummary:
    """A decision as pages list it, with its state and what can be done about it at that time.

    `recorded_by` and `judged_by` are names, None where a program did it or nobody.
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


@dataclass(frozen=True, slots=True)
class DueForReview:
    """A decision of one of the practitioner's families that somebody should ask about again."""

    person: PersonId
    decision: DecisionSummary


class DecisionServices(Protocol):
    """What pages ask about sharing decisions; see ports.PortalServices for what each promises.

    Recording and changing raise InvalidDecisionError naming the field. Both are refused, as an
    answer, to who could not open everybody whom the decision is about, or the one that it
    replaces; to withdraw, one of them is enough, and to object, the person on the page. The answer
    is the same for somebody unknown, and each refusal is recorded.
    """

    def refusal_about(
        self, who: SignedInPractitioner, persons: Collection[PersonId]
    ) -> ProfileRefused | None:
        """Why forms for decisions about these persons are closed to who asks, if they are."""

    def record_decision(
        self, who: SignedInPractitioner, form: DecisionForm
    ) -> RecordedDecision | ProfileRefused:
        """Record what was decided about people who are known here; nobody becomes known by it."""

    def decisions(
        self, who: SignedInPractitioner, person: PersonId
    ) -> Sequence[DecisionSummary] | ProfileRefused:
        """All decisions about the person, newest first, for those with a relationship."""

    def decisions_due(self, who: SignedInPractitioner) -> Sequence[DueForReview]:
        """What is due for review in the practitioner's own families, longest due first."""

    def withdraw_decision(
        self, who: SignedInPractitioner, decision: DecisionId
    ) -> RecordedDecision | ProfileRefused:
        """Take back what a family decided: from now on; in force for the very next page."""

    def object_to_decision(
        self, who: SignedInPractitioner, form: ObjectionForm
    ) -> RecordedDecision | ProfileRefused:
        """Record that somebody of the family objects; gives the objection's own receipt."""

    def end_decision(
        self, who: SignedInPractitioner, decision: DecisionId
    ) -> RecordedDecision | ProfileRefused:
        """End what a practitioner decided or a duty demanded: from now on."""

    def invalidate_decision(
        self, who: SignedInPractitioner, decision: DecisionId, reason: InvalidationReason
    ) -> RecordedDecision | ProfileRefused:
        """Mark as never counted what was recorded in error; this cannot be undone."""


# What pages ask about consent receipts. Implemented beside the other services of the pages.


class ReceiptServices(Protocol):
    """One transaction a call; see ports.PortalServices for what that promises."""

    def receipt(
        self, who: SignedInPractitioner, decision: DecisionId
    ) -> bytes | ProfileRefused | None:
        """Issue the signed receipt of a decision, as a file; that it was issued is recorded.

        None while the ledger does not prove the decision yet, which takes seconds. Refused, as an
        answer, to who has no relationship with anybody whom the decision is about.
        """


# A decision on record as pages list it.

_PRACTITIONER = "practitioner:"

NameOf = Callable[[PractitionerId], str | None]
"""The name of a practitioner; None where nobody has that id any more."""


def summary_of(decision: SharingDecision, at: datetime, name_of: NameOf) -> DecisionSummary:
    """One line of the list, with the state it is in and what can be done about it at that time."""
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
        judged_by=name_of(PractitionerId(told.competence.judged_by)) if told.competence else None,
    )


def _name(actor: str | None, name_of: NameOf) -> str | None:
    if actor is None or not actor.startswith(_PRACTITIONER):
        return None
    return name_of(PractitionerId(actor.removeprefix(_PRACTITIONER)))

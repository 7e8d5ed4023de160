"""What others than auditors ask of governance: a family's question, and what leads were told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from schemas.identifiers import PersonId, reference_of
from services.audit.outcomes import Outcome
from services.audit.reviews.postgres import FamilyQuestion, PostgresFamilyQuestions
from services.audit.reviews.questions import (
    CameInBy,
    FamilyAsks,
    FamilyQuestionAsked,
    FamilyQuestionRefusal,
    ask_for_family,
)
from services.audit.reviews.telling import reviews_told_to
from services.people.practitioners.people import SignedInPractitioner
from services.work import Outside, unit_of_work


@dataclass(frozen=True, slots=True)
class EndedReview:
    """A review of an access in a lead's service: what it found, of whose act, and no family."""

    reference: str
    at: datetime
    outcome: Outcome
    worker: str


class GovernanceServices(Protocol):
    """What reaches governance from practice, and comes back; a part of PortalServices."""

    def ask_for_family(
        self, who: SignedInPractitioner, person: PersonId, asks: FamilyAsks
    ) -> FamilyQuestion | FamilyQuestionRefusal:
        """Enter a family's question, with its due day; refused, and entered, if not theirs."""

    def due_of(self, who: SignedInPractitioner, person: PersonId, question: str) -> datetime | None:
        """By when a question is answered that they entered about this family; None of no such."""

    def reviews_told(self, who: SignedInPractitioner) -> Sequence[EndedReview]:
        """What this lead was told lately, the newest first."""


class GovernanceOnDatabase:
    """GovernanceServices on PostgreSQL."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def ask_for_family(
        self, who: SignedInPractitioner, person: PersonId, asks: FamilyAsks
    ) -> FamilyQuestion | FamilyQuestionRefusal:
        """Enter it."""
        wanted = FamilyQuestionAsked(person, asks, CameInBy.PRACTITIONER)
        with unit_of_work(self._outside) as work:
            return ask_for_family(wanted, who, work=work)

    def due_of(self, who: SignedInPractitioner, person: PersonId, question: str) -> datetime | None:
        """Find it."""
        with unit_of_work(self._outside) as work:
            asked = PostgresFamilyQuestions(work.connection).find(question)
            if asked is None or asked.entered_by != who.actor or asked.person is None:
                return None
            is_theirs = asked.person in work.clusters.all_of([person])
            return asked.due_at if is_theirs else None

    def reviews_told(self, who: SignedInPractitioner) -> Sequence[EndedReview]:
        """What they were told."""
        with unit_of_work(self._outside) as work:
            return [
                EndedReview(
                    reference_of(one.review),
                    one.at,
                    one.outcome,
                    work.directory.called_by_actor(one.worker),
                )
                for one in reviews_told_to(who.id, work=work)
            ]

"""What the pages about decisions ask of the rest of the service."""

from collections.abc import Collection, Sequence
from typing import Protocol

from consent.circumstances import CompetenceQuestion, InvalidationReason
from consent.decisions.confirming import NotConfirmed
from consent.decisions.keeping import Taken
from schemas.identifiers import DecisionId, PersonId
from schemas.vocabulary import Source
from services.people.deciders.naming import NamedChoice
from services.people.practitioners.people import SignedInPractitioner, SubjectEntry
from services.portal.decisions.orders import DecisionForm, ObjectionForm, WithdrawalForm
from services.portal.decisions.summaries import (
    DecisionSummary,
    DueForReview,
    RecordedDecision,
    SharingSummary,
)
from services.profile.model import ProfileRefused


class DecisionServices(Protocol):
    """Sharing decisions, and the receipts of them; a part of services.portal.ports.PortalServices.

    Recording and changing raise DecisionInvalidError naming the field. Both are refused, as an
    answer, to who could not open everybody whom the decision is about, or the one that it
    replaces; to withdraw a yes, one of them is enough, and to object, the person on the page. The
    answer is the same for somebody unknown, and each refusal is recorded. A no is taken from
    anybody, and the withdrawal of a yes: who may not open them is told no more than that. What
    widens may wait for a second hand, and the answer says what.
    """

    def refusal_about(
        self, who: SignedInPractitioner, persons: Collection[PersonId]
    ) -> ProfileRefused | None:
        """Why forms for decisions about these persons are closed to who asks, if they are."""

    def deciders_to_choose(
        self, who: SignedInPractitioner, persons: Collection[PersonId]
    ) -> Sequence[NamedChoice] | None:
        """Whom a form about all of these offers as who decided; that it was asked is recorded.

        None for who works with not all of them: they type a name, and are told nothing.
        """

    def record_decision(
        self, who: SignedInPractitioner, form: DecisionForm
    ) -> RecordedDecision | Taken | ProfileRefused:
        """Record what was decided about people who are known here; nobody becomes known by it."""

    def require_worker(self, name: str) -> None:
        """Raise DecisionInvalidError naming the worker, where what was typed is no name."""

    def name_excluded(
        self,
        who: SignedInPractitioner,
        about: PersonId | SubjectEntry,
        name: str,
        works_in: Source | None,
    ) -> Taken:
        """Write down that a family named a worker who must not see it; one answer to everybody."""

    def decisions(
        self, who: SignedInPractitioner, person: PersonId
    ) -> Sequence[DecisionSummary] | ProfileRefused:
        """All decisions about the person, newest first, for those with a relationship."""

    def sharing(
        self, who: SignedInPractitioner, person: PersonId
    ) -> SharingSummary | ProfileRefused:
        """The same decisions, and what is shared with which service by them."""

    def decisions_due(self, who: SignedInPractitioner) -> Sequence[DueForReview]:
        """What is due for review in the practitioner's own families, longest due first."""

    def withdraw_decision(
        self,
        who: SignedInPractitioner,
        decision: DecisionId,
        form: WithdrawalForm | None = None,
    ) -> RecordedDecision | Taken | ProfileRefused:
        """Take back what a family decided: from now on; in force for the very next page.

        Who took it back and how is kept as far as it is told, and never stands in the way.
        """

    def object_to_decision(
        self, who: SignedInPractitioner, form: ObjectionForm
    ) -> RecordedDecision | Taken | ProfileRefused:
        """Record that somebody of the family objects; gives the objection's own receipt."""

    def end_decision(
        self, who: SignedInPractitioner, decision: DecisionId
    ) -> RecordedDecision | ProfileRefused:
        """End what a practitioner decided or a duty demanded: from now on."""

    def invalidate_decision(
        self, who: SignedInPractitioner, decision: DecisionId, reason: InvalidationReason
    ) -> RecordedDecision | ProfileRefused:
        """Mark as never counted what was recorded in error; this cannot be undone."""

    def confirm_decision(
        self,
        who: SignedInPractitioner,
        decision: DecisionId,
        yes: Collection[CompetenceQuestion] = (),
    ) -> RecordedDecision | NotConfirmed | ProfileRefused:
        """Be the second hand for what waits about a decision.

        `yes` is what a second professional says of a child below 13, where it waits for one.
        """

    def receipt(
        self, who: SignedInPractitioner, decision: DecisionId
    ) -> bytes | ProfileRefused | None:
        """Issue the signed receipt of a decision, as a file; that it was issued is recorded.

        None while the ledger does not prove the decision yet, which takes seconds. Refused, as an
        answer, to who has no relationship with anybody whom the decision is about.
        """

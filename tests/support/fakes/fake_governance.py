"""GovernanceServices in memory: every question is taken, and no lead was told anything."""

from collections.abc import Sequence
from datetime import UTC, datetime

from schemas.identifiers import PersonId
from services.audit.reviews.postgres import FamilyQuestion
from services.audit.reviews.questions import CameInBy, FamilyAsks
from services.people.practitioners.people import SignedInPractitioner
from services.portal.front.governance import EndedReview


class FakeGovernance:
    """What reaches governance from practice; that it does is tested on a real ledger."""

    def ask_for_family(
        self, who: SignedInPractitioner, person: PersonId, asks: FamilyAsks
    ) -> FamilyQuestion:
        due = datetime(2026, 12, 14, 17, tzinfo=UTC)
        return FamilyQuestion("0" * 32, person, asks, None, CameInBy.PRACTITIONER, who.actor, due)

    def due_of(self, who: SignedInPractitioner, person: PersonId, question: str) -> None:
        del who, person, question

    def reviews_told(self, who: SignedInPractitioner) -> Sequence[EndedReview]:
        del who
        return ()

"""What is due for review, a line each."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.portal.addresses import FamilyAddresses
from services.portal.decision_ports import DueForReview
from services.portal.presenters.dates import uk_day_in_words
from services.portal.presenters.decision_words import decider_in_words
from services.portal.presenters.decisions import heading_of
from services.portal.presenters.references import record_reference


@dataclass(frozen=True, slots=True, repr=False)
class DueLine:
    """One decision: which family's, what it says, who decided, since when it is due."""

    family: str
    decision: str
    href: str
    decided_by: str
    due_since: str


def due_lines(due: Iterable[DueForReview]) -> tuple[DueLine, ...]:
    """Write what is due in the order given; no name, as the list is not a family's page."""
    return tuple(_line(one) for one in due)


def _line(one: DueForReview) -> DueLine:
    decision = one.decision
    return DueLine(
        family=record_reference(one.person),
        decision=heading_of(decision),
        href=FamilyAddresses(one.person).decision(decision.decision_id),
        decided_by=decider_in_words(decision),
        due_since=uk_day_in_words(decision.review_at or decision.decided_at),
    )

"""The words of the workbench's first page."""

from dataclasses import dataclass

from services.audit.asked import AuditQuestion
from services.portal.audit import addresses


@dataclass(frozen=True, slots=True)
class AnsweredAt:
    """A question, and the page that answers it."""

    question: str
    href: str


_ANSWERED_AT = {
    AuditQuestion.LOOKS: addresses.LOOKS,
    AuditQuestion.COULD_SEE: addresses.COULD_SEE,
    AuditQuestion.REFUSALS: addresses.REFUSALS,
    AuditQuestion.REVIEWS: addresses.REVIEWS,
    AuditQuestion.DECISIONS: addresses.DECISIONS,
    AuditQuestion.TIMINGS: addresses.TIMINGS,
    AuditQuestion.EXPORTS: addresses.EXPORTS,
    AuditQuestion.UNUSUAL: addresses.UNUSUAL,
}


def questions() -> tuple[AnsweredAt, ...]:
    """The eight questions, each with its page."""
    return tuple(AnsweredAt(question.label, href) for question, href in _ANSWERED_AT.items())

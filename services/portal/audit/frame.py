"""What every page of the workbench has: the door, a place in the menu, what was entered for it."""

from collections.abc import Callable
from enum import Enum
from typing import TypeVar
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from services.audit.asked import NotForThem
from services.audit.postgres_answers import Auditing
from services.people.practitioners.permissions import Permission
from services.portal.audit import addresses
from services.portal.frame.errors import NotAllowedError
from services.portal.frame.guard import guarded_router
from services.portal.frame.visit import Visit

Answer = TypeVar("Answer")


class AuditSection(Enum):
    """The pages of the menu, in its order: where each is, and what it is called."""

    HOME = addresses.AUDIT, "Home"
    ACCESS = addresses.ACCESS, "Access"
    COULD_SEE = addresses.COULD_SEE, "Could they see"
    DECISIONS = addresses.DECISIONS, "Decisions"
    UNUSUAL = addresses.UNUSUAL, "Unusual access"
    REVIEWS = addresses.REVIEWS, "Reviews"
    INTEGRITY = addresses.INTEGRITY, "Integrity"
    FIGURES = addresses.FIGURES, "Figures"
    EXPORTS = addresses.EXPORTS, "Exports"

    @property
    def href(self) -> str:
        """Where it begins."""
        return self.value[0]

    @property
    def text(self) -> str:
        """What the menu calls it."""
        return self.value[1]


def audit_router() -> APIRouter:
    """Make a router of the workbench: who is not information governance is refused at the door."""
    return guarded_router(Permission.AUDIT)


def answered(visit: Visit, question: Callable[[Auditing], Answer | NotForThem]) -> Answer:
    """Ask in the auditor's name. Raises NotAllowedError where it was not theirs to ask."""
    answer = visit.services.audit.ask(visit.who, question)
    if isinstance(answer, NotForThem):
        raise NotAllowedError(answer.label)
    return answer


def show_audit(
    visit: Visit,
    template: str,
    section: AuditSection,
    *,
    entered: UUID | None = None,
    is_below: bool = False,
    status: int = 200,
    **words: object,
) -> Response:
    """Answer with a page of `templates/audit/`.

    `entered` is the entry that this view made; `is_below` for pages that the menu only leads to.
    """
    frame = {
        "audit_pages": tuple(AuditSection),
        "audit_section": section,
        "is_below": is_below,
        "entered": None if entered is None else str(entered),
    }
    return visit.show(f"audit/{template}", status, **frame, **words)

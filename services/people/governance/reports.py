"""An order of a report of what is held: who may order one, and answering it.

What it takes to ask, and making it, is in `services.interfaces.subject_access.ordering`.
"""

from dataclasses import dataclass

from schemas.identifiers import PractitionerId
from schemas.vocabulary import Role, Source
from services.people.governance.orders import (
    NotTheirs,
    Order,
    TwoHands,
    answer_by_two,
    anybody_else,
)

KIND = "subject-access"


@dataclass(frozen=True, slots=True)
class ReportOfficer:
    """Who orders or makes a report; a system account has no role and is no practitioner."""

    actor: str
    role: Role | None = None
    practitioner: PractitionerId | None = None
    agency: Source | None = None

    @property
    def may_report(self) -> bool:
        """Whether they are of those who make reports at all."""
        is_operator = self.actor.startswith("operator:")
        return is_operator or self.role is Role.INFORMATION_GOVERNANCE


def answer_report(
    order_id: str, *, by: ReportOfficer, confirms: bool, hands: TwoHands
) -> Order | NotTheirs:
    """Confirm what somebody else asked for, after which either of both makes it; or decline."""
    return answer_by_two(
        {KIND},
        order_id if by.may_report else "",
        by=by.actor,
        confirms=confirms,
        hands=hands,
        why_not=anybody_else,
        carry_out=may_be_made,
    )


def may_be_made(order: Order) -> Order:
    """Nothing else comes of one that is confirmed, until one of both makes it."""
    return order

"""What data stewards are asked about the lists of schools, and what they say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from consent.ports import Ledger
from schemas.vocabulary import Role
from services.intake.lists.closing import KIND
from services.people.governance.orders import (
    NotTheirs,
    Order,
    OrderStatus,
    answer_of_kind,
    refuse,
)
from services.people.governance.postgres import PostgresOrders


@dataclass(frozen=True, slots=True)
class Questions:
    """What questions are read and answered with, in one transaction."""

    orders: PostgresOrders
    ledger: Ledger
    at: datetime


def questions_for(role: Role | None, *, by: str, questions: Questions) -> Sequence[Order] | None:
    """Lists of which more than a fifth would go; None, which is entered, for no data steward.

    A system account has no role.
    """
    if role not in {None, Role.DATA_STEWARD}:
        refuse(None, NotTheirs.NOT_THERE, by=by, ledger=questions.ledger, at=questions.at)
        return None
    found = questions.orders.of_kinds(KIND)
    return [o for o in found if o.status is OrderStatus.ASKED and questions.at < o.lapses_at]


def answer_question(
    order: str, *, role: Role | None, by: str, agrees: bool, questions: Questions
) -> Order | NotTheirs:
    """Agree that they go, or not; the connectors carry it out. Entered, also where it is refused.

    Two stewards may agree and disagree about other lists; one of them answers each question, since
    a machine has asked it.
    """
    orders, ledger, at = questions.orders, questions.ledger, questions.at
    if role not in {None, Role.DATA_STEWARD}:
        return refuse(None, NotTheirs.NOT_THERE, by=by, ledger=ledger, at=at)
    return answer_of_kind(KIND, order, by=by, confirms=agrees, orders=orders, ledger=ledger, at=at)

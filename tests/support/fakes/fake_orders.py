"""OrderServices in memory for pages about other things: nothing waits for anybody."""

# ruff: noqa: ARG002 - every answer is the same

from collections.abc import Sequence

from services.people.practitioners.people import SignedInPractitioner
from services.portal.front.orders import OrderAnswer, OrderTold


class FakeOrders:
    """Every answer is that of a database in which nobody has asked for anything."""

    def waiting(self, who: SignedInPractitioner) -> Sequence[OrderTold]:
        return ()

    def one(self, who: SignedInPractitioner, order: str) -> OrderTold | None:
        return None

    def answer(self, who: SignedInPractitioner, order: str, answer: OrderAnswer) -> None:
        return None

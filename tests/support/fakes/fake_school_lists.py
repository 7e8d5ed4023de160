"""What data stewards are asked about school lists, in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from schemas.vocabulary import Role
from services.people.governance.orders import NotTheirs, Order, OrderStatus
from services.people.practitioners.people import SignedInPractitioner


@dataclass(slots=True)
class FakeSchoolLists:
    """Keeps services.portal.who_is_who.lists.ListServices; questions by their id."""

    questions: dict[str, Order] = field(default_factory=dict)
    titles: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def waiting(self, who: SignedInPractitioner) -> Sequence[Order] | None:
        if who.role is not Role.DATA_STEWARD:
            return None
        return [o for o in self.questions.values() if o.status is OrderStatus.ASKED]

    def answer(self, who: SignedInPractitioner, order: str, *, agrees: bool) -> Order | NotTheirs:
        question = self.questions.get(order)
        if who.role is not Role.DATA_STEWARD or question is None:
            return NotTheirs.NOT_THERE
        if question.status is not OrderStatus.ASKED:
            return NotTheirs.ANSWERED
        status = OrderStatus.CONFIRMED if agrees else OrderStatus.DECLINED
        self.questions[order] = replace(question, status=status, answered_by=who.actor)
        return self.questions[order]

    def titles_of(self, urn: str) -> Mapping[str, str] | None:
        return self.titles.get(urn)

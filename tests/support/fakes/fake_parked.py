"""ParkedServices in memory where nothing is parked: no page of another role opens by it."""

# ruff: noqa: ARG002 - every answer is the same

from collections.abc import Collection, Sequence

from schemas.vocabulary import Role
from services.intake.parked.answering import NotAnswered
from services.intake.parked.as_sent import NothingAsSent, WhyAsSent
from services.intake.parked.model import Because, ParkedAnswer, ParkedMessage, ParkedState
from services.people.practitioners.people import SignedInPractitioner


class FakeParked:
    """Every answer is that of a database in which nothing is parked."""

    def parked(
        self, who: SignedInPractitioner, states: Collection[ParkedState]
    ) -> Sequence[ParkedMessage] | NotAnswered:
        return () if who.role is Role.DATA_STEWARD else NotAnswered.NOT_A_DATA_STEWARD

    def show(self, who: SignedInPractitioner, parked: str) -> NotAnswered:
        is_steward = who.role is Role.DATA_STEWARD
        return NotAnswered.NOT_KNOWN if is_steward else NotAnswered.NOT_A_DATA_STEWARD

    def as_sent(self, who: SignedInPractitioner, parked: str, because: WhyAsSent) -> NothingAsSent:
        is_steward = who.role is Role.DATA_STEWARD
        return NothingAsSent.NOT_KNOWN if is_steward else NothingAsSent.NOT_A_DATA_STEWARD

    def answer(
        self,
        who: SignedInPractitioner,
        parked: str,
        answer: ParkedAnswer,
        because: Because | None = None,
    ) -> NotAnswered:
        return self.show(who, parked)

"""What the pages of parked messages ask, each call one transaction."""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from services.intake.parked.answering import AnswerParked, NotAnswered, answer_parked
from services.intake.parked.as_sent import NothingAsSent, ShownAsSent, WhyAsSent, show_as_sent
from services.intake.parked.model import Because, ParkedAnswer, ParkedMessage, ParkedState
from services.intake.parked.showing import ParkedOnlooker, ShownParked, list_parked, show_parked
from services.people.practitioners.people import SignedInPractitioner
from services.work import Outside, UnitOfWork, unit_of_work


class ParkedServices(Protocol):
    """Messages that could not be read, for data stewards; whoever is none gets NotAnswered."""

    def parked(
        self, who: SignedInPractitioner, states: Collection[ParkedState]
    ) -> Sequence[ParkedMessage] | NotAnswered:
        """Those that stand so, urgent ones first; the look is recorded."""

    def show(self, who: SignedInPractitioner, parked: str) -> ShownParked | NotAnswered:
        """One of them, with the dates that contradict each other; the look is recorded."""

    def as_sent(
        self, who: SignedInPractitioner, parked: str, because: WhyAsSent
    ) -> ShownAsSent | NothingAsSent:
        """What the source sent in the fields that the fault names; recorded, as is a refusal."""

    def answer(
        self,
        who: SignedInPractitioner,
        parked: str,
        answer: ParkedAnswer,
        because: Because | None = None,
    ) -> ParkedMessage | NotAnswered:
        """Do what the steward says, or wait for another; gives the message as it stands then."""


class ParkedOnDatabase:
    """ParkedServices on PostgreSQL."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def parked(
        self, who: SignedInPractitioner, states: Collection[ParkedState]
    ) -> Sequence[ParkedMessage] | NotAnswered:
        """Those that stand so."""
        with self._work() as work:
            return list_parked(_onlooker(who), states, showing=work.showing_parked())

    def show(self, who: SignedInPractitioner, parked: str) -> ShownParked | NotAnswered:
        """One of them."""
        with self._work() as work:
            return show_parked(parked, _onlooker(who), showing=work.showing_parked())

    def as_sent(
        self, who: SignedInPractitioner, parked: str, because: WhyAsSent
    ) -> ShownAsSent | NothingAsSent:
        """What was sent where the fault is."""
        with self._work() as work:
            return show_as_sent(parked, because, _onlooker(who), showing=work.showing_parked())

    def answer(
        self,
        who: SignedInPractitioner,
        parked: str,
        answer: ParkedAnswer,
        because: Because | None = None,
    ) -> ParkedMessage | NotAnswered:
        """Whoever may not see a message may say nothing of it either."""
        with self._work() as work:
            shown = show_parked(parked, _onlooker(who), showing=work.showing_parked())
            if isinstance(shown, NotAnswered):
                return shown
            command = AnswerParked(parked, answer, who.actor, because)
            return answer_parked(command, answering=work.answering_parked(by_one_hand=True))

    def _work(self) -> AbstractContextManager[UnitOfWork]:
        return unit_of_work(self._outside)


def _onlooker(who: SignedInPractitioner) -> ParkedOnlooker:
    return ParkedOnlooker(who.actor, who.role, who.id)

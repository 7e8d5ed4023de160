"""What the page of school lists asks, each call one transaction; and its words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from schemas.vocabulary import LabelledCode
from services.intake.lists.asking import answer_question, questions_for
from services.people.governance.orders import NotTheirs, Order
from services.people.practitioners.people import SignedInPractitioner
from services.portal.words.dates import day_in_words, uk_day_in_words
from services.work import Outside, unit_of_work


class ListServices(Protocol):
    """Each call is one transaction that holds its ledger entries; they are durable on return."""

    def waiting(self, who: SignedInPractitioner) -> Sequence[Order] | None:
        """Lists of which so many would go that nobody does; None for no data steward."""

    def answer(self, who: SignedInPractitioner, order: str, *, agrees: bool) -> Order | NotTheirs:
        """Agree that they go, or not; the connectors carry it out."""

    def titles_of(self, urn: str) -> Mapping[str, str] | None:
        """What the own titles of a school's lists mean, where somebody said so."""


class ListsOnDatabase:
    """ListServices on PostgreSQL."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def waiting(self, who: SignedInPractitioner) -> Sequence[Order] | None:
        """Lists of which so many would go that nobody does."""
        with unit_of_work(self._outside) as work:
            return questions_for(who.role, by=who.actor, questions=work.questions_of_lists())

    def answer(self, who: SignedInPractitioner, order: str, *, agrees: bool) -> Order | NotTheirs:
        """Agree that they go, or not."""
        with unit_of_work(self._outside) as work:
            questions = work.questions_of_lists()
            return answer_question(
                order, role=who.role, by=who.actor, agrees=agrees, questions=questions
            )

    def titles_of(self, urn: str) -> Mapping[str, str] | None:
        """What the own titles of a school's lists mean, where somebody said so."""
        with unit_of_work(self._outside) as work:
            said = work.schools.titles_of(urn)
        return None if said is None else said.titles.by_name


# In words.


class ListDone(LabelledCode):
    """What was just said of a list, in the words of the page that follows."""

    AGREED = "agreed", "Written down. They are shown as having left within minutes."
    DECLINED = "declined", "Written down. Nobody is taken off that list."
    ANSWERED = "answered", "Nothing was changed: it was answered already, or a newer list came."


@dataclass(frozen=True, slots=True)
class ListInWords:
    """One question: codes and counts, nobody's name."""

    order: str
    heading: str
    about: str
    until: str


def list_in_words(order: Order) -> ListInWords:
    """Write one question for a data steward."""
    told = order.document
    part = {"school": "the whole school"}.get(told["part"], told["part"].replace(":", " "))
    day = day_in_words(told["version"][: len("YYYY-MM-DD")])
    return ListInWords(
        order=order.id,
        heading=f"School {told['sender']}, {part}",
        about=f"{told['gone']} of {told['of']} pupils are not on the list of {day}.",
        until=f"The question lapses on {uk_day_in_words(order.lapses_at)}.",
    )

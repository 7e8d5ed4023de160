"""What families ask, in words: a sentence, the family by number, until when, who entered it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from schemas.identifiers import reference_of
from schemas.vocabulary import Source
from services.audit.looks import AuditedWorker, worker_of
from services.audit.reviews.asked_by_families import AskedByFamily, FamilyQuestionsAnswer
from services.audit.reviews.put_right import PutRight
from services.audit.reviews.questions import CameInBy, FamilyAnswer, FamilyAsks
from services.portal.audit.addresses import ONE_FAMILY_QUESTION
from services.portal.audit.words import FamilyLink, WorkerLine, family_links, worker_line
from services.portal.words.cards import Item, choices_of
from services.portal.words.dates import moment_in_words, uk_day_in_words


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """One question; `answer` is what the family was told, once they were."""

    href: str
    reference: str
    asks: str
    came_by: str
    families: tuple[FamilyLink, ...]
    entered_by: WorkerLine
    about: WorkerLine | None
    asked: str
    due: str
    is_overdue: bool
    answer: str | None


def question_lines(answer: FamilyQuestionsAnswer) -> tuple[QuestionLine, ...]:
    """What waits for an answer, in its order."""
    return tuple(question_line(one, answer.workers) for one in answer.found)


def question_line(one: AskedByFamily, workers: Mapping[str, AuditedWorker]) -> QuestionLine:
    """One question."""
    told = one.question
    return QuestionLine(
        href=ONE_FAMILY_QUESTION.format(item=one.item),
        reference=reference_of(told.id),
        asks=FamilyAsks(told.asks).label,
        came_by=CameInBy(told.came_by).label,
        families=family_links(() if told.person is None else (told.person,)),
        entered_by=worker_line(told.entered_by, workers),
        about=None if told.worker is None else worker_line(told.worker, workers),
        asked=moment_in_words(one.asked_at),
        due=uk_day_in_words(told.due_at),
        is_overdue=one.is_overdue,
        answer=None if told.answer is None else FamilyAnswer(told.answer).label,
    )


def answers_to_give(chosen: str) -> list[Item]:
    """What a family can have been told."""
    return choices_of(FamilyAnswer, (chosen,))


def said_lines(said: PutRight | None) -> Sequence[tuple[str, str]]:
    """What somebody wrote to governance on their own page; nothing where nothing was."""
    if said is None:
        return ()
    told_by = ", ".join(Source(one).label for one in said.told_by) or "Nobody but this service"
    found = [("What is wrong", said.fact.label), ("Who told it", told_by)]
    if said.decision is not None:
        found.append(("Decision", reference_of(said.decision)))
    return (*found, ("In their words", said.words))


FILE_COLUMNS = (
    *("question", "asks", "came_by", "family", "about_worker", "entered_by", "asked_at"),
    *("due", "overdue"),
)


def question_rows(answer: FamilyQuestionsAnswer) -> Iterable[Sequence[object]]:
    """The same as rows of a file."""
    for one in answer.found:
        told = one.question
        yield (
            *(told.id, told.asks, told.came_by, told.person, told.worker),
            *(worker_of(told.entered_by, answer.workers).name, one.asked_at.isoformat()),
            *(told.due_at.isoformat(), "yes" if one.is_overdue else "no"),
        )

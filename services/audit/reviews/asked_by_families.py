"""What families ask, as auditors list it: by due day, each with who entered it; entered first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from services.audit.asked import AuditAsked, AuditQuestion, NotForThem
from services.audit.looks import AuditedWorker
from services.audit.postgres_answers import PAGE, Auditing
from services.audit.reviews.postgres import (
    DuePlace,
    FamilyQuestion,
    PostgresFamilyQuestions,
    PostgresReviews,
)
from services.audit.reviews.put_right import PutRight, words_of_question
from services.people.governance.queue import ItemKind

_FIRST = DuePlace(datetime.min.replace(tzinfo=UTC), "")


@dataclass(frozen=True, slots=True)
class AskedByFamily:
    """One question with the item of the queue that it waits in."""

    item: str
    question: FamilyQuestion
    asked_at: datetime
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class FamilyQuestionsAnswer:
    """What waits for an answer, the soonest due first; `next` is where what is due later begins."""

    entered: UUID
    found: tuple[AskedByFamily, ...]
    workers: Mapping[str, AuditedWorker]
    next: DuePlace | None


@dataclass(frozen=True, slots=True)
class FamilyQuestionAnswer:
    """One question, answered or not; `said` is what was written to governance with it."""

    entered: UUID
    asked: AskedByFamily
    workers: Mapping[str, AuditedWorker]
    said: PutRight | None = None


def family_questions(
    auditing: Auditing, *, after: DuePlace = _FIRST, most: int = PAGE
) -> FamilyQuestionsAnswer | NotForThem:
    """A page of what waits for an answer."""
    entered = auditing.enter(AuditAsked(AuditQuestion.FAMILY_QUESTIONS))
    if isinstance(entered, NotForThem):
        return entered
    work = auditing.work
    kinds = (ItemKind.FAMILY_QUESTION,)
    items = PostgresReviews(work.connection).waiting(kinds, after=after, most=most + 1)
    shown = items[:most]
    told = PostgresFamilyQuestions(work.connection).all_of([item.about for item in shown])
    found = tuple(
        AskedByFamily(item.id, told[item.about], item.raised_at, item.due_at < work.now)
        for item in shown
        if item.about in told
    )
    last = DuePlace(shown[-1].due_at, shown[-1].id) if len(items) > most else None
    return FamilyQuestionsAnswer(entered, found, _workers(found, auditing), last)


def family_question_shown(
    item_id: str, auditing: Auditing
) -> FamilyQuestionAnswer | NotForThem | None:
    """One question; None where no item of this id is one. Entered either way."""
    work = auditing.work
    item = PostgresReviews(work.connection).item(item_id)
    question = None
    if item is not None and item.kind == ItemKind.FAMILY_QUESTION:
        question = PostgresFamilyQuestions(work.connection).find(item.about)
    persons = () if question is None or question.person is None else (question.person,)
    named = () if question is None else (question.id,)
    entered = auditing.enter(AuditAsked(AuditQuestion.FAMILY_QUESTIONS, persons, named))
    if isinstance(entered, NotForThem) or question is None or item is None:
        return entered if isinstance(entered, NotForThem) else None
    is_overdue = question.answer is None and item.due_at < work.now
    asked = AskedByFamily(item_id, question, item.raised_at, is_overdue)
    said = words_of_question(question, work=work)
    return FamilyQuestionAnswer(entered, asked, _workers((asked,), auditing), said)


def _workers(found: tuple[AskedByFamily, ...], auditing: Auditing) -> Mapping[str, AuditedWorker]:
    actors = {one.question.entered_by: one.asked_at for one in found}
    actors |= {one.question.worker: one.asked_at for one in found if one.question.worker}
    return auditing.workers_at(actors)

"""Reviews in words: what waits and until when, how one stands, whom a breach affects."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from schemas.identifiers import reference_of
from services.audit.looks import Access, AuditedWorker, worker_of
from services.audit.outcomes import Step
from services.audit.reviews.affected import AffectedAnswer
from services.audit.reviews.queue import QueueAnswer, QueueRow
from services.audit.reviews.waiting import ReviewAnswer, ReviewRow
from services.people.governance.queue import ItemKind
from services.portal.audit.addresses import EXPLAIN, ONE_FAMILY_QUESTION, ONE_HIT, ONE_REVIEW
from services.portal.audit.decisions.words import event_in_words
from services.portal.audit.reviews.words_unusual import ActLine, StateLine
from services.portal.audit.words import (
    FamilyLink,
    WorkerLine,
    answer_tag,
    family_links,
    worker_line,
)
from services.portal.words.cards import Tag
from services.portal.words.dates import moment_in_words, uk_day_in_words

_COLOURS = {Step.NEW: "blue", Step.SECOND_WANTED: "red", Step.CLOSED: "grey"}
_ABOUT = {
    ItemKind.EMERGENCY: "A worker opened a family in an emergency. Was there a serious threat, and "
    "no time to ask?",
    ItemKind.UNCONFIRMED_PRESENCE: "A worker said that the family was with them, and nobody "
    "confirmed it.",
    ItemKind.ONE_PERSONS_WORD: "A decision permits, and one person alone says that it was made.",
    ItemKind.UNCONFIRMED_NARROWING: "A refusal was written down that nobody has asked about yet.",
    ItemKind.CAPACITY_DOUBT: "Somebody doubts whether whoever decided could.",
    ItemKind.DUTY_OVER_REFUSAL: "A duty shares what a family has refused.",
    ItemKind.HELD_BACK: "In the month before this was raised they looked to keep somebody safe, or "
    "no decision let them. The family is told of it once this has ended, whatever is found: keep "
    "it open while telling them would put somebody in danger.",
    ItemKind.HELD_TOO_LONG: "The family is still not told of looks that nobody has reviewed. End "
    "their review, or say why it has to go on.",
    ItemKind.NAME_USED: "A partner used a worker’s name, and they say that it was not them.",
}


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One thing that waits."""

    href: str
    reference: str
    what: str
    worker: WorkerLine | None
    families: tuple[FamilyLink, ...]
    raised: str
    due: str
    is_overdue: bool
    step: Tag


def queue_lines(answer: QueueAnswer) -> tuple[QueueLine, ...]:
    """What waits, in its order."""
    return tuple(_line(row, answer.workers) for row in answer.rows)


def _line(row: QueueRow, workers: Mapping[str, AuditedWorker]) -> QueueLine:
    return QueueLine(
        href=_address(row),
        reference=reference_of(row.id),
        what=f"Unusual: {row.kind.label.lower()}" if row.is_hit else row.kind.label,
        worker=None if row.worker is None else worker_line(row.worker, workers),
        families=family_links(row.persons),
        raised=moment_in_words(row.raised_at),
        due=uk_day_in_words(row.due_at),
        is_overdue=row.is_overdue,
        step=step_tag(row.step),
    )


def _address(row: QueueRow) -> str:
    if row.is_hit:
        return ONE_HIT.format(hit=row.id)
    if row.kind is ItemKind.FAMILY_QUESTION:
        return ONE_FAMILY_QUESTION.format(item=row.id)
    return ONE_REVIEW.format(review=row.id)


def step_tag(step: Step) -> Tag:
    """How far a review is."""
    text = {
        Step.NEW: "New",
        Step.LOOKING: "Looking",
        Step.ASKED_WORKER: "Worker asked",
        Step.ASKED_MANAGER: "Manager asked",
        Step.SECOND_WANTED: "Second reviewer",
        Step.CLOSED: "Closed",
    }
    return Tag(text[step], _COLOURS.get(step, "yellow"))


QUEUE_COLUMNS = (
    *("review", "kind", "found_by_rule", "worker", "worker_id", "agency", "families"),
    *("raised_at", "due", "overdue", "step"),
)


def queue_rows(answer: QueueAnswer) -> Iterable[Sequence[object]]:
    """The same as rows of a file."""
    for row in answer.rows:
        worker = None if row.worker is None else worker_of(row.worker, answer.workers)
        yield (
            *(row.id, row.kind, "yes" if row.is_hit else "no"),
            *(worker and worker.name, row.worker, worker and worker.agency_code),
            *(" ".join(row.persons), row.raised_at.isoformat(), row.due_at.isoformat()),
            *("yes" if row.is_overdue else "no", row.step),
        )


# One review.


def about_review(row: ReviewRow) -> str:
    """What is asked of a reviewer."""
    return _ABOUT.get(ItemKind(row.item.kind), "Look at what happened, and say what you find.")


def review_in_a_sentence(row: ReviewRow, workers: Mapping[str, AuditedWorker]) -> str:
    """Whose act it was, when, about whom."""
    who = row.item.raised_by if row.worker is None else worker_of(row.worker, workers).name
    persons = ", ".join(reference_of(one) for one in row.item.persons)
    family = f", about family {persons}" if persons else ""
    return f"{who}, {moment_in_words(row.item.raised_at)}{family}. {about_review(row)}"


def review_states(answer: ReviewAnswer) -> tuple[StateLine, ...]:
    """What was said so far."""
    return tuple(
        StateLine(
            moment_in_words(one.at),
            worker_line(one.said_by, answer.workers),
            one.standing.step.label
            if one.standing.outcome is None
            else f"{one.standing.step.label}. {one.standing.outcome.label}",
            "" if one.standing.because is None else one.standing.because.label,
        )
        for one in answer.states
    )


def work_lines(
    accesses: Iterable[Access], workers: Mapping[str, AuditedWorker]
) -> tuple[ActLine, ...]:
    """What the same worker did with the family afterwards."""
    return tuple(
        ActLine(
            moment_in_words(one.at),
            worker_line(one.actor, workers),
            event_in_words(one.event),
            answer_tag(one.answered),
            family_links(one.persons),
            f"{EXPLAIN}/{one.entry}",
        )
        for one in accesses
    )


# Whom a breach affects.


@dataclass(frozen=True, slots=True)
class AffectedLine:
    """One family, by number."""

    family: FamilyLink
    looks: int
    first: str
    last: str
    why: str


AFFECTED_COLUMNS = ("family", "looks", "first", "last", "review")


def affected_lines(answer: AffectedAnswer) -> tuple[AffectedLine, ...]:
    """The families, by number."""
    return tuple(
        AffectedLine(
            family_links((one.person,))[0],
            one.looks,
            moment_in_words(one.first),
            moment_in_words(one.last),
            "This review is about it" if one.is_of_review else "No reason found",
        )
        for one in answer.families
    )


def affected_rows(answer: AffectedAnswer) -> Iterable[Sequence[object]]:
    """The same as rows of a file."""
    for one in answer.families:
        of_review = answer.breach.review if one.is_of_review else None
        yield one.person, one.looks, one.first.isoformat(), one.last.isoformat(), of_review

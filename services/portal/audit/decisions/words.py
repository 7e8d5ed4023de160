"""Decisions in words, for auditors: codes, times and names of staff; of a family its number."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from consent.ledger.events import LedgerEvent
from consent.model import Response, SharingDecision, TakenBack
from schemas.identifiers import reference_of
from services.audit.decisions.marks import DecisionMark
from services.audit.decisions.postgres_lives import DecisionLife, LetThrough, LifeEvent
from services.audit.decisions.postgres_marks import DecisionsAnswer, MarkedDecision
from services.audit.looks import AuditedWorker
from services.portal.audit.addresses import EXPLAIN, ONE_DECISION, ONE_PROOF
from services.portal.audit.words import FamilyLink, WorkerLine, family_links, worker_line
from services.portal.words.cards import Tag
from services.portal.words.codes import recipient_in_words, state_tag
from services.portal.words.dates import moment_in_words, uk_day_in_words

_SHORT = {
    DecisionMark.NO_NOTICE: "No notice",
    DecisionMark.ENDS: "Ends",
    DecisionMark.DISPUTED: "Disputed",
    DecisionMark.PROPOSED: "Proposed",
    DecisionMark.ONE_PERSONS_WORD: "One person’s word",
    DecisionMark.DUTY_EXISTS: "A duty exists",
    DecisionMark.YOUNG_PERSON: "Young person",
    DecisionMark.WITHDRAWN: "Withdrawn",
}
_ABOUT = {
    DecisionMark.NO_NOTICE: "Each rests on consent, and no row says which notice the family was "
    "shown. It is not put in afterwards: ask who recorded it to ask the family again.",
    DecisionMark.ENDS: "Each ends soon by itself. Whoever works with them asks again in time.",
    DecisionMark.DISPUTED: "Somebody else with responsibility said otherwise, for a purpose that "
    "is permitted. The no wins until they agree.",
    DecisionMark.PROPOSED: "Nobody but who recorded it has said so yet. Until it is confirmed it "
    "permits nothing; on its day it lapses.",
    DecisionMark.ONE_PERSONS_WORD: "Each permits, and nobody has confirmed it.",
    DecisionMark.DUTY_EXISTS: "Each asks for consent to what a duty shares already: to ask for "
    "leave that cannot be refused misleads a family.",
    DecisionMark.YOUNG_PERSON: "A young person decided. See how it was judged that they could.",
    DecisionMark.WITHDRAWN: "Each was taken back. Its page says what was refused since.",
}
_NOT_RECORDED = "Not recorded"
_ANSWERS = {
    Response.GIVEN: "Yes",
    Response.REFUSED: "No",
    Response.OBJECTED: "Objected",
    Response.NOT_ASKED: "Not asked",
    Response.DETRIMENTAL: "No: detrimental",
}


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """One decision of a list."""

    href: str
    reference: str
    families: tuple[FamilyLink, ...]
    answer: str
    state: Tag
    taken_back: str
    recorded: str
    by: WorkerLine | None
    basis: str
    ends: str
    marks: tuple[str, ...]
    holds: bool


def about_mark(mark: DecisionMark) -> str:
    """What it means that decisions have this mark, in a sentence or two."""
    return _ABOUT[mark]


def decision_lines(answer: DecisionsAnswer) -> tuple[DecisionLine, ...]:
    """The decisions of a list, in its order."""
    return tuple(_line(one, answer.workers) for one in answer.found)


def _line(one: MarkedDecision, workers: Mapping[str, AuditedWorker]) -> DecisionLine:
    told = one.decision
    by = told.circumstances.recorded_by
    return DecisionLine(
        href=ONE_DECISION.format(decision=told.id),
        reference=reference_of(told.id),
        families=family_links(sorted(told.subjects)),
        answer=answer_in_words(told),
        state=state_tag(one.state),
        taken_back=", ".join(value for _, value in _taken_back(told) if value),
        recorded=uk_day_in_words(told.known_at),
        by=None if by is None else worker_line(by, workers),
        basis=told.basis.label,
        ends="No end" if told.until is None else uk_day_in_words(told.until),
        marks=tuple(_SHORT[mark] for mark in one.marks),
        holds=one.holds,
    )


def answer_in_words(told: SharingDecision) -> str:
    """Yes or no, and to how many categories."""
    number = len(told.categories)
    return f"{_ANSWERS[told.response]}, {number} {'category' if number == 1 else 'categories'}"


FILE_COLUMNS = (
    *("decision", "families", "response", "basis", "categories", "purposes", "recipients"),
    *("state", "decided_by", "recorded_at", "recorded_by", "agency", "confirmed_at"),
    *("notice_version", "until", "version", "marks", "seal_holds"),
    *("channel", "withdrawn_at", "taken_back_by", "taken_back_channel", "taken_back_because"),
)


def decision_rows(answer: DecisionsAnswer) -> Iterable[Sequence[object]]:
    """The same decisions as rows of a file."""
    for one in answer.found:
        told, how = one.decision, one.decision.circumstances
        worker = None if how.recorded_by is None else answer.workers.get(how.recorded_by)
        yield (
            *(told.id, " ".join(sorted(told.subjects)), told.response, told.basis),
            *(_joined(told.categories), _joined(told.purposes), _joined(told.recipients)),
            *(one.state, told.decided_by.kind, told.known_at.isoformat()),
            *(how.recorded_by if worker is None else worker.name, worker and worker.agency_code),
            *(_iso(told.confirmed_at), how.notice_version, _iso(told.until), told.version),
            *(_joined(one.marks), "yes" if one.holds else "no"),
            *(how.channel, _iso(told.withdrawn_at), *_back_codes(told.taken_back)),
        )


def _back_codes(told: TakenBack | None) -> Sequence[str | None]:
    """Who took it back, how and why, as codes; nothing of one that nobody has asked about."""
    return (None, None, None) if told is None else (told.by.kind, told.channel, told.because)


def _joined(codes: Iterable[str]) -> str:
    return " ".join(sorted(codes))


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


# One decision.


@dataclass(frozen=True, slots=True)
class EventLine:
    """One thing that became of it, with the entry that says so and its place for a proof."""

    when: str
    what: str
    by: WorkerLine
    href: str
    place: int | None
    proof: str


@dataclass(frozen=True, slots=True)
class ThroughLine:
    """What one agency saw that rests on it, and what was refused to it since."""

    agency: str
    looks: int
    workers: int
    last: str
    refused: int


def life_in_a_sentence(life: DecisionLife) -> str:
    """What it was, and what became of it."""
    told = life.decision
    who = told.decided_by.kind.label
    when = uk_day_in_words(told.decided_at)
    parts = [f"{who}: {answer_in_words(told).lower()}, on {when}. {life.state.label}."]
    if life.ended_at is not None:
        parts.append(f"Over since {moment_in_words(life.ended_at)}.")
        parts.append(_after_the_end(life, life.ended_at))
    if life.purged_at is not None:
        parts.append(f"Copies were purged {moment_in_words(life.purged_at)}.")
    return " ".join(part for part in parts if part)


def _after_the_end(life: DecisionLife, ended_at: datetime) -> str:
    if life.first_refused_at is None:
        return "Nobody has tried since, of whom there is an entry."
    return f"The next look was refused {_lasted(life.first_refused_at - ended_at)} later."


def _lasted(time: timedelta) -> str:
    seconds = time.total_seconds()
    if seconds < 120:  # noqa: PLR2004 two minutes are minutes
        return f"{seconds:.2f} seconds"
    if time < timedelta(hours=2):
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.0f} hours" if time < timedelta(days=2) else f"{time.days} days"


def event_lines(life: DecisionLife) -> tuple[EventLine, ...]:
    """What happened to it, the first first."""
    return tuple(_event(one, life) for one in life.events)


def _event(one: LifeEvent, life: DecisionLife) -> EventLine:
    return EventLine(
        moment_in_words(one.at),
        event_in_words(one.event),
        worker_line(one.actor, life.workers),
        f"{EXPLAIN}/{one.entry}",
        one.place,
        ONE_PROOF.format(entry=one.entry),
    )


def event_in_words(event: LedgerEvent) -> str:
    """An event's code as words."""
    return event.value.replace(":", " ").replace("-", " ").replace("_", " ").capitalize()


def through_lines(life: DecisionLife) -> tuple[ThroughLine, ...]:
    """What it let through, by agency."""
    return tuple(map(_through, life.let_through))


def _through(one: LetThrough) -> ThroughLine:
    last = "None" if one.last is None else uk_day_in_words(one.last)
    return ThroughLine(one.agency, one.looks, one.workers, last, one.refused_since)


def recorded_rows(life: DecisionLife) -> tuple[tuple[str, str], ...]:
    """The decision as it is recorded: each label with its value."""
    told, how = life.decision, life.decision.circumstances
    rows = (
        ("Decided by", told.decided_by.kind.label),
        ("Answer", told.response.label),
        ("Categories", _labels(told.categories)),
        ("Purposes", _labels(told.purposes)),
        ("For", ", ".join(map(recipient_in_words, sorted(told.recipients))) or "Everybody related"),
        ("Sources", _labels(told.sources) or "All"),
        ("Basis", told.basis.label),
        ("Article 9", "" if told.article_9 is None else told.article_9.label),
        ("Gateways", _labels(told.gateways)),
        ("Notice", how.notice_version or "None on record"),
        ("How", "" if how.channel is None else how.channel.label),
        ("Confirmed", "" if told.confirmed_at is None else moment_in_words(told.confirmed_at)),
        ("Until", "No end" if told.until is None else uk_day_in_words(told.until)),
        ("Withdrawn", "" if told.withdrawn_at is None else moment_in_words(told.withdrawn_at)),
        *_taken_back(told),
    )
    return tuple((label, value) for label, value in rows if value)


def _taken_back(told: SharingDecision) -> Sequence[tuple[str, str]]:
    """In what capacity it was taken back, how it was said, and why; of old ones it is missing."""
    if told.withdrawn_at is None:
        return ()
    back = told.taken_back
    if back is None:
        return (("Taken back by", _NOT_RECORDED),)
    return (
        ("Taken back by", back.by.kind.label),
        ("How it was said", _NOT_RECORDED if back.channel is None else back.channel.label),
        ("Why", "" if back.because is None else back.because.label),
    )


def _labels(codes: Iterable[object]) -> str:
    return ", ".join(sorted(str(getattr(code, "label", code)) for code in codes))


def version_lines(life: DecisionLife) -> tuple[tuple[int, str, Tag, bool], ...]:
    """Its states as they were written, each with whether its seal holds."""
    return tuple(
        (one.version, moment_in_words(one.recorded_at), state_tag(one.state), one.holds)
        for one in life.versions
    )

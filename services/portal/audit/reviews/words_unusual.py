"""Hits in words: the rule's sentence, who looked at which family, what may explain it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from consent.model import RelationshipGround
from schemas.identifiers import reference_of
from services.audit.looks import Access, AuditedWorker, worker_of
from services.audit.reviews.hits_asked import BesideHit, HitAnswer, HitsAnswer, actor_of
from services.audit.reviews.postgres_same_access import SameAccess
from services.audit.unusual.hits import DISMISSED, OUTCOMES, Hit, HitStanding, HitState, RuleFigures
from services.audit.unusual.judging import SENTENCES
from services.audit.unusual.model import ExplainedBy
from services.portal.audit.addresses import EXPLAIN, ONE_HIT, ONE_REVIEW
from services.portal.audit.decisions.words import event_in_words
from services.portal.audit.words import (
    FamilyLink,
    WorkerLine,
    answer_tag,
    family_links,
    worker_line,
)
from services.portal.words.cards import Tag
from services.portal.words.dates import moment_in_words, uk_day_in_words

_SHORT = {
    HitStanding.NEW: "New",
    HitStanding.LOOKING: "Looking",
    HitStanding.ASKED_WORKER: "Worker asked",
    HitStanding.ASKED_MANAGER: "Manager asked",
    HitStanding.SECOND_WANTED: "Second reviewer",
    HitStanding.TRAINING: "Training",
}
_COLOURS = {HitStanding.NEW: "blue", HitStanding.BREACH: "red", HitStanding.TRAINING: "yellow"}


@dataclass(frozen=True, slots=True)
class HitLine:
    """One hit of a list."""

    href: str
    reference: str
    rule: str
    worker: WorkerLine | None
    families: tuple[FamilyLink, ...]
    at: str
    due: str
    standing: Tag


@dataclass(frozen=True, slots=True)
class RuleFiguresLine:
    """How well one rule does."""

    code: str
    label: str
    fires: str
    explained_sentence: str
    fired: int
    explained: str
    left: int
    precision: str
    version: str


def hit_lines(answer: HitsAnswer) -> tuple[HitLine, ...]:
    """The hits of a list, in its order."""
    return tuple(_line(hit, answer.workers) for hit in answer.found)


def _line(hit: Hit, workers: Mapping[str, AuditedWorker]) -> HitLine:
    actor = actor_of(hit)
    return HitLine(
        href=ONE_HIT.format(hit=hit.id),
        reference=reference_of(hit.id),
        rule=hit.rule.label,
        worker=None if actor is None else worker_line(actor, workers),
        families=family_links(() if hit.person is None else (hit.person,)),
        at=moment_in_words(hit.at),
        due=uk_day_in_words(hit.due_at),
        standing=standing_tag(hit.standing),
    )


def standing_tag(standing: HitStanding) -> Tag:
    """Where a hit stands, in a few words."""
    return Tag(
        _SHORT.get(standing, standing.label.partition(":")[0]), _COLOURS.get(standing, "grey")
    )


@dataclass(frozen=True, slots=True)
class OtherLine:
    """The other review of the same access, where it is, and how far it has come."""

    href: str
    text: str
    standing: Tag
    is_open: bool


def other_lines(others: Iterable[SameAccess]) -> tuple[OtherLine, ...]:
    """Where else the same access is reviewed."""
    return tuple(
        OtherLine(
            (ONE_HIT.format(hit=one.id) if one.is_hit else ONE_REVIEW.format(review=one.id)),
            f"{'Hit' if one.is_hit else 'Review'} {reference_of(one.id)}",
            standing_tag(one.standing),
            one.is_open,
        )
        for one in others
    )


def rule_lines(figures: Iterable[RuleFigures]) -> tuple[RuleFiguresLine, ...]:
    """Every rule, with what it found in the period."""
    return tuple(map(_rule, figures))


def _rule(one: RuleFigures) -> RuleFiguresLine:
    explained = [f"{ExplainedBy(code).label}: {n}" for code, n in sorted(one.explained.items())]
    share = "" if one.precision is None else f", {one.precision:.0%}"
    return RuleFiguresLine(
        one.rule.value,
        one.rule.label,
        one.fires,
        one.explained_sentence,
        one.fired,
        "; ".join(explained) or "None",
        one.left,
        f"{one.not_right} of {one.reviewed}{share}" if one.reviewed else "None reviewed yet",
        one.version or "–",
    )


def in_a_sentence(figures: Sequence[RuleFigures]) -> str:
    """All rules together."""
    fired, left = sum(one.fired for one in figures), sum(one.left for one in figures)
    reviewed = sum(one.reviewed for one in figures)
    not_right = sum(one.not_right for one in figures)
    waiting = sum(one.waiting for one in figures)
    return (
        f"A rule says only that a look is worth asking about. Of {fired} hits, {fired - left} "
        f"explained themselves. {reviewed} were reviewed, and {not_right} of these were not right. "
        f"{waiting} wait."
    )


FILE_COLUMNS = (
    *("hit", "rule", "rule_version", "worker", "worker_id", "agency", "family", "at", "acts"),
    *("raised_at", "due", "state"),
)


def hit_rows(answer: HitsAnswer) -> Iterable[Sequence[object]]:
    """The same hits as rows of a file."""
    for hit in answer.found:
        actor = actor_of(hit)
        worker = None if actor is None else worker_of(actor, answer.workers)
        yield (
            *(hit.id, hit.rule, hit.version, worker and worker.name, hit.practitioner),
            *(worker and worker.agency_code, hit.person, hit.at.isoformat(), hit.acts),
            *(hit.raised_at.isoformat(), hit.due_at.isoformat(), hit.standing),
        )


# One hit.


@dataclass(frozen=True, slots=True)
class ActLine:
    """One entry of what the rule saw."""

    when: str
    who: WorkerLine
    what: str
    answer: Tag
    families: tuple[FamilyLink, ...]
    href: str


@dataclass(frozen=True, slots=True)
class StateLine:
    """One thing that was said of a review."""

    when: str
    who: WorkerLine
    said: str
    because: str


def hit_in_a_sentence(answer: HitAnswer) -> str:
    """Who looked at which family when, and why the rule asks."""
    hit = answer.hit
    actor = actor_of(hit)
    who = "Several workers" if actor is None else worker_of(actor, answer.workers).name
    family = "" if hit.person is None else f", about family {reference_of(hit.person)}"
    return f"{who}, {moment_in_words(hit.at)}{family}. {SENTENCES[hit.rule].reason}"


def act_lines(accesses: Iterable[Access], answer: HitAnswer) -> tuple[ActLine, ...]:
    """What was done, in the order given."""
    return tuple(
        ActLine(
            moment_in_words(one.at),
            worker_line(one.actor, answer.workers),
            event_in_words(one.event),
            answer_tag(one.answered),
            family_links(one.persons),
            f"{EXPLAIN}/{one.entry}",
        )
        for one in accesses
    )


def checked(beside: BesideHit | None) -> tuple[tuple[str, str], ...]:
    """What may explain it: each with what was found."""
    if beside is None:
        return ()
    grounds = ", ".join(sorted(map(_ground, beside.grounds))) or "Nothing"
    if beside.work:
        after = f"Yes: {len(beside.work)}"
    else:
        after = "No" if beside.is_over else "None so far. The time is not over"
    return (
        ("Case-load with the family before the look", "Yes" if beside.has_case_load else "No"),
        ("What they had with the family then", grounds),
        ("Contact, plan or referral by them afterwards", after),
        ("Records that their kind of agency sent afterwards", str(beside.records or "None")),
        ("An emergency about the family that day or the day before", _times(beside)),
        ("Rota and leave", "Compared when the rule was asked. The list of staff is not shown here"),
    )


def _times(beside: BesideHit) -> str:
    return f"Yes: {len(beside.emergencies)}" if beside.emergencies else "No"


def _ground(ground: RelationshipGround) -> str:
    return str(getattr(ground, "label", ground.value))


def state_lines(answer: HitAnswer) -> tuple[StateLine, ...]:
    """What was said so far; why, for whoever may review it."""
    return tuple(_state(one, answer) for one in answer.states)


def _state(one: HitState, answer: HitAnswer) -> StateLine:
    because = answer.because.get(one.number)
    return StateLine(
        moment_in_words(one.said_at),
        worker_line(one.said_by, answer.workers),
        one.standing.label,
        "" if because is None else because.label,
    )


def quiet_in_words(answer: HitAnswer) -> str | None:
    """That rule, worker and family are quiet for a time; None where they are not."""
    if answer.hit.standing not in DISMISSED:
        return None
    return (
        f"The rule is quiet about this worker and family for {answer.quiet_days} days from then, "
        "unless it is one that always asks."
    )


def is_over(hit: Hit) -> bool:
    """Whether its review has ended."""
    return hit.standing in OUTCOMES

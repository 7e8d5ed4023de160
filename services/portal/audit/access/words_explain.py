"""One access explained: the sentence, what was on record then, and the answer by category."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from consent.lawfulness import Basis
from schemas.identifiers import reference_of
from schemas.vocabulary import Category, Role, Source
from services.audit.explain.explaining import (
    CATEGORIES_IN_SHORT,
    DECIDERS_IN_WORDS,
    GROUNDS_IN_WORDS,
    WARRANTS_IN_WORDS,
    DecisionThen,
    Explanation,
    PartThen,
    RelationshipThen,
    Retold,
)
from services.audit.looks import Answered
from services.people.relationships.model import WarrantKind
from services.portal.audit.access.words_access import (
    DecisionLink,
    capital,
    categories_in_words,
    decision_links,
    reason_in_words,
    what_in_words,
)
from services.portal.audit.words import WorkerLine, answer_tag, worker_line
from services.portal.words.cards import Tag
from services.portal.words.dates import day_in_words, moment_in_words, uk_day_in_words

_RULES: Mapping[str, str] = {
    "0": "A role that opens no family records is refused",
    "1": "What is unknown or cannot be read is refused, and what no agreement in force covers",
    "2": "A restriction opens for those on its list alone",
    "2a": "Whom the family has named is refused",
    "3": "Without a relationship with the family it is refused",
    "4": "A recorded duty, or an emergency, opens what it names, over a refusal",
    "5": "A refusal, a withdrawal or an objection in force refuses",
    "5a": "What the family keeps to some is refused to all others",
    "6": "A competent young person’s own decision stands in place of their parents’",
    "7": "A permit in force that covers it allows it",
    "8": "A record about several people needs a permit for each of them",
    "9": "Anything else is refused",
}
KEPT, NOT_KEPT = Tag("Held", "green"), Tag("Not held", "grey")
_HISTORIES: Mapping[str, str] = {
    "decisions": "Decisions of the family",
    "relationships": "Relationships, and what stood for them",
    "memberships": "Who worked where, and as what",
    "agreements": "Agreements in force",
    "restrictions": "Restrictions",
    "exclusions": "Whom families had named",
    "leads": "Safeguarding leads",
    "covers": "Who stood in for whom",
    "joins": "Who was one with whom",
    "rules": "The rules of that time",
}


@dataclass(frozen=True, slots=True)
class RecordedThen:
    """Something that was on record then; `decision` leads to its life."""

    label: str
    texts: tuple[str, ...]
    decision: DecisionLink | None = None


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """The answer about one category of one or more services that answer alike."""

    category: str
    held_by: str
    answer: Tag
    why: tuple[str, ...]
    decisions: tuple[DecisionLink, ...]


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule, in the order in which they are asked, and the categories that it decided."""

    number: str
    says: str
    decided: str


@dataclass(frozen=True, slots=True)
class KnownLine:
    """One history, and whether it is held of that time."""

    label: str
    held: Tag


@dataclass(frozen=True, slots=True)
class ExplanationInWords:
    """The whole page. `replayed` is what deciding once more came to; `today` what differs."""

    at: str
    entry: str
    what: str
    answer: Tag
    worker: WorkerLine
    sentence: str
    replayed: str
    is_same: bool
    is_untold: bool
    is_access: bool
    today: str | None
    on_record: tuple[RecordedThen, ...]
    answers: tuple[AnswerLine, ...]
    known: tuple[KnownLine, ...]
    rules: tuple[RuleLine, ...]


def explanation_in_words(told: Explanation) -> ExplanationInWords:
    """Say what let an access through, or why not."""
    access = told.access
    return ExplanationInWords(
        moment_in_words(access.at),
        str(access.entry),
        what_in_words(access.event),
        answer_tag(access.answered),
        worker_line(told.worker.actor, {told.worker.actor: told.worker}),
        told.sentence,
        told.told.label,
        told.told is Retold.SAME,
        told.told is Retold.CANNOT,
        told.told is not Retold.NO_ACCESS,
        _today(told),
        tuple(_on_record(told)),
        answer_lines(told.parts),
        _known(told) if told.told is Retold.CANNOT else (),
        rule_lines(told.parts),
    )


def _today(told: Explanation) -> str | None:
    """What the same question would be allowed today, where that is something else."""
    if told.today is None:
        return None
    then, now = {p.category for p in told.parts if p.is_permitted}, set(told.today)
    if not now:
        return "Asked today, it is refused." if then else None
    gone, more = categories_in_words(then - now), categories_in_words(now - then)
    said = ["no longer allowed: " + gone] if gone else []
    said += ["also allowed: " + more] if more else []
    return f"Asked today, {'; '.join(said)}." if said else None


def _on_record(told: Explanation) -> Iterator[RecordedThen]:
    for decision in told.decisions:
        yield RecordedThen("Decision", tuple(_decided(decision)), decision_links([decision.id])[0])
    for held in told.relationships:
        yield RecordedThen("Relationship", (_related(held),))
        warrant = f"{WARRANTS_IN_WORDS[WarrantKind(held.warrant)]}."
        yield RecordedThen("Its warrant", (capital(warrant), f"Asked for by {_hand(held.by)}."))
    if told.role is not None:
        role = f"{Role(told.role.role).label} in {told.worker.agency or told.role.agency}, since"
        hands = f"Asked by {_hand(told.role.asked_by)}, by {_hand(told.role.warranted_by)} beside."
        yield RecordedThen("Role", (f"{role} {uk_day_in_words(told.role.since)}.", hands))
    if told.agreement is not None:
        one = told.agreement
        valid = f"From {day_in_words(one.valid_from)} to {day_in_words(one.valid_until)}."
        adopted = f"Version {one.version}, adopted {uk_day_in_words(one.adopted_at)}."
        yield RecordedThen("Agreement", (adopted, valid))
    yield from _what_was_shown(told)


def _what_was_shown(told: Explanation) -> Iterator[RecordedThen]:
    access = told.access
    if access.persons:
        shown = categories_in_words(access.categories) or "Nothing"
        shut = categories_in_words(access.withheld)
        more = (f"Stayed shut: {shut}.",) if shut else ()
        yield RecordedThen("What they saw", (f"{capital(shown)}.", *more))


def _decided(one: DecisionThen) -> Iterator[str]:
    basis, who = Basis(one.basis).label.lower(), DECIDERS_IN_WORDS[one.decider]
    yield f"{one.response.label}, {basis}, by {who}, version {one.version}."
    confirmed = "Not confirmed by anybody."
    if one.confirmed_at is not None:
        confirmed = f"Confirmed {moment_in_words(one.confirmed_at)}."
    yield f"Decided {moment_in_words(one.decided_at)}. {confirmed}"
    notice = (
        "No notice is named." if one.notice_version is None else f"Notice {one.notice_version}."
    )
    ends = "No end." if one.until is None else f"Ends {uk_day_in_words(one.until)}."
    yield f"{notice} {ends}"


def _related(one: RelationshipThen) -> str:
    ground = capital(GROUNDS_IN_WORDS.get(one.ground, one.ground))
    ends = "no end" if one.until is None else f"until {moment_in_words(one.until)}"
    since = f"from {moment_in_words(one.since)}, {ends}"
    return f"{ground}, {since}. Known here since {moment_in_words(one.known_at)}."


def _hand(actor: str) -> str:
    """A practitioner by a few letters, as they are no worker of this access; others as called."""
    kind, _, name = actor.partition(":")
    return f"{kind} {reference_of(name)}" if kind == "practitioner" else actor


def _known(told: Explanation) -> tuple[KnownLine, ...]:
    lacks = set(told.lacks)
    kinds = [kind for kind in _HISTORIES if kind != "rules" or kind in lacks]
    return tuple(KnownLine(_HISTORIES[k], NOT_KEPT if k in lacks else KEPT) for k in kinds)


def answer_lines(parts: Iterable[PartThen]) -> tuple[AnswerLine, ...]:
    """The answers, services that answer alike about the same category in one line."""
    alike: dict[tuple[object, ...], list[PartThen]] = {}
    for part in parts:
        key = (part.category, part.is_permitted, part.reasons, part.decisions)
        alike.setdefault(key, []).append(part)
    lines = [_answer_line(each) for each in alike.values()]
    return tuple(sorted(lines, key=lambda line: line.answer.text))


def rule_lines(parts: Sequence[PartThen]) -> tuple[RuleLine, ...]:
    """Every rule with what it decided; none where nothing was decided once more."""
    decided: dict[str, set[Category]] = {}
    for part in parts:
        for number in part.rule.split(", "):
            decided.setdefault(number, set()).add(part.category)
    return tuple(
        RuleLine(number, says, capital(categories_in_words(decided.get(number, ()))))
        for number, says in _RULES.items()
        if parts
    )


def _answer_line(alike: Sequence[PartThen]) -> AnswerLine:
    one = alike[0]
    held_by = services_in_words(part.source for part in alike)
    answer = Answered.ALLOWED if one.is_permitted else Answered.REFUSED
    why = tuple(reason_in_words(reason.value) for reason in one.reasons)
    return AnswerLine(
        capital(CATEGORIES_IN_SHORT[one.category]),
        held_by,
        answer_tag(answer),
        why,
        decision_links(one.decisions),
    )


def services_in_words(sources: Iterable[Source]) -> str:
    """Services, once each, in the order of their list."""
    chosen = frozenset(sources)
    if chosen == frozenset(Source):
        return "Every service"
    return ", ".join(one.label for one in Source if one in chosen)

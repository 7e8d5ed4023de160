"""What was asked and found: assessment scales and questionnaires.

Nothing is worked out from a score and nothing is concluded: cut-offs depend on age and edition,
and a finding is no diagnosis. Source: Digital Child Health (CareConnect, STU3),
assessment-scales-1: a scale is an Observation; its sub-scales are contained in it or related to it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from connectors.health_visiting.clinical.encounters import (
    agency_name_of,
    day_in_words,
    practitioner_name_of,
    review_of,
    status_of_encounter,
)
from connectors.health_visiting.mapped import Mapped, focus_key, focus_record
from connectors.health_visiting.nems.message import NemsMessage, resources_in
from connectors.health_visiting.nems.nodes import (
    Node,
    child,
    children,
    coding_of,
    date_time,
    period_of,
    plain_words,
    value,
    words_of,
)
from connectors.health_visiting.nems.statuses import caution_of_result, has_result
from connectors.health_visiting.nems.whose import stated
from connectors.health_visiting.subjects import single_person
from schemas.records.payloads import (
    Coding,
    FactStatus,
    Occurrence,
    OccurrenceKind,
)
from schemas.vocabulary import Category, Label

_SEVERAL = "Assessment scales"
_ASQ = re.compile(r"\bages (?:and|&) stages\b|\basq\b")
_SOCIAL_EMOTIONAL = re.compile(r"\bsocial[ -]+(?:and )?emotional\b|\bse\b")
_DOMAINS = {
    "communication": "Communication",
    "gross motor": "Gross motor",
    "fine motor": "Fine motor",
    "problem solving": "Problem solving",
    "personal": "Personal and social",
}
_SCORE = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,2})?")


@dataclass(frozen=True, slots=True, repr=False)
class Scale:
    """One scale: what it is called, what came of it as a whole and in each domain."""

    title: str
    coding: Coding | None
    result: str | None
    domains: tuple[tuple[str, str], ...]

    @property
    def is_asq_3(self) -> bool:
        """Whether it is the questionnaire of the 2 to 2½ year review, not the one on feelings."""
        words = self.title.casefold()
        return bool(_ASQ.search(words)) and not _SOCIAL_EMOTIONAL.search(words)

    @property
    def short_title(self) -> str:
        """What stands before its domains where other things stand beside them."""
        return "ASQ-3" if self.is_asq_3 else self.title


def assessment_from_message(message: NemsMessage) -> Mapped:
    """The occurrence that the scales of an Encounter state. Source: assessment-scales-1."""
    encounter = message.focus("Encounter")
    key = focus_key(message, encounter)
    person = single_person(message, encounter, focus_key=key)
    assessment = focus_record(
        message,
        encounter,
        source_id=key,
        category=Category.CHILD_HEALTH,
        subjects=(person.subject.ref,),
        build=lambda: _occurrence(message, encounter),
        labels=frozenset({Label.LOCATION}),
    )
    return Mapped.of_person(message, encounter, person, (assessment,))


def scales_of(message: NemsMessage) -> list[Scale]:
    """The scales among the message's observations; what is a sub-scale of another is none."""
    observations = [*stated(message, "Observation")]
    parts = {id(part) for whole in observations for part in _sub_scales(message, whole)}
    found = [(one, list(_sub_scales(message, one))) for one in observations if id(one) not in parts]
    day = message.day
    return [_scale(whole, subs, day) for whole, subs in found if subs or _is_asq(whole)]


def scale_details(scales: list[Scale]) -> Iterator[tuple[str, str]]:
    """What was found, each domain under the name of its scale."""
    for scale in scales:
        if scale.result is not None:
            yield scale.short_title, scale.result
        yield from ((f"{scale.short_title}: {domain}", found) for domain, found in scale.domains)


def result_in_words(observation: Node) -> str | None:
    """What was found, as coded; the score beside it, or alone where nothing was coded."""
    coded = words_of(child(observation, "interpretation")) or words_of(
        child(observation, "valueCodeableConcept")
    )
    score = value(child(observation, "valueQuantity"), "value") or value(observation, "valueString")
    if score is None or not _SCORE.fullmatch(score):
        return _begun(coded)
    score = score.removesuffix(".0")
    return f"Score {score}" if coded is None else f"{_begun(coded)} (score {score})"


def _occurrence(message: NemsMessage, encounter: Node) -> Occurrence:
    scales = scales_of(message)
    only = scales[0] if len(scales) == 1 else None
    review, status = review_of(encounter), status_of_encounter(message, encounter)
    return Occurrence(
        kind=OccurrenceKind.ASSESSMENT,
        title=_SEVERAL if only is None else only.title,
        period=period_of(encounter, "period", field="Encounter.period"),
        coding=None if only is None else only.coding,
        outcome=None if only is None else only.result,
        not_done=status is FactStatus.NOT_DONE,
        agency_name=agency_name_of(message, encounter),
        practitioner_name=practitioner_name_of(message, encounter),
        details=(
            *(() if review is None else (("At", review.label),)),
            *(scale_details(scales) if only is None else only.domains),
        ),
        status=status,
    )


def _scale(whole: Node, parts: list[Node], day: str) -> Scale:
    components = {id(one) for one in children(whole, "component")}
    domains = {
        _domain(words): found
        for part in parts
        if (words := words_of(child(part, "code")))
        and (found := _result(part, day, of=None if id(part) in components else part))
    }
    return Scale(
        title=words_of(child(whole, "code")) or _SEVERAL,
        coding=coding_of(child(whole, "code")),
        result=_result(whole, day, of=whole),
        domains=tuple(sorted(domains.items(), key=lambda domain: _place(domain[0]))),
    )


def _result(part: Node, day: str, *, of: Node | None) -> str | None:
    """What was found, and how surely as `of` says; a component has no status of its own."""
    found = result_in_words(part) if has_result(part) else None
    caution = "" if of is None else caution_of_result(of, day)
    return None if found is None or caution is None else f"{found}{caution}"


def _place(domain: str) -> int:
    """ASQ-3's own order; what is none of its domains comes after them."""
    order = list(_DOMAINS.values())
    return order.index(domain) if domain in order else len(order)


def _sub_scales(message: NemsMessage, observation: Node) -> Iterator[Node]:
    contained = [
        resource
        for holder in children(observation, "contained")
        for kind, resource in resources_in(holder)
        if kind == "Observation"
    ]
    yield from contained
    for related in children(observation, "related"):
        part = message.resolve(child(related, "target"))
        if part is not None and message.is_of_type(part, "Observation"):
            yield part
    yield from children(observation, "component")


def _is_asq(observation: Node) -> bool:
    return bool(_ASQ.search((words_of(child(observation, "code")) or "").casefold()))


def _domain(words: str) -> str:
    found = (label for part, label in _DOMAINS.items() if part in words.casefold())
    return next(found, words)


def _begun(words: str | None) -> str | None:
    return None if words is None else words[:1].upper() + words[1:]


# Answers to questions that have a code; what was written freely stays at its source.

_YES_OR_NO = {"true": "Yes", "false": "No"}


def answers_in(message: NemsMessage, responses: Iterable[Node] | None = None) -> dict[str, str]:
    """The answers of the message's questionnaire responses in words, by the question's linkId.

    `responses` are those that are meant, where not all are. Several answers to one question stand
    behind one another. Raises UnreadableMessageError for a date that does not exist.
    """
    found: dict[str, str] = {}
    for response in stated(message, "QuestionnaireResponse") if responses is None else responses:
        caution = caution_of_result(response, message.day, kind="QuestionnaireResponse")
        for item in items_of(response):
            link = value(item, "linkId")
            words = "; ".join(w for answer in children(item, "answer") if (w := _words(answer)))
            if link is not None and words:
                words = f"{words}{caution}"
                found[link] = f"{found[link]}; {words}" if link in found else words
    return found


def items_of(parent: Node) -> Iterator[Node]:
    """The items of a questionnaire response, those within others too, in order."""
    for item in children(parent, "item"):
        yield item
        yield from items_of(item)


def _words(answer: Node) -> str | None:
    coding = child(answer, "valueCoding")
    words = value(coding, "display") or value(coding, "code")
    if words is not None:
        return plain_words(words)
    for name in ("valueDateTime", "valueDate"):
        day = date_time(answer, name, field=f"QuestionnaireResponse.item.answer.{name}")
        if day is not None:
            return day_in_words(day)
    return _YES_OR_NO.get(value(answer, "valueBoolean") or "")

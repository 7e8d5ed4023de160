"""What came of assessment scales: each with its domains, and the age for which it was asked.

Nothing is worked out from a score and nothing is concluded: cut-offs depend on age and edition,
and a finding is no diagnosis. Source: Digital Child Health (CareConnect, STU3),
assessment-scales-1: a scale is an Observation; its sub-scales are contained in it or related to it.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.health_visiting.clinical.encounters import (
    agency_name_of,
    practitioner_name_of,
    review_of,
    status_of_encounter,
)
from connectors.health_visiting.clinical.findings import (
    Line,
    finding_lines,
    found_in,
    in_order,
    is_scored,
    name_of,
    observations_of,
    parts_of,
    procedure_lines,
    when_of,
)
from connectors.health_visiting.clinical.questionnaires import answer_lines, responses_of
from connectors.health_visiting.clinical.safeguarding import set_apart
from connectors.health_visiting.mapped import Mapped, focus_key, focus_record
from connectors.health_visiting.nems.message import NemsMessage
from connectors.health_visiting.nems.nodes import (
    Node,
    child,
    children,
    coding_of,
    period_of,
    value,
    words_of,
)
from connectors.health_visiting.persons.subjects import single_person
from schemas.records.payloads import Coding, FactStatus, Occurrence, OccurrenceKind
from schemas.vocabulary import Category, Label

_SEVERAL = "Assessment scales"
_ASQ = re.compile(r"\bages (?:and|&) stages\b|\basq\b")
_SOCIAL_EMOTIONAL = re.compile(r"\bsocial[ -]+(?:and )?emotional\b|\bse\b")
_OTHER_EDITION = re.compile(r"\b(?:first|second|1st|2nd) edition\b|\basq[- ]?[12]\b")
_AGE = re.compile(r"\b([0-9]{1,2})[ -](month|week|year)s?\b")
_DEEPEST = 4
_WEEKS_OF = {"week": 1, "month": 4, "year": 52}
_DOMAINS = {
    "communication": "Communication",
    "gross motor": "Gross motor",
    "fine motor": "Fine motor",
    "problem solving": "Problem solving",
    "personal": "Personal and social",
}
_NO_RESULT, _IN_WORDS = "No result stated", "In words at its source"


@dataclass(frozen=True, slots=True, repr=False)
class Domain:
    """What came of one part of a scale, and for which age it was asked where its name says so."""

    name: str
    found: str
    age: str | None = None
    when: str | None = None

    @property
    def label(self) -> str:
        """Its name, with the age for which it was asked."""
        return self.name if self.age is None else f"{self.name} ({self.age} questionnaire)"


@dataclass(frozen=True, slots=True, repr=False)
class Scale:
    """One scale: what it is called, what came of it as a whole and in each domain.

    `told` are the ids of the observations that it was read from.
    """

    title: str
    coding: Coding | None
    result: str | None
    domains: tuple[Domain, ...]
    when: str | None = None
    told: frozenset[int] = frozenset()

    @property
    def is_asq_3(self) -> bool:
        """Whether it is the questionnaire of the 2 to 2½ year review, not the one on feelings."""
        words = self.title.casefold()
        is_another = _SOCIAL_EMOTIONAL.search(words) or _OTHER_EDITION.search(words)
        return bool(_ASQ.search(words)) and not is_another

    @property
    def short_title(self) -> str:
        """What stands before its domains where other things stand beside them."""
        if not self.is_asq_3:
            return self.title
        age, domain = _age_in(self.title), _domain_named(self.title)
        if domain is not None:
            return f"ASQ-3: {Domain(domain, '', age).label}"
        return "ASQ-3" if age is None else f"ASQ-3, {age} questionnaire"


@dataclass(slots=True, repr=False)
class _Part:
    """What belongs to a scale, what it stands in is called, how deep; and if others are in it."""

    node: Node
    of: str
    depth: int
    is_whole: bool = False


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
    records = set_apart(message, encounter, assessment)
    return Mapped.of_person(message, encounter, person, records)


def scales_of(message: NemsMessage) -> list[Scale]:
    """The scales among what was observed of the person; a sub-scale of another is none."""
    facts = observations_of(message)
    known = {id(fact) for fact in facts}
    parts = {id(one): [p for p in parts_of(message, one) if id(p) in known] for one in facts}
    inner = {id(part) for several in parts.values() for part in several}
    scales: list[Scale] = []
    told: set[int] = set()
    # One that is a part of its own part comes last, where nothing else has told it.
    for whole in sorted(facts, key=lambda fact: id(fact) in inner):
        if id(whole) not in told:
            subs = _belonging_to(whole, parts, told)
            if _is_scale(whole, subs):
                scales.append(_scale(whole, subs, message.day))
                told |= scales[-1].told
    return scales


def scale_lines(scales: list[Scale]) -> Iterator[Line]:
    """What was found, each domain under the name of its scale."""
    for scale, title in zip(scales, _titles(scales), strict=True):
        if scale.result is not None:
            yield Line(title, scale.result, scale.when)
        for domain in scale.domains:
            yield Line(f"{title}: {domain.label}", domain.found, domain.when or scale.when)


def told_by(scales: list[Scale]) -> frozenset[int]:
    """The ids of the observations that these scales were read from."""
    return frozenset[int]().union(*(scale.told for scale in scales))


def _occurrence(message: NemsMessage, encounter: Node) -> Occurrence:
    scales = scales_of(message)
    only = scales[0] if len(scales) == 1 else None
    review, status = review_of(encounter), status_of_encounter(message, encounter)
    period = period_of(encounter, "period", field="Encounter.period")
    lines = (
        *(scale_lines(scales) if only is None else _domain_lines(only)),
        *finding_lines(message, besides=told_by(scales)),
        *procedure_lines(message),
        *answer_lines(responses_of(message)),
    )
    return Occurrence(
        kind=OccurrenceKind.ASSESSMENT,
        title=_SEVERAL if only is None else only.title,
        period=period,
        coding=None if only is None else only.coding,
        outcome=None if only is None else only.result,
        not_done=status is FactStatus.NOT_DONE,
        agency_name=agency_name_of(message, encounter),
        practitioner_name=practitioner_name_of(message, encounter),
        details=(
            *(() if review is None else (("At", review.label),)),
            *in_order(lines, period.start),
        ),
        status=status,
    )


def _domain_lines(scale: Scale) -> Iterator[Line]:
    return (Line(one.label, one.found, one.when) for one in scale.domains)


def _titles(scales: list[Scale]) -> Iterator[str]:
    """What each scale is called beside the others; those of one name are counted."""
    names = [scale.short_title for scale in scales]
    for place, name in enumerate(names):
        several = names.count(name)
        number = names[: place + 1].count(name)
        yield name if several == 1 else f"{name} ({number} of {several})"


def _scale(whole: Node, parts: list[_Part], day: str) -> Scale:
    domains = (_domain(part, whole, day) for part in parts)
    return Scale(
        title=name_of(whole),
        coding=coding_of(child(whole, "code")),
        result=found_in(whole, day),
        domains=tuple(sorted((domain for domain in domains if domain), key=_place)),
        when=when_of(whole),
        told=frozenset({id(whole), *(id(part.node) for part in parts)}),
    )


def _place(domain: Domain) -> tuple[int, int]:
    """By age, then in ASQ-3's own order; what is none of its domains comes after them."""
    order = list(_DOMAINS.values())
    number, _, unit = (domain.age or "").partition(" ")
    age = int(number) * _WEEKS_OF[unit] if number else 0
    return age, order.index(domain.name) if domain.name in order else len(order)


def _belonging_to(
    whole: Node, parts: Mapping[int, Sequence[Node]], told: Collection[int]
) -> list[_Part]:
    """What belongs to a scale, whatever it is called in there; and what belongs to that."""
    reached, seen = [_Part(whole, "", 0)], {id(whole)}
    for one in reached:
        entries = parts.get(id(one.node), ()) if one.depth < _DEEPEST else ()
        new = [p for p in (*entries, *children(one.node, "component")) if id(p) not in seen]
        new = [part for part in new if id(part) not in told]
        of = words_of(child(one.node, "code")) if new and one.depth else None
        one.is_whole = bool(new)
        seen |= {id(part) for part in new}
        reached += (_Part(part, of or "", one.depth + 1) for part in new)
    return reached[1:]


def _is_scale(whole: Node, parts: list[_Part]) -> bool:
    is_any_scored = any(is_scored(one) for one in (whole, *(part.node for part in parts)))
    return _is_asq(whole) or (bool(parts) and is_any_scored)


def _is_asq(observation: Node) -> bool:
    return bool(_ASQ.search((words_of(child(observation, "code")) or "").casefold()))


def _domain(part: _Part, whole: Node, day: str) -> Domain | None:
    words, found = name_of(part.node), found_in(part.node, day, of=whole)
    if found is None and part.is_whole:
        return None
    if found is None:
        found = _IN_WORDS if value(part.node, "valueString") else _NO_RESULT
    name = _domain_named(words) if _is_asq(whole) else None
    age = _age_in(part.of) if name is None else _age_in(words) or _age_in(part.of)
    return Domain(name or words, found, age, when_of(part.node))


def _age_in(words: str) -> str | None:
    """The age for which a questionnaire is, where its name says so: "10 month"."""
    found = _AGE.search(words)
    return None if found is None else f"{found[1]} {found[2]}"


def _domain_named(words: str) -> str | None:
    """The domain of ASQ-3 that these words name."""
    folded = words.casefold()
    return next((label for word, label in _DOMAINS.items() if word in folded), None)

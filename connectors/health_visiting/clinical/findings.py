"""What was found: every observation and procedure of a message that is a fact about its person.

Whatever stands beside it, each is told once, with its own name, place and time: two ears, two
blood pressures and two weighings stay two lines. What was written freely stays at its source, as
does what was entered in error, called off, replaced or is about somebody else. Sources: FHIR STU3
and R4, Observation and Procedure.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from connectors.health_visiting.clinical.timeliness import day_in_words
from connectors.health_visiting.clinical.values import begun, result_in_words
from connectors.health_visiting.nems.entries import resources_in
from connectors.health_visiting.nems.message import (
    NemsMessage,
)
from connectors.health_visiting.nems.nodes import (
    Node,
    child,
    children,
    is_before,
    is_date_time,
    mark_told,
    value,
    words_of,
)
from connectors.health_visiting.nems.statuses import caution_of, is_in_error, status_of
from connectors.health_visiting.nems.whose import is_theirs, theirs
from schemas.records.payloads import FactStatus

UNNAMED = "An observation without a name here"

_KIND = "Observation"
_DAY = len("YYYY-MM-DD")
_MINUTE = len("YYYY-MM-DDTHH:MM")
_NO_FACTS = frozenset({FactStatus.IN_ERROR, FactStatus.NOT_DONE, FactStatus.PLANNED})
_PARTS = frozenset({"has-member", "derived-from", None})
_REPLACES = "replaces"
_OF_THE_BODY = " structure"
_AWAITED = "registered"
# What is called one of these is scored: an amount without a unit is its score.
_SCALES = re.compile(r"\b(?:scores?|scales?|questionnaires?|checklist|inventory|asq)\b")
_ABOUT_SCALES = re.compile(r"\b(?:number of|completed|administered|version|centile|percentile)\b")


@dataclass(frozen=True, slots=True, repr=False)
class Line:
    """One finding: what it is called, what was found, and when, as precise as it was sent."""

    label: str
    found: str
    when: str | None = None


def dated_before_birth(start: str | None, born: str | None) -> Iterator[tuple[str, str]]:
    """What is told of what is dated before a birth: nobody is to take it for a slip of ours."""
    if start is not None and born is not None and is_before(start, born):
        yield "Dated", "Before the date of birth, by its source"


def in_order(lines: Iterable[Line], day: str | None) -> Iterator[tuple[str, str]]:
    """The lines as they are shown; with their time where the day of the encounter is another.

    So are lines of one name and different times: both are told, each with its own.
    """
    kept = list(lines)
    times: dict[str, set[str | None]] = {}
    for line in kept:
        times.setdefault(line.label, set()).add(line.when)
    for line in kept:
        is_other_day = line.when is not None and line.when[:_DAY] != (day or line.when)[:_DAY]
        when = line.when if is_other_day or len(times[line.label]) > 1 else None
        yield line.label, line.found if when is None else f"{line.found} ({_when(when)})"


def finding_lines(message: NemsMessage, *, besides: Collection[int] = ()) -> Iterator[Line]:
    """What the message's observations found; those whose ids are `besides` are told elsewhere."""
    for observation in observations_of(message):
        if id(observation) not in besides:
            is_panel = next(parts_of(message, observation), None) is not None
            yield from _lines_of(observation, message.day, is_panel=is_panel)


def _lines_of(observation: Node, day: str, *, is_panel: bool) -> Iterator[Line]:
    """What one observation found, and each of its components under its name."""
    name, when = name_of(observation), when_of(observation)
    found = found_in(observation, day)
    components = [
        Line(f"{name}: {begun(words_of(child(part, 'code'), unnamed=UNNAMED))}", words, when)
        for part in children(observation, "component")
        if (words := found_in(part, day, of=observation))
    ]
    if found is None and not (components or is_panel or _has_value(observation)):
        awaited = value(observation, "status") == _AWAITED
        found = "Result awaited" if awaited else "Recorded without a result"
    if found is not None:
        yield Line(name, found, when)
    yield from components


def found_in(observation: Node, day: str, *, of: Node | None = None) -> str | None:
    """What an observation, or a component `of` one, found, with what its status leaves open.

    None where it was written freely.
    """
    whole = observation if of is None else of
    is_score = is_scored(observation) or is_scored(whole)
    found = result_in_words(observation, is_score=is_score)
    if found is None or child(observation, "dataAbsentReason") is not None:
        return found
    stated = observation if "status" in observation else whole
    return found + (caution_of(status_of(_KIND, stated, day)) or "")


def is_scored(observation: Node) -> bool:
    """Whether an amount without a unit is a score, by what the observation is called."""
    words = (words_of(child(observation, "code")) or "").casefold()
    return bool(_SCALES.search(words)) and not _ABOUT_SCALES.search(words)


def name_of(resource: Node) -> str:
    """What was observed or done, and at which part of the body where its name does not say so."""
    name = begun(words_of(child(resource, "code"), unnamed=UNNAMED)) or UNNAMED
    places = [_place(site) for site in children(resource, "bodySite")]
    others = [place for place in places if place and place.casefold() not in name.casefold()]
    return ", ".join((name, *others))


def observations_of(message: NemsMessage) -> list[Node]:
    """The observations that are facts about the message's person, then those contained in each."""
    replaced = [other for one in message.of_type(_KIND) for other in _replaced_by(message, one)]
    return [
        fact
        for one in theirs(message, _KIND)
        if not any(one is other for other in replaced)
        for fact in _facts_in(message, one)
    ]


def _facts_in(message: NemsMessage, observation: Node) -> Iterator[Node]:
    if status_of(_KIND, observation, message.day) not in _NO_FACTS:
        yield observation
        for inside in contained_in(observation):
            if is_theirs(message, inside):
                yield from _facts_in(message, inside)


def _replaced_by(message: NemsMessage, observation: Node) -> Iterator[Node]:
    for related in children(observation, "related"):
        if value(related, "type") == _REPLACES:
            target = message.resolve(child(related, "target"))
            if target is not None and not is_in_error(observation):
                yield target


def parts_of(message: NemsMessage, whole: Node) -> Iterator[Node]:
    """The observations that belong to this one, contained in it or entries of their own."""
    inside = list(contained_in(whole))
    yield from inside
    related = [
        child(one, "target") for one in children(whole, "related") if value(one, "type") in _PARTS
    ]
    for reference in (*related, *children(whole, "hasMember"), *children(whole, "derivedFrom")):
        part = message.resolve(reference)
        if part is not None and part is not whole and message.is_of_type(part, _KIND):
            yield part


def contained_in(observation: Node) -> Iterator[Node]:
    """The observations that stand in this one."""
    for holder in children(observation, "contained"):
        yield from (resource for kind, resource in resources_in(holder) if kind == _KIND)


def _place(site: Node) -> str:
    words = words_of(site, unnamed="a place without a name here") or ""
    return words[:1].lower() + words[1:].removesuffix(_OF_THE_BODY)


def _has_value(observation: Node) -> bool:
    return any(name.startswith("value") for name in observation)


def when_of(observation: Node) -> str | None:
    """When it was observed, as it was sent."""
    return (
        value(observation, "effectiveDateTime")
        or _start(observation, "effectivePeriod")
        or value(observation, "effectiveInstant")
    )


def _start(resource: Node, name: str) -> str | None:
    return value(child(resource, name), "start")


def _when(text: str) -> str:
    if not is_date_time(text):
        return "on a date that cannot be read"
    day, time = day_in_words(text), text[_DAY + 1 : _MINUTE]
    return f"{day}, {time}" if time else day


# Tests and treatments, and what came of them.


def procedure_lines(message: NemsMessage, *, without: str = "") -> Iterator[Line]:
    """What was done and what came of it, and how it goes on; `without` a programme's own name."""
    for procedure in theirs(message, "Procedure"):
        if is_in_error(procedure):
            continue
        mark_told(procedure)
        name = begun(name_of(procedure).removeprefix(without)) or UNNAMED
        when = value(procedure, "performedDateTime") or _start(procedure, "performedPeriod")
        outcome = begun(outcome_of(procedure, message.day).removeprefix(without)) or ""
        yield Line(name, outcome, when)
        for concept in children(procedure, "followUp"):
            words = begun(words_of(concept, unnamed="A follow-up without a name here"))
            yield Line(f"{name}: follow-up", words or "", when)


def outcome_of(procedure: Node, day: str) -> str:
    """What came of it, with what its status leaves open; or that it was not done, and why."""
    status = status_of("Procedure", procedure, day)
    if status is FactStatus.NOT_DONE:
        why = words_of(child(procedure, "statusReason") or child(procedure, "notDoneReason"))
        return "Not done" if why is None else f"Not done: {why}"
    if status is FactStatus.PLANNED:
        return "Planned"
    outcome = child(procedure, "outcome")
    unnamed = "No outcome stated" if outcome is None else "An outcome without a name here"
    return (words_of(outcome, unnamed=unnamed) or unnamed) + (caution_of(status) or "")

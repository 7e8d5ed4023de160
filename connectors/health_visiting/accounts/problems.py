"""Problems, skills and allergies: each with whether it stands, is over, or was only suspected.

What was refuted or entered in error is left out; nothing is concluded from what nobody wrote down.
Sources: FHIR STU3 and R4, Condition and AllergyIntolerance; Digital Child Health (CareConnect,
STU3), problem-list-1, developmental-skills-1, allergies-and-adverse-reactions-1.
"""

from collections.abc import Iterator
from typing import Final

from connectors.health_visiting.clinical.findings import Line
from connectors.health_visiting.clinical.timeliness import day_in_words
from connectors.health_visiting.clinical.values import begun
from connectors.health_visiting.nems.message import NemsMessage
from connectors.health_visiting.nems.nodes import (
    Node,
    child,
    children,
    coding_of,
    is_date_time,
    mark_told,
    value,
    words_of,
)
from connectors.health_visiting.nems.whose import theirs

_UNNAMED: Final = "A problem without a name here"
_SUBSTANCE: Final = "A substance without a name here"
_NO_FACTS: Final = frozenset({"refuted", "entered-in-error"})
_SURE: Final = frozenset({"confirmed", None})
_NOT_CONFIRMED: Final = frozenset({"provisional", "differential", "unconfirmed"})
_CLINICAL: Final = {
    "active": "Active",
    "recurrence": "Come back",
    "relapse": "Come back",
    "inactive": "No longer active",
    "remission": "In remission",
    "resolved": "Resolved",
}
_STILL: Final = frozenset({"active", "recurrence", "relapse"})
_ALLERGIES: Final = {"allergy": "Allergy", "intolerance": "Intolerance"}
_OPEN: Final = " (its source does not say whether this stands)"


_NOTHING_STANDS: Final = "Nothing that stands: what was sent is ruled out or entered in error"


def noted_lines(message: NemsMessage) -> Iterator[Line]:
    """Problems and allergies; that none of those which were sent is one, where it is so."""
    lines = [*problem_lines(message), *allergy_lines(message)]
    yield from lines
    sent = (*theirs(message, "Condition"), *theirs(message, "AllergyIntolerance"))
    if sent and not lines:
        yield Line("Noted", _NOTHING_STANDS)


def problem_lines(message: NemsMessage) -> Iterator[Line]:
    """Each problem under its name: what was assessed of it, or whether it is there, and since."""
    for condition in theirs(message, "Condition"):
        caution = _caution(condition)
        if caution is not None:
            mark_told(condition)
            name = begun(words_of(child(condition, "code"), unnamed=_UNNAMED)) or _UNNAMED
            found = _assessed(condition) or _present(condition)
            yield Line(name, f"{found}{caution}", value(condition, "assertedDate"))


def allergy_lines(message: NemsMessage) -> Iterator[Line]:
    """Each allergy or intolerance: to what, how the person reacted, and if it is over."""
    for allergy in theirs(message, "AllergyIntolerance"):
        caution = _caution(allergy)
        if caution is not None:
            mark_told(allergy)
            label = _ALLERGIES.get(value(allergy, "type") or "", "Allergy or adverse reaction")
            found = begun(words_of(child(allergy, "code"), unnamed=_SUBSTANCE)) or _SUBSTANCE
            reactions = "; ".join(_reactions(allergy))
            clinical = _code(allergy, "clinicalStatus")
            over = "" if clinical in {None, *_STILL} else f" ({_CLINICAL.get(clinical or '')})"
            said = f"{found} ({reactions})" if reactions else found
            yield Line(label, f"{said}{over}{caution}", value(allergy, "assertedDate"))


def _caution(resource: Node) -> str | None:
    """What to write behind it; None for what is no fact. A modifier may mean the opposite."""
    verified = _code(resource, "verificationStatus")
    if verified in _NO_FACTS:
        return None
    is_told = _code(resource, "clinicalStatus") in {None, *_CLINICAL}
    if children(resource, "modifierExtension") or not is_told:
        return _OPEN
    if verified in _SURE:
        return ""
    return " (not confirmed)" if verified in _NOT_CONFIRMED else _OPEN


def _code(resource: Node, name: str) -> str | None:
    """A status, which STU3 has as a code and R4 as a concept."""
    coding = coding_of(child(resource, name))
    return value(resource, name) or (None if coding is None else coding.code)


def _assessed(condition: Node) -> str | None:
    stages = (words_of(child(stage, "summary")) for stage in children(condition, "stage"))
    return "; ".join(words for stage in stages if (words := begun(stage))) or None


def _present(condition: Node) -> str:
    clinical = _code(condition, "clinicalStatus")
    begun_on, ended = _day(condition, "onsetDateTime"), _day(condition, "abatementDateTime")
    is_over = value(condition, "abatementBoolean") == "true"
    said = _CLINICAL.get(clinical or "") or ("No longer there" if is_over else "Noted")
    since = "" if begun_on is None else f", from {begun_on}"
    until = "" if ended is None else f", until {ended}"
    return f"{said}{since}{until}"


def _day(condition: Node, name: str) -> str | None:
    text = value(condition, name)
    return day_in_words(text) if text is not None and is_date_time(text) else None


def _reactions(allergy: Node) -> Iterator[str]:
    for reaction in children(allergy, "reaction"):
        shown = (words_of(one) for one in children(reaction, "manifestation"))
        words = ", ".join(one for one in shown if one)
        severity = value(reaction, "severity")
        if words:
            yield words if severity is None else f"{words}, {severity}"

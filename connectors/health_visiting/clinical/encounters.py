"""What messages about an encounter say: when, where, with whom; which review it was. Pure."""

import re
from collections.abc import Iterable, Iterator

from connectors.health_visiting.clinical.timeliness import MandatedReview
from connectors.health_visiting.nems.message import NemsMessage
from connectors.health_visiting.nems.nodes import (
    Node,
    child,
    children,
    coding_of,
    codings_of,
    descend,
    may_be_practitioner,
    value,
    words_of,
)
from connectors.health_visiting.nems.statuses import status_of
from connectors.health_visiting.nems.whose import stated
from connectors.health_visiting.persons.people import display_name
from schemas.records.payloads import Coding, FactStatus

# SNOMED has a code for each of the five. The guidance does not say which, so a code that is not in
# the table counts only by the words that go with it.

# The metrics count some reviews twice, by their timing or by what they included.
_CODES = {
    "C1": MandatedReview.ANTENATAL,
    "C2": MandatedReview.NEW_BIRTH,
    "C3": MandatedReview.NEW_BIRTH,
    "C8I": MandatedReview.SIX_TO_EIGHT_WEEKS,
    "C8II": MandatedReview.SIX_TO_EIGHT_WEEKS,
    "C4": MandatedReview.TWELVE_MONTHS,
    "C5": MandatedReview.TWELVE_MONTHS,
    "C6I": MandatedReview.TWO_YEARS,
    "C6II": MandatedReview.TWO_YEARS,
}
_TO = r" ?(?:-|–|to) ?"
_AND_A_HALF = r"(?:½|\.5|1/2| ?1/2| and a half)"
_VISIT = r".*\b(?:review|visit|assessment|check|contact)\b"
_WORDS = {
    # A midwife's antenatal contacts are not meant: it has to be named as this one.
    MandatedReview.ANTENATAL: r"\bantenatal (?:health|review)|\bhealth visit\w* antenatal\b",
    MandatedReview.NEW_BIRTH: r"\bnew birth (?:visit|review)\b",
    MandatedReview.SIX_TO_EIGHT_WEEKS: rf"\b(?:6{_TO}8|six{_TO}eight)[ -]weeks?\b{_VISIT}",
    MandatedReview.TWELVE_MONTHS: rf"\b(?:12[ -]months?|(?:1|one)[ -]years?)\b{_VISIT}",
    MandatedReview.TWO_YEARS: rf"\b(?:2|two)(?:{_TO}(?:2|two){_AND_A_HALF}?)?[ -]years?\b{_VISIT}",
}
_PATTERNS = {review: re.compile(words) for review, words in _WORDS.items()}


def review_named(codings: Iterable[Coding]) -> MandatedReview | None:
    """The review that the codings of an encounter's type name, if it is one of the five."""
    stated = list(codings)
    by_code = (_CODES.get(coding.code.strip().upper()) for coding in stated)
    by_words = (_review_in_words(coding.display.casefold()) for coding in stated)
    return next((found for found in (*by_code, *by_words) if found), None)


def _review_in_words(words: str) -> MandatedReview | None:
    found = [review for review, pattern in _PATTERNS.items() if pattern.search(words)]
    return found[0] if len(found) == 1 else None


def types_of(encounter: Node) -> Iterator[Coding]:
    """Every coding of the encounter's types, and those that are named in words alone."""
    for concept in children(encounter, "type"):
        yield from codings_of(concept)
        yield from _named_without_code(concept)


def type_of(encounter: Node) -> Coding | None:
    """What the encounter was: of its types the first that has words, also without a code."""
    types = [
        kind
        for concept in children(encounter, "type")
        for kind in (coding_of(concept), *_named_without_code(concept))
        if kind is not None
    ]
    return min(types, key=lambda kind: kind.display == kind.code, default=None)


def _named_without_code(concept: Node) -> Iterator[Coding]:
    """A type that is named in words alone; its code is empty."""
    text = None if coding_of(concept) else value(concept, "text")
    if text is not None:
        yield Coding("", "", text)


def review_of(encounter: Node) -> MandatedReview | None:
    """The mandated review that the encounter was, if it was one."""
    return review_named(types_of(encounter))


def status_of_encounter(message: NemsMessage, encounter: Node) -> FactStatus:
    """Whether the encounter took place, is to, or did not."""
    return status_of("Encounter", encounter, message.day)


def agency_name_of(message: NemsMessage, encounter: Node) -> str | None:
    """The organisation that provided the encounter, else the one responsible for the message."""
    for reference in (child(encounter, "serviceProvider"), child(message.header, "responsible")):
        name = value(message.resolve(reference), "name") or value(reference, "display")
        if name is not None:
            return name
    return None


def practitioner_name_of(message: NemsMessage, encounter: Node) -> str | None:
    """Who met the person: who took part, else who performed what was done or wrote it down.

    Several who took part stand behind one another; who did not may only have come to write.
    """
    took_part = [
        child(one, "individual")
        for one in children(encounter, "participant")
        if not _only_interprets(one)
    ]
    named = dict.fromkeys(name for one in took_part if (name := _name_of(message, one)))
    if named:
        return ", ".join(named)
    others = (_name_of(message, one) for one in _who_performed(message))
    return next((name for name in others if name), None)


_INTERPRETS = re.compile(r"\b(?:interpret|translat)")


def _only_interprets(participant: Node) -> bool:
    """Whether each part that they took is an interpreter's, who is no practitioner of theirs."""
    parts = [words_of(one) or "" for one in children(participant, "type")]
    return bool(parts) and all(_INTERPRETS.search(words.casefold()) for words in parts)


def _who_performed(message: NemsMessage) -> Iterator[Node | None]:
    yield from (descend(one, "performer", "actor") for one in stated(message, "Procedure"))
    yield from (child(one, "performer") for one in stated(message, "Observation"))
    yield from (child(one, "author") for one in stated(message, "QuestionnaireResponse"))


def _name_of(message: NemsMessage, reference: Node | None) -> str | None:
    """The name of a practitioner in the message, or as somebody refers to one who is not."""
    found = message.resolve(reference)
    if message.is_of_type(found, "PractitionerRole"):
        reference = child(found or {}, "practitioner")
        found = message.resolve(reference)
    if message.is_of_type(found, "Practitioner"):
        return display_name(found, message.day) or value(reference, "display")
    return value(reference, "display") if found is None and may_be_practitioner(reference) else None

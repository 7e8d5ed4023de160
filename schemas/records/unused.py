"""What of a message became no record: counted by name, so that nothing is dropped in silence."""

import re
from collections.abc import Iterable
from enum import StrEnum

from schemas.unchanging import unchanging
from schemas.vocabulary import Category, LabelledCode


class WhyUnused(StrEnum):
    """Why nothing was made of a part of a message."""

    NOT_REFERENCED = "not-referenced"
    """Of a kind that is read, and nothing that is shown refers to it or says it."""
    ANOTHER_PERSON = "another-person"
    ENTERED_IN_ERROR = "entered-in-error"
    KIND_NOT_READ = "kind-not-read"


class MoreKind(LabelledCode):
    """What more there is at a source; the label goes on after "more is at the source:"."""

    ALERT = "alert", "an alert"
    PLAN = "plan", "a plan"
    ALLERGY = "allergy", "an allergy"
    CONDITION = "condition", "a condition or concern"
    MEDICINE = "medicine", "a medicine"
    FINDING = "finding", "a finding"
    TREATMENT = "treatment", "a treatment"
    APPOINTMENT = "appointment", "an appointment"
    WORKER = "worker", "who else works with the child"
    REFERRAL = "referral", "a referral"
    DOCUMENT = "document", "a document"
    RELATIVE = "relative", "somebody around the child"
    SUPPORT = "support", "a need or support"
    NOTE = "note", "a note in words"
    OTHER = "other", "something else"

    @property
    def category(self) -> Category | None:
        """Of what category it is, where that may differ from that of the record beside it."""
        return Category.SAFEGUARDING if self is MoreKind.ALERT else None


@unchanging(frozen=True, slots=True)
class UnusedPart:
    """So many parts of a message of one kind, in the source's own terms, and why."""

    part: str
    why: WhyUnused
    count: int = 1


@unchanging(frozen=True, slots=True)
class MoreAtSource:
    """So much of one kind of which its source knows more."""

    kind: MoreKind
    count: int = 1


@unchanging(frozen=True, slots=True)
class FaultyPart:
    """A part of a message that cannot be read, by which the rest of it stands: where and why.

    `field` and `reason` are as those of a message that cannot be read; never a value.
    """

    field: str
    reason: str


@unchanging(frozen=True, slots=True)
class Unused:
    """What of one message was not used: parts, single fields by their paths, texts written freely.

    Names of the format alone, never a value. `more` is what of it there is about the person.
    `faults` are the parts that could not be read.
    """

    parts: tuple[UnusedPart, ...] = ()
    fields: tuple[str, ...] = ()
    free_texts: int = 0
    more: tuple[MoreAtSource, ...] = ()
    faults: tuple[FaultyPart, ...] = ()


NOTHING_UNUSED = Unused()

# Whoever writes a message can write anything in the place of a name.

NO_NAME = "…"
"""In the place of what can be no name of a format, and of more names than anybody reads."""
_PATH = re.compile(r"[A-Za-z][A-Za-z0-9_/.\[\]…-]{0,159}|…")
_TYPE = re.compile(r"[A-Za-z]{1,60}")
_MOST_FIELDS = 200


def as_fields(paths: Iterable[str]) -> tuple[str, ...]:
    """Paths as they may be told: each once, in order, none that is no path, and not endless."""
    found = sorted({path if _PATH.fullmatch(path) else NO_NAME for path in paths})
    return tuple(found) if len(found) <= _MOST_FIELDS else (*found[:_MOST_FIELDS], NO_NAME)


def as_part(name: str) -> str:
    """The name of a type as it may be told."""
    return name if _TYPE.fullmatch(name) else NO_NAME

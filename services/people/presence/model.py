"""A family that is with a practitioner: what is kept of it, and what may be answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from connectors.publishing.telling.contacts import OWN
from consent.circumstances import Present
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Category, LabelledCode

LASTS = timedelta(hours=1)
"""How long what was confirmed opens."""
VISIT = timedelta(hours=12)
"""How long after it was begun a presence may still be confirmed: the visit."""


class WithWhom(LabelledCode):
    """Who is there: the person themselves, or who answers for the child whose record it is."""

    THEMSELVES = OWN, "The person whose record it is"
    MOTHER = "mother", "Their mother"
    FATHER = "father", "Their father"
    PARENT = "parent", "Another parent"
    STEP_PARENT = "step-parent", "A step-parent with responsibility"
    FOSTER_CARER = "foster-carer", "A foster carer with responsibility"
    GRANDPARENT = "grandparent", "A grandparent with responsibility"


class Way(StrEnum):
    """Who else says that it is them, where it is no code."""

    OFFICER = "officer"
    COLLEAGUE = "colleague"


class ConfirmingAnswer(LabelledCode):
    """What somebody who confirms says, and what it rests on."""

    RANG_BACK = "rang-back", "I rang back, and it is them"
    SAW_DOCUMENT = "saw-document", "I checked a document or a letter, and it is them"
    SEES_THEM = "sees-them", "I see them too, and it is them"
    NOT_THEM = "not-them", "It is not them, or I cannot tell"
    UNSAFE = "unsafe", "It is not safe to ring that contact"

    @property
    def is_yes(self) -> bool:
        """Whether they stand for it."""
        return self in _YES


_YES = frozenset(
    {ConfirmingAnswer.RANG_BACK, ConfirmingAnswer.SAW_DOCUMENT, ConfirmingAnswer.SEES_THEM}
)
ANSWERS: Mapping[Way, Sequence[ConfirmingAnswer]] = {
    Way.OFFICER: (
        ConfirmingAnswer.RANG_BACK,
        ConfirmingAnswer.SAW_DOCUMENT,
        ConfirmingAnswer.NOT_THEM,
        ConfirmingAnswer.UNSAFE,
    ),
    Way.COLLEAGUE: (ConfirmingAnswer.SEES_THEM, ConfirmingAnswer.NOT_THEM),
}
"""What each of them may say."""


class WhyNotConfirmed(StrEnum):
    """Why nothing was opened: for the ledger alone. Whoever asked is told one thing always."""

    NOT_THERE = "is-not-there"
    FOREIGN = "is-somebody-elses"
    WRONG = "is-wrong"
    EXPIRED = "has-expired"
    USED = "was-used"
    VOID = "is-void"
    LIMITED = "too-many"
    NOT_FREE = "not-free-to-say"
    NOBODY_KNOWN = "nobody-is-known"
    NOT_THEIRS = "may-not-answer"
    ANSWERED = "is-answered"


@dataclass(frozen=True, slots=True)
class PresenceBegun:
    """One presence. `person` is None where nobody known, or nobody who may be known, was meant.

    `asked_about` is a keyed hash of what was typed or opened; limits count it.
    """

    id: str
    practitioner: PractitionerId
    agency: str
    person: PersonId | None
    asked_about: bytes
    with_whom: WithWhom
    in_the_room: frozenset[Present]
    began_at: datetime
    lapses_at: datetime
    sealed_subject: bytes | None = field(default=None, repr=False)

    def is_going_on(self, at: datetime) -> bool:
        """Whether the visit lasts; a clock that was set back ends it rather than lengthen it."""
        return self.began_at <= at < self.lapses_at


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A code as it is kept: a keyed hash, for whom, until when, and how often it was tried."""

    id: str
    presence: str
    practitioner: PractitionerId
    asked_about: bytes
    code: bytes
    contact: bytes | None
    created_at: datetime
    expires_at: datetime
    tries: int = 0
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ConfirmationRequest:
    """A request that somebody else says it is them; `answer` once somebody did."""

    id: str
    presence: PresenceBegun
    way: Way
    asked_at: datetime
    lapses_at: datetime
    answer: ConfirmingAnswer | None = None

    @property
    def reference(self) -> str:
        """What the two say to each other, to mean the same one: six characters."""
        return self.id.replace("-", "")[-6:].upper()

    def is_open(self, at: datetime) -> bool:
        """Whether it may still be answered."""
        is_in_time = self.asked_at <= at < self.lapses_at
        return self.answer is None and is_in_time and self.presence.is_going_on(at)


@dataclass(frozen=True, slots=True)
class ConfirmedPresence:
    """What was confirmed of a presence, and by which relationships it opens, until when at most."""

    presence: str
    person: PersonId
    relationships: tuple[str, ...]
    confirmed_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, repr=False)
class Sheet:
    """What was written while nobody had confirmed who it was about: content, so it is sealed.

    `refused` is what they say no to; that alone counts at once.
    """

    name: str = ""
    date_of_birth: str = ""
    story: str = ""
    needs: str = ""
    proposed: str = ""
    refused: frozenset[Category] = frozenset()

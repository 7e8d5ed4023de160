"""Access of one person to their own page, as it stands; its codes and its sessions."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import LabelledCode

IDLE = timedelta(minutes=15)
WHOLE = timedelta(hours=8)
BY_PROVIDER = "provider"
"""The warrant of an access that a provider's proof of identity gave: no contact signs in to it."""
FRESH = timedelta(minutes=5)
"""How long a code that was typed lets somebody decide."""


class AccessStanding(StrEnum):
    """How an access stands. One that was `given` is used within the visit, or never was."""

    GIVEN = "given"
    USED = "used"
    ENDED = "ended"


class AccessEnd(LabelledCode):
    """Why an access ended."""

    BY_THEMSELVES = "by-themselves", "They turned it off"
    BY_WORKER = "by-worker", "Somebody who works with them turned it off"
    GIVEN_AGAIN = "given-again", "It was given again"
    BY_TWO = "by-two", "Two people who work with families turned it off"
    CONTACT_LOST = "contact-lost", "They said that they have that telephone or address no more"


class WhyNoAccess(StrEnum):
    """Why there is none, or no way in: for the ledger alone."""

    FOREIGN = "is-somebody-elses"
    NOT_CONFIRMED = "is-not-confirmed"
    NOT_ALONE = "was-not-alone"
    NOT_SAFE = "is-not-safe"
    NOT_KNOWN = "is-not-known"
    NO_CONTACT = "no-contact"
    SHARED = "is-shared"
    PROTECTED = "is-protected"
    TOO_YOUNG = "is-too-young"
    NO_BIRTH = "birth-is-not-held"
    OFF = "is-off"
    ENDED = "has-ended"
    FAILED = "row-failed"
    WRONG = "is-wrong"
    EXPIRED = "has-expired"
    USED = "was-used"
    VOID = "is-void"
    LIMITED = "too-many"


@dataclass(frozen=True, slots=True)
class SafetyAnswers:
    """What the person said when they were asked alone, and by whom else it could be seen."""

    nobody_else_uses_it: bool
    safe_to_send: bool
    nobody_makes_them_show: bool

    @property
    def is_safe(self) -> bool:
        """Whether nothing of it speaks against a page online."""
        return self.nobody_else_uses_it and self.safe_to_send and self.nobody_makes_them_show


@dataclass(frozen=True, slots=True)
class FamilyAccess:
    """One state of one access. `contact` is the keyed hash of what signs in; no value is kept.

    `agency` is that of the worker who gave it: what only that agency tells makes nobody a parent.
    """

    id: str
    state: int
    person: PersonId
    contact: bytes
    standing: AccessStanding
    given_by: PractitionerId
    agency: str
    warrant: str
    presence: str
    known_at: datetime
    lapses_at: datetime | None = None
    because: str = ""

    @property
    def actor(self) -> str:
        """How the ledger names who acts by it."""
        return f"family:{self.id}"

    @property
    def is_by_provider(self) -> bool:
        """Whether a provider signs in to it, and `contact` is the keyed hash of who they are there.

        Nobody's agency gave it then: `agency` is empty.
        """
        return self.warrant == BY_PROVIDER

    def is_on(self, at: datetime) -> bool:
        """Whether it may be used at that moment."""
        match self.standing:
            case AccessStanding.USED:
                return True
            case AccessStanding.GIVEN:
                return self.lapses_at is not None and self.known_at <= at < self.lapses_at
            case AccessStanding.ENDED:
                return False


class CodeFor(StrEnum):
    """What a code is for; one for one thing is worth nothing for another."""

    SIGN_IN = "sign-in"
    DECIDE = "decide"


@dataclass(frozen=True, slots=True)
class FamilyCode:
    """A code as it is kept. `asked` is a keyed hash of the browser's secret or of the session."""

    id: str
    asked: bytes
    use: CodeFor
    code: bytes
    access: str | None
    person: PersonId | None
    created_at: datetime
    expires_at: datetime
    tries: int = 0
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True, repr=False)
class FamilySession:
    """Somebody who is signed in. `code_at` is when they last typed a code."""

    id: str
    access: FamilyAccess
    code_at: datetime
    csrf_secret: bytes = field(repr=False)

    @property
    def person(self) -> PersonId:
        """Who it is."""
        return self.access.person

    @property
    def actor(self) -> str:
        """How the ledger names them."""
        return self.access.actor

    def is_fresh(self, at: datetime) -> bool:
        """Whether they typed a code within the last minutes."""
        return self.code_at <= at < self.code_at + FRESH

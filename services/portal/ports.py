"""What the pages ask of the rest of the service. Implemented in services.bootstrap."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Category, Purpose
from services.people.practitioners.people import SignedInPractitioner, SubjectEntry
from services.portal.decisions.ports import (
    DecisionForm,
    DecisionServices,
    DecisionSummary,
    DueForReview,
    HowDecided,
    ObjectionForm,
    ReceiptServices,
    RecordedDecision,
)
from services.portal.story.ports import StoryServices, ToldStory
from services.portal.who_is_who.ports import StewardServices
from services.profile.model import Profile, ProfileRefused

__all__ = [
    "DecisionForm",
    "DecisionServices",
    "DecisionSummary",
    "DueForReview",
    "FamilySummary",
    "HowDecided",
    "Look",
    "ObjectionForm",
    "PortalServices",
    "RecordedDecision",
    "Session",
    "SignedInPractitioner",
    "SubjectEntry",
    "ToldStory",
]


@dataclass(frozen=True, slots=True, repr=False)
class FamilySummary:
    """A line of "My families": the child, with a name where this practitioner may see one."""

    person: PersonId
    name: str | None
    date_of_birth: str | None
    because: str


@dataclass(frozen=True, slots=True)
class Look:
    """One reading of the profile, permitted or refused; `through` a partner's screens, if so."""

    at: datetime
    practitioner_name: str
    agency_name: str
    purpose: str
    permitted: bool
    categories: tuple[Category, ...]
    through: str | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in session, a row in the database; `csrf_secret` binds forms to it."""

    practitioner: SignedInPractitioner
    csrf_secret: bytes
    signed_in_at: datetime


class PortalServices(DecisionServices, ReceiptServices, StoryServices, StewardServices, Protocol):
    """Each call is one transaction that holds its ledger entries; they are durable on return.

    Raises errors.ServiceUnavailableError when the ledger or the database cannot be written: then
    nothing is shown.
    """

    def now(self) -> datetime:
        """Tell the time by the service's Clock, aware, UTC; no transaction."""

    def demonstration_people(self) -> Sequence[SignedInPractitioner]:
        """Whom one may sign in as; empty unless this is the demonstration."""

    def sign_in(self, practitioner: PractitionerId) -> str | None:
        """Open a session; its secret for the cookie, or None if there is no such practitioner."""

    def session(self, secret: str) -> Session | None:
        """Give the session behind a cookie, while it lasts."""

    def sign_out(self, secret: str) -> None:
        """End the session at once."""

    def my_families(self, who: SignedInPractitioner) -> Sequence[FamilySummary]:
        """Children with whom the practitioner has a legitimate relationship, youngest first."""

    def find_family(self, who: SignedInPractitioner, subject: SubjectEntry) -> PersonId | None:
        """Find whose identifier it is, if known and not protected; the search is recorded."""

    def read_profile(
        self, who: SignedInPractitioner, person: PersonId, purpose: Purpose
    ) -> Profile | ProfileRefused:
        """One family as the practitioner may see it; the look, or its refusal, is recorded."""

    def who_has_looked(
        self, who: SignedInPractitioner, person: PersonId
    ) -> Sequence[Look] | ProfileRefused:
        """Every look at this family, newest first."""

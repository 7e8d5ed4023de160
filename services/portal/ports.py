"""What the pages ask of the rest of the service. Implemented in services.bootstrap."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from consent.lawfulness import Basis
from consent.model import DeciderKind, Response
from schemas.identifiers import DecisionId, PersonId, PractitionerId
from schemas.vocabulary import Category, IdentifierScheme, Purpose, Role, Source
from services.aggregation.profile import Profile, ProfileRefused


@dataclass(frozen=True, slots=True)
class SignedInPractitioner:
    """Who is looking. `agency_kind` is a Source code; `purpose` is what they usually look for."""

    id: PractitionerId
    name: str
    role: Role
    job_title: str
    agency_code: str
    agency_name: str
    agency_kind: Source
    purpose: Purpose


@dataclass(frozen=True, slots=True, repr=False)
class FamilySummary:
    """A line of "My families": the child, with a name where this practitioner may see one."""

    person: PersonId
    name: str | None
    date_of_birth: str | None
    because: str


@dataclass(frozen=True, slots=True, repr=False)
class SubjectEntry:
    """A person as somebody writes them on a form: one identifier, and a date of birth."""

    scheme: IdentifierScheme
    value: str
    date_of_birth: date


@dataclass(frozen=True, slots=True, repr=False)
class DecisionForm:
    """A sharing decision as it is recorded on a page. `recipients` as in consent.model."""

    subjects: tuple[PersonId | SubjectEntry, ...]
    response: Response
    categories: frozenset[Category]
    purposes: frozenset[Purpose]
    recipients: frozenset[str]
    sources: frozenset[Source]
    basis: Basis
    decider_kind: DeciderKind
    decider_reference: str
    until: date | None
    existence_may_be_shown: bool = False


@dataclass(frozen=True, slots=True)
class RecordedDecision:
    """Receipt for a decision: its id and version and the ledger entry that proves it."""

    decision_id: DecisionId
    version: int
    ledger_entry: str
    subjects: tuple[PersonId, ...]


@dataclass(frozen=True, slots=True)
class DecisionSummary:
    """A decision as the consent page lists it; `state` is in-force, withdrawn, expired, invalid."""

    decision_id: DecisionId
    response: Response
    basis: Basis
    categories: tuple[Category, ...]
    purposes: tuple[Purpose, ...]
    recipients: tuple[str, ...]
    sources: tuple[Source, ...]
    decider_kind: DeciderKind
    decider_reference: str
    decided_at: datetime
    until: datetime | None
    withdrawn_at: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class Look:
    """One reading of the profile, permitted or refused."""

    at: datetime
    practitioner_name: str
    agency_name: str
    purpose: str
    permitted: bool
    categories: tuple[Category, ...]


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in session, a row in the database; `csrf_secret` binds forms to it."""

    practitioner: SignedInPractitioner
    csrf_secret: bytes
    signed_in_at: datetime


class PortalServices(Protocol):
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

    def claim_family_present(self, who: SignedInPractitioner, person: PersonId) -> None:
        """Record that the family is with the practitioner now: a relationship for an hour."""

    def record_decision(self, who: SignedInPractitioner, form: DecisionForm) -> RecordedDecision:
        """Record what was decided. Raises DecisionInvalidError naming the field."""

    def decisions(
        self, who: SignedInPractitioner, person: PersonId
    ) -> Sequence[DecisionSummary] | ProfileRefused:
        """All decisions about the person, newest first, for those with a relationship."""

    def withdraw_decision(
        self, who: SignedInPractitioner, decision: DecisionId
    ) -> RecordedDecision | ProfileRefused:
        """Withdraw from now on; in force for the very next page."""

    def add_story(
        self, who: SignedInPractitioner, person: PersonId, *, text: str, told_by: str
    ) -> ProfileRefused | None:
        """Write down what the family said; shared as the family's decisions about its story say."""

    def who_has_looked(
        self, who: SignedInPractitioner, person: PersonId
    ) -> Sequence[Look] | ProfileRefused:
        """Every look at this family, newest first."""
